"""The tournament engine: pure, typed, exact, usable alone.

`start` makes a stage from its spec, `apply` moves it on, `fold` replays it.
The same spec and outcomes always give the same stage; nothing here asks for
the time, a random number or a database.
"""

from collections.abc import Mapping

from brackets.errors import (
    AlreadyDecided,
    BadOutcome,
    BadSpec,
    BracketError,
    HasSuccessors,
    NotReady,
    UnknownMatch,
)
from brackets.formats import FORMATS, format_of
from brackets.model import (
    Bye,
    LoserOf,
    Match,
    Options,
    Outcome,
    Placements,
    Points,
    Seed,
    Slot,
    Source,
    Spec,
    WinnerOf,
)
from brackets.progress import Pending
from brackets.rebuilding import Rebuilt, rebuild
from brackets.round import Reason, Round
from brackets.stage import Pairings, Stage
from brackets.standings import Standing
from brackets.tie_breaks import Step


def start(spec: Spec) -> Stage:
    """The stage before its first match; byes have advanced already. `BadSpec` if there is none."""
    return Stage(spec, format_of(spec))


def fold(
    spec: Spec,
    outcomes: Mapping[str, Outcome],
    *,
    removed: Mapping[int, int] | None = None,
    pairings: Pairings | None = None,
) -> Stage:
    """The stage after these outcomes, in whatever order they are given.

    `NotReady` when one of them has no match to belong to.
    """
    pending = {id_: Pending(outcome) for id_, outcome in outcomes.items()}
    stage = Stage(spec, format_of(spec), removed=removed, pairings=pairings, pending=pending)
    if pending:
        raise NotReady(f"{next(iter(pending))} cannot have an outcome")
    return stage


__all__ = [
    "FORMATS",
    "AlreadyDecided",
    "BadOutcome",
    "BadSpec",
    "BracketError",
    "Bye",
    "HasSuccessors",
    "LoserOf",
    "Match",
    "NotReady",
    "Options",
    "Outcome",
    "Pairings",
    "Placements",
    "Points",
    "Reason",
    "Rebuilt",
    "Round",
    "Seed",
    "Slot",
    "Source",
    "Spec",
    "Stage",
    "Standing",
    "Step",
    "UnknownMatch",
    "WinnerOf",
    "fold",
    "format_of",
    "rebuild",
    "start",
]
