"""A round that was paired after the one before it, and why so."""

from collections.abc import Sequence
from typing import NamedTuple

from brackets.errors import BadSpec


class Reason(NamedTuple):
    """Why two meet, as a code with its numbers; the pages put it into words."""

    code: str
    numbers: dict[str, str | int | float]


class Round(NamedTuple):
    """Pairs in the order of the table, the better placed first; one reason each, the bye's last."""

    pairs: tuple[tuple[int, int], ...]
    bye: int | None
    best_of: tuple[int, ...]
    reasons: tuple[Reason, ...]


def checked_by_hand(
    pairs: Sequence[tuple[int, int]], playing: Sequence[int]
) -> tuple[tuple[tuple[int, int], ...], int | None]:
    """Pairs somebody made, and who is left over; `BadSpec` unless all play once."""
    left = left_out(pairs, playing)
    if len(left) > 1:
        raise BadSpec("a round pairs everybody who plays, and at most one has a bye")
    return tuple(pairs), left[0] if left else None


def left_out(pairs: Sequence[tuple[int, int]], playing: Sequence[int]) -> list[int]:
    """Who of the playing is in none of these pairs; `BadSpec` when somebody is in two."""
    paired = [seed for pair in pairs for seed in pair]
    if len(set(paired)) < len(paired) or not set(paired) <= set(playing):
        raise BadSpec("a round pairs those who play, and each once")
    return [seed for seed in playing if seed not in set(paired)]
