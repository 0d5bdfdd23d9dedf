"""A best-of series as a pure fold over its games, in the order they were played."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

Side = Literal[0, 1]


class Played(NamedTuple):
    """One game: when it began, and the side (0 or 1) that won it."""

    started_at: datetime
    winner: Side


class Series(NamedTuple):
    """The standing; `counted` games made it, later ones are beyond its end."""

    score: tuple[int, int]
    winner: Side | None
    counted: int


def needed(best_of: int) -> int:
    """Games that win a best-of-n: 1 of 1, 2 of 3, 3 of 5."""
    return best_of // 2 + 1


def fold_series(best_of: int, games: Iterable[Played]) -> Series:
    """The score after these games, in whatever order they were delivered."""
    score = [0, 0]
    for counted, game in enumerate(sorted(games), start=1):
        score[game.winner] += 1
        if score[game.winner] == needed(best_of):
            return Series((score[0], score[1]), game.winner, counted)
    return Series((score[0], score[1]), None, sum(score))


def is_final_score(best_of: int, score: tuple[int, int]) -> bool:
    """Whether a series can end with this score."""
    high, low = max(score), min(score)
    return high == needed(best_of) and 0 <= low < high


def winner_of(score: tuple[int, int]) -> Side:
    """The side with more games."""
    return 1 if score[1] > score[0] else 0
