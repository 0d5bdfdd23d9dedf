"""A published list of teams, as an organiser pastes it.

A table in Markdown, as Valve publishes its standings (place, points, team, and
whatever follows), or one team a line, the best first, with or without its points
after a tab, a semicolon or a comma.
"""

import re
from typing import NamedTuple

from app.kernel.text.names import clean, skeleton
from brackets.seed_orders import Rating

POINTS = re.compile(r"(.+?)\s*[\t;,]\s*(\d{1,7}(?:\.\d{1,3})?)")
NUMBERED = re.compile(r"\d{1,4}[.)]\s+")


class Listed(NamedTuple):
    """One line: the team as printed, and where it stands."""

    name: str
    rating: Rating


def read(text: str) -> list[Listed]:
    """The lines that name a team, in their order; others are left out."""
    tables = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    if tables:
        return [found for line in tables if (found := _of_table(line))]
    lines = [clean_line for line in text.splitlines() if (clean_line := line.strip())]
    listed = [_of_line(line, place) for place, line in enumerate(lines, start=1)]
    # Without points for everybody the order of the lines is all that is said.
    if all(has_points for _, has_points in listed):
        return [each for each, _ in listed]
    return [Listed(each.name, Rating(each.rating.rank, 0)) for each, _ in listed]


def _of_table(line: str) -> Listed | None:
    cells = [clean(cell) for cell in line.strip().strip("|").split("|")]
    if len(cells) < 3 or not cells[0].isdecimal() or not cells[1].isdecimal():
        return None
    if max(map(len, cells[:2])) > 7 or not cells[2]:
        return None
    return Listed(cells[2], Rating(int(cells[0]), float(cells[1])))


def _of_line(line: str, place: int) -> tuple[Listed, bool]:
    line = NUMBERED.sub("", line, count=1)
    if found := POINTS.fullmatch(line):
        return Listed(clean(found[1]), Rating(place, float(found[2]))), True
    return Listed(clean(line), Rating(place, 0)), False


def by_name(listed: list[Listed]) -> tuple[dict[str, Rating], set[str]]:
    """Ratings by the `skeleton` of the name, and those that two lines share."""
    found: dict[str, Rating] = {}
    twice: set[str] = set()
    for each in listed:
        key = skeleton(each.name)
        if key in found:
            twice.add(key)
        found[key] = each.rating
    return found, twice
