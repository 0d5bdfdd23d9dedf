"""Exact matching: everybody gets one partner, at the lowest total cost.

Edmonds' blossom algorithm, as rustworkx has it (`max_weight_matching`).
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

import rustworkx

Edge = tuple[int, int, int]
"""Two places, the lower first, and what it costs to put them together (0 to 2**80)."""
Pairs = list[tuple[int, int]]

LOT_BITS = 32
MASK = 2**64 - 1

EXACT = 32
"""Up to this size the nearest to half against half is searched for exactly."""


def cheapest(size: int, edges: Iterable[Edge]) -> Pairs | None:
    """The cheapest pairs over all places 0 to size - 1; None when some stay alone.

    Each two places at most once among the edges, in any order. Of several as cheap it
    is always the same: lots are drawn, by a hash. Pairs come sorted, the lower place first.
    """
    # A stage is played again from its results: which of equals the solver finds
    # first must not decide, as the next version of it may find another.
    unit = size << LOT_BITS
    listed = [(a, b, cost * unit + _lot(a, b)) for a, b, cost in edges]
    graph = rustworkx.PyGraph()
    graph.add_nodes_from([None] * size)
    graph.add_edges_from(listed)
    dearest = max((cost for _, _, cost in listed), default=0) + 1
    found = rustworkx.max_weight_matching(
        graph, max_cardinality=True, weight_fn=lambda cost: dearest - cost
    )
    if 2 * len(found) < size:
        return None
    return sorted((min(pair), max(pair)) for pair in found)


def _lot(a: int, b: int) -> int:
    """As good as random, below 2**LOT_BITS."""
    mixed = (a << 32 | b) * 0x9E3779B97F4A7C15 & MASK
    return ((mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9 & MASK) >> 64 - LOT_BITS


def fewest_repeats(group: Sequence[int], met: AbstractSet[frozenset[int]]) -> int:
    """How many of its pairs must have met before, however an even group is paired."""
    size = len(group)
    edges = [
        (a, b, int(frozenset((group[a], group[b])) in met)) for a, b in combinations(range(size), 2)
    ]
    costs = {(a, b): cost for a, b, cost in edges}
    return sum(costs[pair] for pair in cheapest(size, edges) or [])


def halves(
    places: Sequence[int], met: Sequence[AbstractSet[int]], *, repeats: bool = False
) -> Pairs | None:
    """The upper half against the lower, first against first, with little change.

    `places` come in their order, an even number; `met` is whom each has met. None
    when only pairs who have met are left, unless `repeats` allows the fewest of them.
    """
    half = len(places) // 2
    upper, lower = places[:half], list(places[half:])
    if len(places) > EXACT:
        _exchange(upper, lower, met)
    pairs = list(zip(upper, lower, strict=True))
    if all(b not in met[a] for a, b in pairs):
        return pairs
    return _nearest(places, met, repeats)


def _exchange(upper: Sequence[int], lower: list[int], met: Sequence[AbstractSet[int]]) -> None:
    """Who would meet again changes opponents with the nearest, rather one lower, if it can."""
    for i, a in enumerate(upper):
        if lower[i] in met[a]:
            near = sorted(range(len(lower)), key=lambda j: abs(2 * (j - i) - 1))
            new = (j for j in near if lower[j] not in met[a] and lower[i] not in met[upper[j]])
            j = next(new, i)
            lower[i], lower[j] = lower[j], lower[i]


def _nearest(places: Sequence[int], met: Sequence[AbstractSet[int]], repeats: bool) -> Pairs | None:
    """In this order: fewest rematches, fewest pairs inside a half, least change."""
    size, half = len(places), len(places) // 2
    edges = []
    for a, b in combinations(range(size), 2):
        again = places[b] in met[places[a]]
        if repeats or not again:
            inside = not a < half <= b
            cost = again * size**6 + inside * size**5 + _change(a, b, size)
            edges.append((a, b, cost))
    found = cheapest(size, edges)
    return found and [(places[a], places[b]) for a, b in found]


def _change(a: int, b: int, size: int) -> int:
    """Squared, so that two near changes are better than one far; then low ones are better."""
    shift = b - a - size // 2
    return shift**2 * size**2 + (size - a if shift else 0)
