"""A table: what every entrant has to show for its matches so far."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from brackets.errors import BadSpec
from brackets.model import Points

MOST_POINTS = 1_000


class Meeting(NamedTuple):
    """One decided match as a table counts it.

    `b` is None for a bye. `winner` is a seed; None is a draw, or, with
    `forfeited`, a match that both have lost.
    """

    a: int
    b: int | None
    winner: int | None
    score: tuple[int, int] | None = None
    forfeited: bool = False


class Line:
    """One entrant's row. Scores count what was played; a bye has none."""

    __slots__ = (
        "byes",
        "draws",
        "losses",
        "met",
        "points",
        "score_against",
        "score_for",
        "seed",
        "wins",
    )

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.points = 0.0
        self.wins = self.draws = self.losses = self.byes = 0
        self.score_for = self.score_against = 0
        # Opponent and what the match gave: 1 won, 0.5 drawn, 0 lost.
        self.met: list[tuple[int, float]] = []


Table = dict[int, Line]


def check_points(points: Points) -> None:
    """`BadSpec` for a match worth more than sums of it stay exact in."""
    for each in (points.win, points.draw, points.loss, points.bye):
        if not abs(each) <= MOST_POINTS:
            raise BadSpec(f"a match is worth at most {MOST_POINTS} points, not {each}")


def table(seeds: Iterable[int], meetings: Iterable[Meeting], points: Points) -> Table:
    """The lines of these entrants; meetings with others are left out."""
    lines = {seed: Line(seed) for seed in seeds}
    for meeting in meetings:
        if meeting.b is None:
            if meeting.a in lines:
                _count_bye(lines[meeting.a], points)
        elif meeting.a in lines and meeting.b in lines:
            score = meeting.score or (0, 0)
            _count(lines[meeting.a], meeting, meeting.b, score, points)
            _count(lines[meeting.b], meeting, meeting.a, score[::-1], points)
    return lines


def places_on_ladder(seeds: Iterable[int], meetings: Iterable[Meeting]) -> dict[int, int]:
    """The place of each of these, from 1, when who wins from below takes the place above."""
    order = sorted(seeds)
    for meeting in meetings:
        loser = meeting.b if meeting.winner == meeting.a else meeting.a
        if meeting.winner in order and loser in order:
            place = order.index(loser)
            if order.index(meeting.winner) > place:
                order.remove(meeting.winner)
                order.insert(place, meeting.winner)
    return {seed: place for place, seed in enumerate(order, start=1)}


def _count_bye(line: Line, points: Points) -> None:
    line.byes += 1
    line.wins += 1
    line.points += points.bye


def _count(
    line: Line, meeting: Meeting, opponent: int, score: Sequence[int], points: Points
) -> None:
    line.score_for += score[0]
    line.score_against += score[1]
    if meeting.winner == line.seed:
        line.wins += 1
        line.points += points.win
        line.met.append((opponent, 1))
    elif meeting.winner is None and not meeting.forfeited:
        line.draws += 1
        line.points += points.draw
        line.met.append((opponent, 0.5))
    else:
        line.losses += 1
        line.points += points.loss
        line.met.append((opponent, 0))
