"""Entrants of one clan, city or the like do not meet in the first round.

Three rules, in this order:

1. As few first-round pairs share a label as there can be, whoever moves.
2. The better seed of each pair, and who has a bye, stays. Only when more entrants
   with a label play than there are pairs, byes change hands: as many as help,
   each time between the two nearest seeds of which one rests and has another
   label, and one plays and has this one.
3. The lower seeds of the pairs change places among each other so that the sum
   of the squares of their ways, in seeds, is the least; of equal sums the one
   that moves the weaker.

Rule 2 costs no clash. Take some of the lower entrants: if two of them differ in
label, each of the upper ones suits one of the two; if all have the label L, the
upper ones without it suit. So (Hall, 1935) only a label can be too much that
more entrants have than there are pairs, with one clash for each of these; and
then nobody without it rests, so that no order has fewer.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from itertools import product

from brackets.assignment import cheapest_columns

Labels = Mapping[int, Hashable]


def keep_apart(
    order: Sequence[int], labels: Labels, first_round: Sequence[tuple[int, int]]
) -> list[int]:
    """The entrants from seed 1 on, moved as little as keeps equal labels apart.

    `order` has the entrants from seed 1 on; `labels` are theirs: who has none,
    or None, may meet anybody. `first_round` are pairs of seeds, no seed in two of
    them; a seed in none has a bye. The time grows with the clashes there are and
    the square of the pairs: 256 entrants of two cities take 0.05 s, 1,024 take 2 s.
    """
    placed = list(order)
    pairs = sorted((max(pair), min(pair)) for pair in first_round)
    _hand_over_byes(placed, labels, pairs)
    seeds = [lower for lower, _ in pairs]
    moving = [placed[seed - 1] for seed in seeds]
    mine = [labels.get(entrant) for entrant in moving]
    above = [labels.get(placed[upper - 1]) for _, upper in pairs]
    for entrant, place in zip(moving, _places(seeds, mine, above), strict=True):
        placed[seeds[place] - 1] = entrant
    return placed


def _places(seeds: list[int], mine: list[Hashable], above: list[Hashable]) -> list[int]:
    """Which of the lower seeds, counted from the best, goes to each who has one."""
    size = len(seeds)
    # Each level outweighs all that the ones below it can add up to.
    of_way = size * size
    of_clash = of_way * (size * max(seeds, default=0) ** 2 + 1)

    @cache
    def costs(row: int) -> list[int]:
        ways = [of_way * (seed - seeds[row]) ** 2 + size - row for seed in seeds]
        ways[row] = 0
        clashes = [of_clash * _clash(mine[row], label) for label in above]
        return [way + clash for way, clash in zip(ways, clashes, strict=True)]

    settled = [not _clash(*both) for both in zip(mine, above, strict=True)]
    return cheapest_columns(costs, settled)


def _clash(one: Hashable, other: Hashable) -> bool:
    return one is not None and one == other


def _hand_over_byes(placed: list[int], labels: Labels, pairs: list[tuple[int, int]]) -> None:
    playing = [seed for pair in pairs for seed in pair]
    label_at = {seed: labels.get(entrant) for seed, entrant in enumerate(placed, start=1)}
    counts = Counter(label_at[seed] for seed in playing if label_at[seed] is not None)
    # No two labels can both be with more than half of those who play.
    for label, count in counts.most_common(1):
        inside = {seed for seed in playing if label_at[seed] == label}
        outside = {seed for seed in label_at.keys() - playing if label_at[seed] != label}
        for _ in range(min(count - len(pairs), len(outside))):
            a, b = min(product(outside, inside), key=_nearest)
            placed[a - 1], placed[b - 1] = placed[b - 1], placed[a - 1]
            outside.remove(a)
            inside.remove(b)


def _nearest(seeds: tuple[int, int]) -> tuple[int, int]:
    """By distance; of equal ones the weaker."""
    return abs(seeds[0] - seeds[1]), -sum(seeds)
