"""Ladder (king of the hill): who beats somebody above takes that place.

The seeds are the first order. A round is a set of challenges, each between two
who are in no other; when the lower one wins, it takes the place of the upper, and
those between move down by one. Challenges are given by hand. In a round without
any, everybody challenges the next one above: places 2 and 4 those at 1 and 3, in
the round after 3 and 5 those at 2 and 4, and so on. So the best of all comes from
any place to the first in as many rounds as there are entrants, which is how many
there are unless the spec says otherwise.

Of challenges in one round that cross, the one listed first moves first. Who leaves
gives up its place, and everybody below moves up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from brackets.errors import require_between
from brackets.graph import Graph, best_of
from brackets.model import Spec
from brackets.round import Reason, Round, left_out
from brackets.table import places_on_ladder

if TYPE_CHECKING:
    from brackets.stage import Stage

RECORD = ("ladder",)
"""What ranks before any tie-break, and leaves no tie."""
SMALLEST, LARGEST = 2, 256
MOST_ROUNDS = 256


def plan(spec: Spec) -> Graph:
    """An empty graph with everybody on one ladder; rounds come as they are challenged."""
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    require_between("rounds", rounds_of(spec), 1, MOST_ROUNDS)
    graph = Graph()
    graph.groups = [list(range(1, spec.entrants + 1))]
    return graph


def rounds_of(spec: Spec) -> int:
    """How many rounds; unless asked for, as many as there are entrants."""
    return spec.entrants if spec.options.rounds is None else spec.options.rounds


def next_round(stage: Stage, by_hand: Sequence[tuple[int, int]] | None) -> Round | None:
    """The next challenges, or None when all rounds are played or nobody is left to challenge."""
    number = len(stage.rounds) + 1
    playing = [seed for seed in stage.entrants if stage.removed.get(seed, number) >= number]
    if number > rounds_of(stage.spec) or len(playing) < 2:
        return None
    left_out(by_hand or (), playing)
    place = places_on_ladder(playing, stage.meetings)
    pairs = [(a, b) if place[a] < place[b] else (b, a) for a, b in by_hand or ()]
    pairs = pairs or _next_above(sorted(playing, key=place.__getitem__), number)
    length = best_of(stage.spec.options, "ladder", number)
    reasons = [Reason("challenge", {"a": place[a], "b": place[b]}) for a, b in pairs]
    return Round(tuple(pairs), None, (length,) * len(pairs), tuple(reasons))


def _next_above(order: Sequence[int], number: int) -> list[tuple[int, int]]:
    """Neighbours on the ladder, from the first place in odd rounds, else from the second."""
    first = (number - 1) % 2 if len(order) > 2 else 0
    return list(zip(order[first::2], order[first + 1 :: 2], strict=False))
