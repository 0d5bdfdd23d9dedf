"""One Swiss round: who meets whom.

In this order: nobody twice in the round; a bye only when the number is odd, for
somebody who had none; as few rematches as there must be; the bye as low as that
allows; the smallest total difference in score; and inside a score group (with
those who come down to it, as its first) the upper half against the lower half,
as near as that goes. Who goes down is as low in its group as can be.

The smallest difference is exact, for three reasons.

1. The gaps between neighbours (the first and second, the third and fourth ...)
   bound every pairing from below. With one pair given they bound all pairings
   that have it; so a pairing found no dearer than a limit, among pairs whose
   bound is within it, is the cheapest of all.
2. A score group in which everybody has many new opponents (Dirac: half of the
   group or more) can be paired whoever joins or leaves it. So it parts those
   above it from those below: each part is solved alone, and may give to this
   group and take from it at will. That bounds the whole from below, and is met
   as soon as the group can really be paired; if not, fewer groups part the others.
3. What costs nothing more, whom a group sends down being settled, is who meets
   whom inside it.
"""

from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations, groupby, pairwise
from math import gcd

import msgspec

from brackets.matching import Edge, Pairs, cheapest, halves

Met = AbstractSet[frozenset[int]]

UNIT = 126_000
"""Thousandths, and whole parts by 2 to 10 and by 16, of a point are exact."""
SPARE = (4, 6, 9, 13, 20, 40)
"""How many more than Dirac asks for a large group must have, at the first try and the next."""
FORCED = "every way to pair them repeats a match, and this one the fewest."


class Pairing(msgspec.Struct, frozen=True):
    """Pairs in the order of the better placed, which comes first in its pair.

    `rematches` are those of the pairs that had met: empty while one can avoid it.
    `reason` is a sentence on the bye and the rematches, empty when there are none.
    """

    pairs: tuple[tuple[int, int], ...]
    bye: int | None
    rematches: tuple[tuple[int, int], ...]
    reason: str


def pair(
    order: Sequence[int],
    scores: Mapping[int, float],
    met: Met,
    had_bye: AbstractSet[int],
) -> Pairing:
    """Pair these entrants, given best first; `scores` (points) fall along the order.

    `met` holds the pairs that have met, each once however often they did, and
    `had_bye` those who had a bye; both may name entrants that are not to be paired.
    """
    if len(order) % 2 == 0:
        return _paired(order, scores, met, None, "")
    byes = [seed for seed in reversed(order) if seed not in had_bye]
    whose = "without an earlier bye" if byes else "for a second time, as everybody had one"
    byes = byes or list(reversed(order))
    text = f"The bye goes to the lowest placed {whose}"
    made = _paired(order, scores, met, byes[0], f"{text}.")
    if not made.rematches:
        return made
    text += ", among those who leave the others the fewest rematches."
    return _paired(order, scores, met, _bye(order, met, byes), text)


def _bye(order: Sequence[int], met: Met, byes: Sequence[int]) -> int:
    """Whose bye leaves the fewest rematches; of those the first in `byes`."""
    size = len(order)
    edges = [
        (a, b, size * (frozenset((order[a], order[b])) in met))
        for a, b in combinations(range(size), 2)
    ]
    edges += [(order.index(seed), size, choice) for choice, seed in enumerate(byes)]
    partners = {b: a for a, b in cheapest(size + 1, edges) or ()}
    return order[partners[size]]


def _paired(
    order: Sequence[int], scores: Mapping[int, float], met: Met, bye: int | None, reason: str
) -> Pairing:
    playing = [seed for seed in order if seed != bye]
    round_ = _Round(playing, scores, met)
    places = round_.without_rematch()
    if places is None:
        places = round_.with_rematches()
        reason = f"{reason[:-1]}; {FORCED}" if reason else FORCED.capitalize()
    pairs = tuple((playing[a], playing[b]) for a, b in places)
    again = tuple(each for each in pairs if frozenset(each) in met)
    return Pairing(pairs, bye, again, reason)


class _Round:
    """Entrants as places in the order, their scores as whole numbers."""

    def __init__(self, order: Sequence[int], scores: Mapping[int, float], met: Met) -> None:
        self.score = _whole([scores[seed] for seed in order])
        self.groups, self.group = _groups(self.score)
        self.met = _by_place(order, met)
        # skipped[i]: the gaps above place i that no pair of neighbours (0 and 1,
        # 2 and 3 ...) has. A pair a < b moves all between by one, so it costs
        # what is skipped between them twice: once for itself, once for them.
        self.skipped = [0]
        for index, (higher, lower) in enumerate(pairwise(self.score)):
            self.skipped.append(self.skipped[-1] + (higher - lower) * (index % 2))

    def without_rematch(self) -> Pairs | None:
        """The best pairing without a rematch; None when there is none."""
        for spare in SPARE:
            large = [group for group in self.groups if self._is_large(group, spare)]
            if large and (pairs := self._tried(large)) is not None:
                return pairs
        return self._tried([])

    def with_rematches(self) -> Pairs:
        """The best pairing with as few rematches as there must be."""
        return self._tried([], repeats=True) or []

    def _is_large(self, group: range, spare: int) -> bool:
        """Whether everybody in it has so many new opponents there that it parts the others."""
        if len(group) < 2 + spare:
            return False
        most = max(sum(other in group for other in self.met[place]) for place in group)
        return len(group) >= 2 * most + 2 + spare

    def _tried(self, large: list[range], *, repeats: bool = False) -> Pairs | None:
        moved = self._moved(large, repeats)
        if moved is None:
            return None
        brackets: list[list[int]] = [[] for _ in self.groups]
        for place, group in enumerate(self.group):
            brackets[moved.get(place, group)].append(place)
        pairs: Pairs = []
        for bracket in brackets:
            made = halves(bracket, self.met, repeats=repeats)
            if made is None:
                return None
            pairs += made
        return sorted(pairs)

    def _moved(self, large: list[range], repeats: bool) -> dict[int, int] | None:
        """Who goes down from its group, and the number of the group it goes to."""
        size = len(self.score)
        moved: dict[int, int] = {}
        for above, below in pairwise([range(0), *large, range(size, size)]):
            part = _Part(self, above, below, repeats)
            pairs = part.cheapest()
            if pairs is None:
                return None
            for a, b in pairs:
                if self.group[a] != self.group[b]:
                    leaving = part.leaving(a, b, moved)
                    if leaving is None:
                        return None
                    moved[leaving] = self.group[b]
        return moved


class _Part:
    """What lies between two large groups, with those of them who may have to join it.

    The places of a large group next to the part stand for any others of it.
    """

    def __init__(self, round_: _Round, above: range, below: range, repeats: bool) -> None:
        self.round, self.above, self.below, self.repeats = round_, above, below, repeats
        self.inner = range(above.stop, below.start)
        # More than all preferences together, and more than all differences.
        self.dear = len(round_.score) ** 3
        self.dearest = self.dear * (sum(round_.score) + 1)

    def cheapest(self) -> Pairs | None:
        """The pairs of the smallest difference.

        None when nothing is free of rematches, or a large group too small for
        all who may have to join the part.
        """
        limit = sum(self.round.score) if self.repeats else 0
        while (reach := self._reach(limit)) is not None:
            pairs = self._within(reach, limit)
            if pairs is None:
                if not self.above and not self.below and limit >= 2 * self.round.skipped[-1]:
                    return None
                limit = max(2, 4 * limit)
            elif (over := self._over(reach, pairs)) <= limit:
                return pairs
            else:
                limit = over
        return None

    def leaving(self, a: int, b: int, moved: Container[int]) -> int | None:
        """Who goes down to b: a, or where that stands for any, the lowest who may."""
        if a in self.inner:
            return a
        old = self.round.met[b] if b in self.inner else ()
        return next((x for x in reversed(self.above) if x not in moved and x not in old), None)

    def _reach(self, limit: int) -> range | None:
        up = self._crossing(self.above.stop, limit)
        down = self._crossing(self.below.start, limit)
        if up > len(self.above) or down > len(self.below):
            return None
        return range(self.inner.start - up, self.inner.stop + down)

    def _crossing(self, border: int, limit: int) -> int:
        """How many pairs at most have one above and one below the border."""
        score = self.round.score
        if border in (0, len(score)):
            return 0
        more = limit // (2 * (score[border - 1] - score[border]))
        return border % 2 + 2 * min(more, (len(self.inner) + 1) // 2)

    def _within(self, reach: range, limit: int) -> Pairs | None:
        found = cheapest(len(reach), self._edges(reach, limit))
        return found and [(reach[a], reach[b]) for a, b in found]

    def _edges(self, reach: range, limit: int) -> Iterator[Edge]:
        skipped, met, inner = self.round.skipped, self.round.met, self.inner
        for a in reach:
            stop = bisect_right(skipped, skipped[a] + limit // 2, a, reach.stop)
            for b in range(a + 1, stop):
                again = b in met[a] and a in inner and b in inner
                if self.repeats or not again:
                    cost = self._cost(a, b) + again * self.dearest
                    yield a - reach.start, b - reach.start, cost

    def _cost(self, a: int, b: int) -> int:
        """The difference; then who goes down is low in its group, and goes to the next."""
        group, score = self.round.group, self.round.score
        if group[a] == group[b]:
            return 0
        lower = self.round.groups[group[a]].stop - 1 - a
        passed = group[b] - group[a] - 1
        # Here only somebody who stands for others may have met b.
        old = b in self.inner and b in self.round.met[a]
        return (score[a] - score[b]) * self.dear + lower + len(score) * (passed + old)

    def _over(self, reach: range, pairs: Pairs) -> int:
        """How much dearer than pairs of neighbours."""
        score = self.round.score
        least = sum(score[a] - score[a + 1] for a in reach[::2])
        return sum(score[a] - score[b] for a, b in pairs) - least


def _whole(scores: Sequence[float]) -> list[int]:
    """Scores above the lowest, in the largest unit that keeps them whole."""
    exact = [round(score * UNIT) for score in scores]
    above = [each - min(exact) for each in exact]
    unit = gcd(*above) or 1
    return [each // unit for each in above]


def _groups(score: list[int]) -> tuple[list[range], list[int]]:
    """The places of each score group, and for each place the number of its group."""
    groups: list[range] = []
    numbers: list[int] = []
    for number, (_, members) in enumerate(groupby(score)):
        first = len(numbers)
        numbers += [number for _ in members]
        groups.append(range(first, len(numbers)))
    return groups, numbers


def _by_place(order: Sequence[int], met: Met) -> list[set[int]]:
    """For each place whom it has met."""
    places = {seed: place for place, seed in enumerate(order)}
    found: list[set[int]] = [set() for _ in order]
    for a, b in met:
        if a in places and b in places:
            found[places[a]].add(places[b])
            found[places[b]].add(places[a])
    return found
