"""Round robin: everybody meets everybody, `legs` times.

Rounds follow the circle method: one entrant stays, the others go round it, so
nobody plays twice in a round and an odd one rests in turn. Sides alternate:
over a leg nobody has one side more than once oftener than the other, and the
next leg turns them round. Several groups are filled by snake.
"""

from brackets.errors import BadSpec, require_between
from brackets.graph import Graph, best_of
from brackets.model import Options, Spec
from brackets.seeding import snake_groups

SMALLEST, LARGEST = 2, 512
LARGEST_GROUP = 64
MOST_LEGS = 8


def plan(spec: Spec) -> Graph:
    """All matches of all groups, round by round."""
    options = spec.options
    require_between("entrants", spec.entrants, SMALLEST, LARGEST)
    require_between("groups", options.groups, 1, spec.entrants // 2)
    require_between("legs", options.legs, 1, MOST_LEGS)
    graph = Graph()
    graph.groups = snake_groups(spec.entrants, options.groups)
    if len(graph.groups[0]) > LARGEST_GROUP:
        raise BadSpec(f"a group has at most {LARGEST_GROUP} entrants; make more groups")
    schedules = [schedule(group, options.legs) for group in graph.groups]
    for round_ in range(max(map(len, schedules))):
        for number, rounds in enumerate(schedules, start=1):
            if round_ < len(rounds):
                _round(graph, options, number, round_ + 1, rounds[round_])
    return graph


def _round(
    graph: Graph, options: Options, group: int, round_: int, pairs: list[tuple[int, int]]
) -> None:
    length = best_of(options, f"group:{group}", round_)
    for position, (a, b) in enumerate(pairs, start=1):
        id_ = f"G{group}.{round_}.{position}"
        graph.put(graph.add(id_, f"group:{group}", round_, position, length), a, b)


def schedule(group: list[int], legs: int = 1) -> list[list[tuple[int, int]]]:
    """The rounds of a group: pairs with the first side first, the best seed's pair first."""
    rounds = []
    for leg in range(legs):
        for number in range(len(group) - 1 + len(group) % 2):
            pairs = _pairs(len(group), number)
            turned = [(b, a) if leg % 2 else (a, b) for a, b in pairs]
            rounds.append(sorted(((group[a], group[b]) for a, b in turned), key=min))
    return rounds


def _pairs(size: int, number: int) -> list[tuple[int, int]]:
    """Round `number` (from 0) of the circle, as places in the group.

    The last place stays; with an odd size nobody sits there and its opponent
    rests. In round r the places i and j meet when i + j = 2r modulo the circle.
    """
    circle = size - 1 + size % 2
    pairs = []
    for step in range(1, (circle + 1) // 2):
        a, b = (number + step) % circle, (number - step) % circle
        # As the circle turns everybody is a once and b once at each step.
        pairs.append((a, b))
    if size % 2 == 0:
        rest = number % circle
        pairs.append((rest, size - 1) if number % 2 else (size - 1, rest))
    return pairs
