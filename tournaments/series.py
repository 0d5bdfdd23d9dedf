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
    """The standing; `counted` games made it, later ones are beyond its end.

    Over without a winner, it is a draw.
    """

    score: tuple[int, int]
    winner: Side | None
    counted: int
    over: bool


def needed(best_of: int) -> int:
    """Games that win a best-of-n: 1 of 1, 2 of 2, 2 of 3, 3 of 5."""
    return best_of // 2 + 1


def fold_series(best_of: int, games: Iterable[Played], head_start: int = 0) -> Series:
    """The score after these games, in whatever order they were delivered.

    Side 0 begins with `head_start` games, which count as played.
    """
    score = [head_start, 0]
    for counted, game in enumerate(sorted(games), start=1):
        score[game.winner] += 1
        won = score[game.winner] == needed(best_of)
        if won or sum(score) == best_of:
            return Series((score[0], score[1]), game.winner if won else None, counted, over=True)
    return Series((score[0], score[1]), None, sum(score) - head_start, over=False)


def is_final_score(best_of: int, score: tuple[int, int], head_start: int = 0) -> bool:
    """Whether a series can end with this score; an even one also with a draw."""
    if score[0] < head_start:
        return False
    high, low = max(score), min(score)
    if high == low:
        return best_of % 2 == 0 and 2 * high == best_of
    return high == needed(best_of) and 0 <= low < high and high + low <= best_of


def winner_of(score: tuple[int, int]) -> Side | None:
    """The side with more games; None for a draw."""
    if score[0] == score[1]:
        return None
    return 1 if score[1] > score[0] else 0
