"""Exact matching: everybody gets one partner, at the lowest total cost."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import rustworkx

Edge = tuple[int, int, int]
"""Two places and what it costs (a whole number, not negative) to put them together."""


def cheapest(size: int, edges: Iterable[Edge]) -> list[tuple[int, int]] | None:
    """The cheapest pairs over all places 0 to size - 1; None when some stay alone.

    Edmonds' blossom algorithm, as rustworkx has it.
    """
    listed = list(edges)
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from([None] * size)
    graph.add_edges_from(listed)
    dearest = max((cost for _, _, cost in listed), default=0) + 1
    found = rustworkx.max_weight_matching(
        graph, max_cardinality=True, weight_fn=lambda cost: dearest - cost
    )
    if 2 * len(found) < size:
        return None
    return sorted((min(pair), max(pair)) for pair in found)


def fewest_repeats(group: Sequence[int], met: AbstractSet[frozenset[int]]) -> int:
    """How many of its pairs must have met before, however an even group is paired."""
    size = len(group)
    edges = [
        (a, b, int(frozenset((group[a], group[b])) in met))
        for a in range(size)
        for b in range(a + 1, size)
    ]
    costs = {(a, b): cost for a, b, cost in edges}
    return sum(costs[pair] for pair in cheapest(size, edges) or [])
