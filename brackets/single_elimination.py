"""Single elimination: lose once and you are out.

Byes go to the top seeds, one each, and advance at once. The match for third
place is between the losers of the semi-finals; fewer than four entrants have
no two of these, so they have none.
"""

from brackets.elimination import upper_round
from brackets.errors import require_between
from brackets.graph import Graph, best_of
from brackets.model import Options, Spec
from brackets.seeding import bracket_size

SMALLEST, LARGEST = 2, 4_096
FEWEST_FOR_THIRD_PLACE = 4


NAMES = {1: ("final",), 2: ("semi_finals",)}
"""What rounds of so many matches are called in `round_best_of`."""


def plan(spec: Spec) -> Graph:
    """The graph of a single-elimination stage; `BadSpec` when there is none."""
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    graph = Graph()
    third_place = spec.options.third_place and spec.entrants >= FEWEST_FOR_THIRD_PLACE
    earlier: list[int] = []
    while len(earlier) != 1:
        last_two = len(earlier) == 2
        if last_two and third_place:
            graph.tiers.append(_third_place(graph, spec.options, earlier))
        matches = len(earlier) // 2 or bracket_size(spec.entrants) // 2
        names = NAMES.get(matches, ())
        earlier = upper_round(graph, spec.options, earlier, spec.entrants, *names)
        graph.tiers.append(earlier)
    graph.tiers.reverse()
    return graph


def _third_place(graph: Graph, options: Options, semi_finals: list[int]) -> list[int]:
    length = best_of(options, "third_place", 1, "third_place")
    match = graph.add("T1.1", "third_place", 1, 1, length)
    for side, semi_final in enumerate(semi_finals):
        graph.loser_to[semi_final] = 2 * match + side
    return [match]
