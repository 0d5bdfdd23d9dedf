"""Single elimination: lose once and you are out.

Byes go to the top seeds, one each, and advance at once. The match for third
place is between the losers of the semi-finals; fewer than four entrants have
no two of these, so they have none.
"""

from collections.abc import Sequence

from brackets.errors import BadSpec
from brackets.graph import EMPTY, Graph
from brackets.model import Options, Spec
from brackets.seeding import bracket_order, bracket_size

SMALLEST, LARGEST = 2, 4_096
FEWEST_FOR_THIRD_PLACE = 4


def plan(spec: Spec) -> Graph:
    """The graph of a single-elimination stage; `BadSpec` when there is none."""
    if not SMALLEST <= spec.entrants <= LARGEST:
        raise BadSpec(f"entrants must be {SMALLEST} to {LARGEST}, not {spec.entrants}")
    graph = Graph()
    size = bracket_size(spec.entrants)
    rounds = size.bit_length() - 1
    earlier = _first_round(graph, spec, size, rounds)
    while len(earlier) > 1:
        if len(earlier) == 2 and _has_third_place(spec):
            _third_place(graph, spec.options, earlier)
        earlier = _next_round(graph, spec.options, earlier, rounds)
    return graph


def _has_third_place(spec: Spec) -> bool:
    return spec.options.third_place and spec.entrants >= FEWEST_FOR_THIRD_PLACE


def _first_round(graph: Graph, spec: Spec, size: int, rounds: int) -> list[int]:
    order = bracket_order(size)
    best_of = _best_of(spec.options, 1, rounds)
    made = []
    for position in range(1, size // 2 + 1):
        match = graph.add(f"U1.{position}", "upper", 1, position, best_of)
        graph.first[2 * match] = _seed(order[2 * match], spec.entrants)
        graph.first[2 * match + 1] = _seed(order[2 * match + 1], spec.entrants)
        made.append(match)
    return made


def _seed(seed: int, entrants: int) -> int:
    return seed if seed <= entrants else EMPTY


def _next_round(graph: Graph, options: Options, earlier: Sequence[int], rounds: int) -> list[int]:
    number = graph.rounds[earlier[0]] + 1
    best_of = _best_of(options, number, rounds)
    made = []
    for position in range(1, len(earlier) // 2 + 1):
        match = graph.add(f"U{number}.{position}", "upper", number, position, best_of)
        graph.winner_to[earlier[2 * position - 2]] = 2 * match
        graph.winner_to[earlier[2 * position - 1]] = 2 * match + 1
        made.append(match)
    return made


def _third_place(graph: Graph, options: Options, semi_finals: Sequence[int]) -> None:
    best_of = options.round_best_of.get("third_place", options.best_of)
    match = graph.add("T1.1", "third_place", 1, 1, best_of)
    for side, semi_final in enumerate(semi_finals):
        graph.loser_to[semi_final] = 2 * match + side


def _best_of(options: Options, number: int, rounds: int) -> int:
    named = options.round_best_of
    if number == rounds and "final" in named:
        return named["final"]
    return named.get(f"upper:{number}", options.best_of)


def shared_place(lost_in: int, rounds: int) -> int:
    """The place shared by all who lose in that round: 2, 3, 5, 9 ..."""
    return int(2 ** (rounds - lost_in)) + 1
