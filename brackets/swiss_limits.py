"""Swiss with limits, as Counter-Strike Majors play it: so many wins and you are
through, so many losses and you are out.

Only equal records meet, in the order of difficulty (wins minus losses of the
opponents met so far, as they stand now), then initial seed. The rules differ
by year: see `valve_groups`. A match that can put somebody through or out is a
decider (best of 3 unless the spec says otherwise).

Where Valve's text is silent: when a record has an odd number, its lowest
placed moves down and is paired first in the next record; the last one left
over rests, which counts as a win. An entrant that leaves is not paired again,
and its opponents keep what they have, difficulty included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from brackets.errors import require_between
from brackets.graph import Graph
from brackets.model import Options, Spec
from brackets.round import Reason, Round, checked_by_hand
from brackets.table import Table, table
from brackets.tie_breaks import difficulty
from brackets.valve_groups import first_round, pair_group

if TYPE_CHECKING:
    from brackets.stage import Stage

RECORD = ("wins", "losses")
"""What ranks before any tie-break: more wins, then fewer losses."""
SMALLEST, LARGEST = 2, 1_024
MOST_LIMIT = 10
DECIDER = 3


def plan(spec: Spec) -> Graph:
    """An empty graph with everybody in one table; rounds come as they are paired."""
    options = spec.options
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    require_between("wins", options.wins, 1, MOST_LIMIT)
    require_between("losses", options.losses, 1, MOST_LIMIT)
    graph = Graph()
    graph.groups = [list(range(1, spec.entrants + 1))]
    return graph


def rounds_of(spec: Spec) -> int:
    """How many rounds there can be: one loss short of out, one win short of through, and one."""
    return spec.options.wins + spec.options.losses - 1


def next_round(stage: Stage, by_hand: Sequence[tuple[int, int]] | None) -> Round | None:
    """The next round, or None when everybody is through, out or gone."""
    number = len(stage.rounds) + 1
    options = stage.spec.options
    lines = table(stage.entrants, stage.meetings, options.points)
    playing = [
        seed
        for seed in stage.entrants
        if stage.removed.get(seed, number) >= number and not _done(lines, seed, options)
    ]
    if not playing:
        return None
    if by_hand is not None:
        by_hand, bye = checked_by_hand(by_hand, playing)
        pairs = list(by_hand)
        reasons = [Reason("by_hand", {})] * len(pairs)
    elif number == 1:
        pairs, bye, reasons = first_round(playing, options.rules)
    else:
        pairs, bye, reasons = _by_record(stage, lines, playing)
    lengths = tuple(_length(lines, pair, options, number) for pair in pairs)
    return Round(
        tuple(pairs), bye, lengths, (*reasons, *([Reason("swiss_bye", {})] if bye else []))
    )


def _done(lines: Table, seed: int, options: Options) -> bool:
    return lines[seed].wins >= options.wins or lines[seed].losses >= options.losses


def _length(lines: Table, pair: tuple[int, int], options: Options, number: int) -> int:
    decides = any(
        lines[seed].wins + 1 == options.wins or lines[seed].losses + 1 == options.losses
        for seed in pair
    )
    named = options.round_best_of
    if decides:
        return named.get("decider", named.get(f"swiss:{number}", max(DECIDER, options.best_of)))
    return named.get(f"swiss:{number}", options.best_of)


def _by_record(
    stage: Stage, lines: Table, playing: list[int]
) -> tuple[list[tuple[int, int]], int | None, list[Reason]]:
    met = {frozenset((each.a, each.b)) for each in stage.meetings if each.b is not None}
    rested = {each.a for each in stage.meetings if each.b is None}
    records = sorted({_record(lines, seed) for seed in playing})
    pairs: list[tuple[int, int]] = []
    reasons: list[Reason] = []
    moved: list[int] = []
    for record in records:
        group = [seed for seed in playing if _record(lines, seed) == record]
        group.sort(key=lambda seed: (-difficulty(lines, seed), seed))
        group, moved = _even([*moved, *group], rested)
        made, why = pair_group(group, met, stage.spec.options.rules)
        pairs += made
        numbers: dict[str, str | int | float] = {"record": f"{-record[0]}-{record[1]}"}
        reasons += [Reason(each.code, numbers | each.numbers) for each in why]
    return pairs, moved[0] if moved else None, reasons


def _record(lines: Table, seed: int) -> tuple[int, int]:
    return -lines[seed].wins, lines[seed].losses


def _even(group: list[int], rested: set[int]) -> tuple[list[int], list[int]]:
    """The group without the one that moves down when the number is odd.

    It is the lowest placed; who has rested stays, lest it rest twice.
    """
    if len(group) % 2 == 0:
        return group, []
    last = next((seed for seed in reversed(group) if seed not in rested), group[-1])
    return [seed for seed in group if seed != last], [last]
