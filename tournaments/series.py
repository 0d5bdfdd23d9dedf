"""A best-of series as a pure fold over its games, in the order they were played."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Side = Literal[0, 1]


class Series(NamedTuple):
    """The standing; `counted` games made it, later ones are beyond its end.

    Over without a winner, it is a draw, unless games were `drawn` on the way to
    an uneven score: then nobody has won it by the rules of a best-of series.
    """

    score: tuple[int, int]
    winner: Side | None
    counted: int
    over: bool
    drawn: int = 0


def needed(best_of: int) -> int:
    """Games that win a best-of-n: 1 of 1, 2 of 2, 2 of 3, 3 of 5."""
    return best_of // 2 + 1


def fold_series(best_of: int, winners: Iterable[Side | None], head_start: int = 0) -> Series:
    """The score after games that these sides won (None: drawn), as they were played.

    Side 0 begins with `head_start` games, which count as played.
    """
    score, drawn, counted = [head_start, 0], 0, 0
    for counted, winner in enumerate(winners, start=1):
        if winner is None:
            drawn += 1
        else:
            score[winner] += 1
        won = winner is not None and score[winner] == needed(best_of)
        if won or sum(score) + drawn == best_of:
            ended = winner if won else None
            return Series((score[0], score[1]), ended, counted, over=True, drawn=drawn)
    return Series((score[0], score[1]), None, counted, over=False, drawn=drawn)


def is_final_score(
    best_of: int, score: tuple[int, int], head_start: int = 0, *, draws: bool = False
) -> bool:
    """Whether a series can end with this score; an even one also with a draw.

    `draws`: the format has them, so that the game of a best of 1 may be drawn.
    """
    if score[0] < head_start:
        return False
    high, low = max(score), min(score)
    if high == low:
        return (best_of % 2 == 0 and 2 * high == best_of) or (draws and best_of == 1 and high == 0)
    return high == needed(best_of) and 0 <= low < high and high + low <= best_of


def winner_of(score: tuple[int, int]) -> Side | None:
    """The side with more games; None for a draw."""
    if score[0] == score[1]:
        return None
    return 1 if score[1] > score[0] else 0
