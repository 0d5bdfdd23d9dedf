"""Where seeds stand in a bracket, in groups, and in the pairs of a first round."""

from collections.abc import Sequence
from functools import cache

Pairs = list[tuple[int, int]]
"""The better seed first."""


@cache
def bracket_order(size: int) -> tuple[int, ...]:
    """Seeds from top to bottom of a bracket of `size` (a power of two) slots.

    Seeds 1 and 2 can only meet in the final, the top four only from the
    semi-finals, and so on; every first-round pair adds up to size + 1.
    """
    order = [1]
    while len(order) < size:
        top = 2 * len(order) + 1
        order = [seed for each in order for seed in (each, top - each)]
    return tuple(order)


def bracket_size(entrants: int) -> int:
    """The smallest power of two that holds them."""
    return 1 << (entrants - 1).bit_length()


def bracket_pairs(entrants: int) -> Pairs:
    """Who meets in the first round of a bracket, by the better seed; not who has a bye."""
    slots = bracket_size(entrants)
    return [(seed, slots + 1 - seed) for seed in range(slots - entrants + 1, slots // 2 + 1)]


def fold_pairs(seeds: Sequence[int]) -> Pairs:
    """The first against the last, 1 v 16 of 16; the last of an odd number stays out."""
    half = len(seeds) // 2
    return list(zip(seeds[:half], seeds[half : 2 * half][::-1], strict=True))


def half_pairs(seeds: Sequence[int]) -> Pairs:
    """The upper half against the lower, 1 v 9 of 16; the last of an odd number stays out."""
    half = len(seeds) // 2
    return list(zip(seeds[:half], seeds[half : 2 * half], strict=True))


def snake_groups(entrants: int, groups: int) -> list[list[int]]:
    """Seeds dealt to groups back and forth: 1 2 3, then 6 5 4, and so on.

    Sizes differ by at most one, and the first seeds are all in different groups.
    """
    dealt: list[list[int]] = [[] for _ in range(groups)]
    for seed in range(1, entrants + 1):
        row, place = divmod(seed - 1, groups)
        dealt[groups - 1 - place if row % 2 else place].append(seed)
    return dealt
