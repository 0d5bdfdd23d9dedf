"""Who gets which seed: by a published rating, or by a lot that anyone can draw again."""

from collections.abc import Hashable, Mapping, Sequence
from hashlib import sha256
from math import inf
from typing import NamedTuple, TypeVar

Entrant = TypeVar("Entrant", bound=Hashable)


class Rating(NamedTuple):
    """A line of a rating list: the place in it (1 = best, None = not told) and the points."""

    rank: int | None
    points: float


def by_rating(entrants: Sequence[Entrant], ratings: Mapping[Entrant, Rating]) -> list[Entrant]:
    """Entrants best first: most points, then the better place in the list.

    Lists print rounded points, so equal points do not mean an equal rating; the
    place tells. Who is equal in both, and who has no rating, keeps the given
    order; those without a rating come last.
    """
    rated = [each for each in entrants if each in ratings]
    unrated = [each for each in entrants if each not in ratings]
    return sorted(rated, key=lambda each: _best_first(ratings[each])) + unrated


def _best_first(rating: Rating) -> tuple[float, float]:
    return -rating.points, inf if rating.rank is None else rating.rank


def random_order(count: int, seed: str) -> list[int]:
    """The numbers 1 to `count` shuffled by a seed text that is published with the draw.

    Each number is written in decimal after the seed and a colon ("cup-7:12"), the
    SHA-256 of this text in UTF-8 is written in hexadecimal, and the numbers are
    sorted by that, the smallest first. With a shell, for 16 numbers:

        for n in $(seq 16); do
          echo "$(printf %s "cup-7:$n" | sha256sum | cut -c 1-64) $n"
        done | LC_ALL=C sort | cut -c 66-
    """
    return sorted(range(1, count + 1), key=lambda number: _lot(seed, number))


def _lot(seed: str, number: int) -> str:
    return sha256(f"{seed}:{number}".encode()).hexdigest()
