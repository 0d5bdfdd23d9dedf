"""Swiss for a number of rounds: everybody plays on, against equals.

Each round is paired from the table of the one before: nobody meets twice while
that can be avoided, the total difference in points is as small as it can be,
and nobody rests twice. Accelerated, the upper half starts one point up in the
pairing (not in the table) for the first two rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from brackets.errors import require_between
from brackets.graph import Graph, best_of
from brackets.model import Spec
from brackets.round import Reason, Round, left_out
from brackets.swiss_pairing import Pairing, pair
from brackets.table import table

if TYPE_CHECKING:
    from brackets.stage import Stage

SMALLEST, LARGEST = 2, 4_096
MOST_ROUNDS = 40
ACCELERATED_ROUNDS = 2


def plan(spec: Spec) -> Graph:
    """An empty graph with everybody in one table; rounds come as they are paired."""
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    require_between("rounds", rounds_of(spec), 1, MOST_ROUNDS)
    graph = Graph()
    graph.groups = [list(range(1, spec.entrants + 1))]
    return graph


def rounds_of(spec: Spec) -> int:
    """How many rounds; unless asked for, enough to leave one without a loss."""
    if spec.options.rounds is not None:
        return spec.options.rounds
    return (spec.entrants - 1).bit_length()


def next_round(stage: Stage, by_hand: Sequence[tuple[int, int]] | None) -> Round | None:
    """The next round, or None when all are played or nobody is left to pair."""
    number = len(stage.rounds) + 1
    playing = [seed for seed in stage.entrants if stage.removed.get(seed, number) >= number]
    if number > rounds_of(stage.spec) or len(playing) < 2:
        return None
    by_hand = tuple(by_hand or ())
    made = _paired(stage, left_out(by_hand, playing), number)
    pairs = (*by_hand, *made.pairs)
    length = best_of(stage.spec.options, "swiss", number)
    reasons = _reasons(stage, pairs, len(by_hand), made)
    return Round(pairs, made.bye, (length,) * len(pairs), reasons)


def _paired(stage: Stage, playing: list[int], number: int) -> Pairing:
    """The pairing of these entrants."""
    scores = _scores(stage, number)
    order = sorted(playing, key=lambda seed: (-scores[seed], seed))
    met = {frozenset((each.a, each.b)) for each in stage.meetings if each.b is not None}
    rested = {each.a for each in stage.meetings if each.b is None}
    return pair(order, scores, met, rested)


def _scores(stage: Stage, number: int) -> dict[int, float]:
    lines = table(stage.entrants, stage.meetings, stage.spec.options.points)
    scores = {seed: line.points for seed, line in lines.items()}
    if stage.spec.options.accelerated and number <= ACCELERATED_ROUNDS:
        for seed in range(1, (stage.spec.entrants + 1) // 2 + 1):
            scores[seed] += stage.spec.options.points.win
    return scores


def _reasons(
    stage: Stage, pairs: Sequence[tuple[int, int]], by_hand: int, made: Pairing
) -> tuple[Reason, ...]:
    """Why these meet; the first `by_hand` because somebody wanted so."""
    lines = table(stage.entrants, stage.meetings, stage.spec.options.points)

    def reason(place: int, a: int, b: int) -> Reason:
        numbers: dict[str, str | int | float] = {"a": lines[a].points, "b": lines[b].points}
        if place < by_hand:
            return Reason("by_hand", numbers)
        if (a, b) in made.rematches:
            return Reason("swiss_rematch", numbers)
        same = lines[a].points == lines[b].points
        return Reason("swiss_equal" if same else "swiss_nearest", numbers)

    found = tuple(reason(place, a, b) for place, (a, b) in enumerate(pairs))
    return (*found, Reason("swiss_bye", {})) if made.bye else found
