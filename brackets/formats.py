"""The formats by name: how each is planned, and what else it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from brackets import (
    double_elimination,
    gauntlet,
    gsl,
    ladder,
    round_robin,
    single_elimination,
    swiss,
    swiss_limits,
)
from brackets.errors import BadSpec, require_between
from brackets.graph import Graph
from brackets.model import Options, Spec
from brackets.round import Round
from brackets.table import check_points
from brackets.tie_breaks import check_tie_breaks

if TYPE_CHECKING:
    from brackets.stage import Stage

Pair = Callable[["Stage", "Sequence[tuple[int, int]] | None"], "Round | None"]


class Format(NamedTuple):
    """`pair` makes the next round of a format whose rounds depend on results.

    `tie_breaks` are set for the formats that are ranked in tables, as the
    default order; `record` ranks before any of them. `bracket` is the name of the
    rounds that `pair` makes, `rounds` says how many there can be of them.
    """

    plan: Callable[[Spec], Graph]
    pair: Pair | None = None
    tie_breaks: tuple[str, ...] = ()
    bracket: str = "swiss"
    draws: bool = False
    record: tuple[str, ...] = ()
    rounds: Callable[[Spec], int] = lambda _: 0


FORMATS = {
    "single_elimination": Format(single_elimination.plan),
    "double_elimination": Format(double_elimination.plan),
    "gsl": Format(gsl.plan),
    "gauntlet": Format(gauntlet.plan),
    "ladder": Format(
        ladder.plan,
        ladder.next_round,
        tie_breaks=("initial_seed",),
        bracket="ladder",
        record=ladder.RECORD,
        rounds=ladder.rounds_of,
    ),
    "round_robin": Format(
        round_robin.plan,
        tie_breaks=("points", "head_to_head", "score_difference", "score_for"),
        draws=True,
    ),
    "swiss": Format(
        swiss.plan,
        swiss.next_round,
        tie_breaks=("points", "buchholz_cut_1", "buchholz", "sonneborn_berger"),
        draws=True,
        rounds=swiss.rounds_of,
    ),
    "swiss_limits": Format(
        swiss_limits.plan,
        swiss_limits.next_round,
        tie_breaks=("difficulty", "initial_seed"),
        record=swiss_limits.RECORD,
        rounds=swiss_limits.rounds_of,
    ),
}


LONGEST = 99
"""Games a match can have."""


def format_of(spec: Spec) -> Format:
    """The format of that name, or `BadSpec`, also for options that no format can have."""
    if spec.format not in FORMATS:
        raise BadSpec(f"there is no format {spec.format!r}")
    _check(spec.options)
    return FORMATS[spec.format]


def _check(options: Options) -> None:
    for length in (options.best_of, *options.round_best_of.values()):
        require_between("best_of", length, 1, LONGEST)
    check_points(options.points)
    check_tie_breaks(options.tie_breaks or ())
