"""One Swiss round: who meets whom.

In this order: nobody twice in the round; as few rematches as there must be; a
bye for somebody who had none, from the lowest score group that leaves the rest
a pairing without a rematch, the lowest placed first; the smallest total
difference in score; and inside a score group the upper half against the lower
half, as near as that goes.

The smallest difference is exact. The sum of the gaps between neighbours in the
order bounds it from below, and so, with one pair given, it bounds every
pairing that has this pair. So only pairs whose bound is within a limit need to
be looked at: a pairing found no dearer than the limit is the cheapest of all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from itertools import groupby, pairwise
from math import lcm

import msgspec

from brackets.matching import Edge, cheapest

Met = AbstractSet[frozenset[int]]

NEAR = 12
"""In a large score group only opponents this near to half the group away are tried first."""
LIMITS = (0, 2, 6)


class Pairing(msgspec.Struct, frozen=True):
    """Pairs in the order of the better placed, which comes first in its pair.

    `rematches` are those of the pairs that had met: empty while one can avoid it.
    """

    pairs: tuple[tuple[int, int], ...]
    bye: int | None
    rematches: tuple[tuple[int, int], ...]
    reason: str = ""


def pair(
    order: Sequence[int], scores: Mapping[int, float], met: Met, rested: AbstractSet[int]
) -> Pairing:
    """Pair these entrants, given best first; `scores` fall along the order.

    `met` holds the pairs that have met, `rested` those who had a bye.
    """
    if len(order) % 2 == 0:
        return _paired(order, scores, met, None)
    for bye in _byes(order, rested):
        rest = [seed for seed in order if seed != bye]
        if (made := _without_rematch(rest, scores, met)) is not None:
            return Pairing(made, bye, ())
    bye = _byes(order, rested)[0]
    return _paired([seed for seed in order if seed != bye], scores, met, bye)


def _byes(order: Sequence[int], rested: AbstractSet[int]) -> list[int]:
    """Who may rest, the first choice first; somebody twice only when all have."""
    return [seed for seed in reversed(order) if seed not in rested] or list(reversed(order))


def _paired(
    order: Sequence[int], scores: Mapping[int, float], met: Met, bye: int | None
) -> Pairing:
    if (made := _without_rematch(order, scores, met)) is not None:
        return Pairing(made, bye, ())
    round_ = _Round(order, scores, met)
    pairs = round_.seeds(round_.with_rematches())
    again = tuple(each for each in pairs if frozenset(each) in met)
    return Pairing(pairs, bye, again, "every pairing repeats a match")


def _without_rematch(
    order: Sequence[int], scores: Mapping[int, float], met: Met
) -> tuple[tuple[int, int], ...] | None:
    round_ = _Round(order, scores, met)
    quick = round_.cheapest(0, NEAR)
    if quick is not None and round_.gap(quick) == round_.least:
        return round_.seeds(quick)
    for limit in (*LIMITS, round_.score[0] * len(order)):
        found = round_.cheapest(limit, len(order))
        if found is not None and round_.gap(found) <= round_.least + limit:
            return round_.seeds(found)
    return None


class _Round:
    """Entrants as places in the order, their scores as whole numbers."""

    def __init__(self, order: Sequence[int], scores: Mapping[int, float], met: Met) -> None:
        self.order = order
        self.score = _whole([scores[seed] for seed in order])
        place = {seed: index for index, seed in enumerate(order)}
        self.met: list[set[int]] = [set() for _ in order]
        for a, b in met:
            if a in place and b in place:
                self.met[place[a]].add(place[b])
                self.met[place[b]].add(place[a])
        # skipped[i]: the gaps above place i that no pair of neighbours (0 and 1,
        # 2 and 3 ...) has. A pair a < b moves all between by one, so it costs
        # what is skipped between them twice: once for itself, once for them.
        self.least, self.skipped = 0, [0]
        for index, (higher, lower) in enumerate(pairwise(self.score)):
            self.least += (higher - lower) * (index % 2 == 0)
            self.skipped.append(self.skipped[-1] + (higher - lower) * (index % 2))
        self.groups = _groups(self.score)

    def cheapest(self, limit: int, near: int) -> list[tuple[int, int]] | None:
        """The cheapest pairing of pairs within the limit; see `_preference` for `near`."""
        return cheapest(len(self.order), self._edges(limit, near))

    def _edges(self, limit: int, near: int) -> Iterator[Edge]:
        size = len(self.order)
        dear = size * size
        for a in range(size):
            furthest = self.skipped[a] + limit // 2
            for b in range(a + 1, size):
                if self.skipped[b] > furthest:
                    break
                preference = self._preference(a, b)
                if preference <= near and b not in self.met[a]:
                    yield a, b, (self.score[a] - self.score[b]) * dear + preference

    def _preference(self, a: int, b: int) -> int:
        """How far this is from what is usual: half a group apart, or the last of the
        upper group against the middle of the lower."""
        first, last = self.groups[a]
        if b < last:
            return abs(b - a - (last - first) // 2)
        below, end = self.groups[b]
        return last - 1 - a + abs(b - (below + end) // 2)

    def with_rematches(self) -> list[tuple[int, int]]:
        """As few rematches as there must be, then the smallest difference."""
        size = len(self.order)
        dear = size * size
        dearest = dear * (self.score[0] + 1) * size
        edges = (
            (
                a,
                b,
                dearest * (b in self.met[a])
                + dear * (self.score[a] - self.score[b])
                + self._preference(a, b),
            )
            for a in range(size)
            for b in range(a + 1, size)
        )
        return cheapest(size, edges) or []

    def gap(self, pairs: Iterable[tuple[int, int]]) -> int:
        return sum(self.score[a] - self.score[b] for a, b in pairs)

    def seeds(self, pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return tuple((self.order[a], self.order[b]) for a, b in pairs)


def _groups(score: list[int]) -> list[tuple[int, int]]:
    """For each place the places from and to (exclusive) of its score group."""
    groups: list[tuple[int, int]] = []
    for _, members in groupby(score):
        first, size = len(groups), len(list(members))
        groups += [(first, first + size)] * size
    return groups


def _whole(scores: Sequence[float]) -> list[int]:
    """Scores times their common denominator."""
    exact = [Fraction(score).limit_denominator(1_000) for score in scores]
    unit = lcm(*(each.denominator for each in exact))
    return [int(each * unit) for each in exact]
