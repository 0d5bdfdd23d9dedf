"""Who is above whom in a table, and why.

Tie-breaks are an ordered list. Each one splits only groups that the ones
before left tied; a tie that the list does not break stays a tie. Adding one
at the end never changes an order that was strict already.

- points, wins: of the table.
- head_to_head: points in the matches among the tied alone, once all of them
  have met; applied again inside every smaller tie it leaves.
- score_difference, score_for: games, rounds or goals, as the scores count them.
- buchholz: the sum of the opponents' points; cut_1 leaves out the lowest one,
  median the lowest and the highest. A bye counts as an opponent with one's own
  points (FIDE C.02.13, the dummy opponent).
- sonneborn_berger: points of the beaten opponents plus half of the drawn ones'.
- difficulty: wins minus losses of all opponents met, as Valve defines it.
- ladder: the place on a ladder, where who beats somebody above takes that place.
- initial_seed: the better seed first.
- coin: SHA-256 of "COIN:SEED", the smaller first; COIN is stored with the stage.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from brackets.errors import BadSpec
from brackets.model import Points
from brackets.table import Line, Meeting, Table, places_on_ladder, table

Value = float | int | str


class Step(NamedTuple):
    """One tie-break at work: whom it was asked about, with what each showed.

    `after` are those still tied with the entrant it is told to.
    """

    tie_break: str
    values: tuple[tuple[int, Value], ...]
    after: tuple[int, ...]


class Ranking(NamedTuple):
    """Tie groups, best first; for each seed its steps and its values."""

    groups: list[list[int]]
    steps: dict[int, list[Step]]
    values: dict[int, dict[str, Value]]


class _Ranker:
    def __init__(
        self, lines: Table, meetings: Sequence[Meeting], points: Points, coin: str
    ) -> None:
        self.lines = lines
        self.meetings = meetings
        self.points = points
        self.coin = coin
        self.steps: dict[int, list[Step]] = {seed: [] for seed in lines}
        self.values: dict[int, dict[str, Value]] = {seed: {} for seed in lines}

    @cached_property
    def ladder(self) -> dict[int, int]:
        return places_on_ladder(self.lines, self.meetings)

    def split(self, group: list[int], tie_break: str) -> list[list[int]]:
        values = VALUES[tie_break](self, group)
        if values is None:
            return [group]
        found: dict[Value, list[int]] = {}
        for seed in group:
            found.setdefault(values[seed], []).append(seed)
            self.values[seed][tie_break] = _shown(tie_break, values[seed])
        parts = [found[value] for value in sorted(found, reverse=tie_break not in LOW_IS_GOOD)]
        shown = tuple((seed, _shown(tie_break, values[seed])) for part in parts for seed in part)
        for part in parts:
            for seed in part:
                self.steps[seed].append(Step(tie_break, shown, tuple(part)))
        if tie_break == "head_to_head" and len(parts) > 1:
            return [each for part in parts for each in self.again(part)]
        return parts

    def again(self, part: list[int]) -> list[list[int]]:
        return self.split(part, "head_to_head") if len(part) > 1 else [part]


def rank(
    seeds: Iterable[int],
    meetings: Sequence[Meeting],
    points: Points,
    tie_breaks: Sequence[str],
    *,
    ranked: Iterable[int] | None = None,
    coin: str = "",
) -> Ranking:
    """Order the entrants, or only `ranked` of them. `BadSpec` for an unknown tie-break."""
    check_tie_breaks(tie_breaks)
    lines = table(seeds, meetings, points)
    ranker = _Ranker(lines, meetings, points, coin)
    first = sorted(lines if ranked is None else ranked)
    groups = [first] if first else []
    for tie_break in tie_breaks:
        groups = [
            part
            for group in groups
            for part in (ranker.split(group, tie_break) if len(group) > 1 else [group])
        ]
    for seed, line in lines.items():
        for tie_break in tie_breaks:
            if tie_break not in ranker.values[seed] and tie_break in OF_A_LINE:
                value = OF_A_LINE[tie_break](ranker, line)
                ranker.values[seed][tie_break] = _shown(tie_break, value)
    return Ranking(groups, ranker.steps, ranker.values)


def check_tie_breaks(names: Sequence[str]) -> None:
    for name in names:
        if name not in VALUES:
            raise BadSpec(f"there is no tie-break {name!r}")
    if len(set(names)) < len(names):
        raise BadSpec("a tie-break is listed twice")


def _shown(tie_break: str, value: Value) -> Value:
    if tie_break == "coin":
        return f"{value:064x}"[:8]
    return int(value) if isinstance(value, float) and value.is_integer() else value


# -- what each one counts --------------------------------------------------


def _opponents(ranker: _Ranker, line: Line) -> list[float]:
    points = [ranker.lines[opponent].points for opponent, _ in line.met]
    return sorted([*points, *[line.points] * line.byes])


def _sonneborn_berger(ranker: _Ranker, line: Line) -> float:
    of_the_met = sum(ranker.lines[opponent].points * gave for opponent, gave in line.met)
    return of_the_met + line.points * line.byes


def difficulty(lines: Table, seed: int) -> int:
    """Wins minus losses of everybody met, as they stand now."""
    met = [lines[opponent] for opponent, _ in lines[seed].met]
    return sum(each.wins - each.losses for each in met)


def _coin(ranker: _Ranker, line: Line) -> int:
    return int(sha256(f"{ranker.coin}:{line.seed}".encode()).hexdigest(), 16)


OF_A_LINE: dict[str, Callable[[_Ranker, Line], float | int]] = {
    "points": lambda _, line: line.points,
    "wins": lambda _, line: line.wins,
    "losses": lambda _, line: line.losses,
    "score_difference": lambda _, line: line.score_for - line.score_against,
    "score_for": lambda _, line: line.score_for,
    "buchholz": lambda ranker, line: sum(_opponents(ranker, line)),
    "buchholz_cut_1": lambda ranker, line: sum(_opponents(ranker, line)[1:]),
    "buchholz_median": lambda ranker, line: sum(_opponents(ranker, line)[1:-1]),
    "sonneborn_berger": _sonneborn_berger,
    "difficulty": lambda ranker, line: difficulty(ranker.lines, line.seed),
    "ladder": lambda ranker, line: ranker.ladder[line.seed],
    "initial_seed": lambda _, line: line.seed,
    "coin": _coin,
}
LOW_IS_GOOD = ("losses", "ladder", "initial_seed", "coin")


def _head_to_head(ranker: _Ranker, group: list[int]) -> dict[int, float] | None:
    among = table(group, ranker.meetings, ranker.points)
    if any(len({opponent for opponent, _ in line.met}) < len(group) - 1 for line in among.values()):
        return None
    return {seed: line.points - ranker.points.bye * line.byes for seed, line in among.items()}


def _of_each(tie_break: str) -> Callable[[_Ranker, list[int]], dict[int, float]]:
    count = OF_A_LINE[tie_break]
    return lambda ranker, group: {seed: count(ranker, ranker.lines[seed]) for seed in group}


VALUES: dict[str, Callable[[_Ranker, list[int]], dict[int, float] | None]] = {
    **{name: _of_each(name) for name in OF_A_LINE},
    "head_to_head": _head_to_head,
}
