"""The tournament engine: pure, typed, exact, usable alone.

`start` makes a stage from its spec, `apply` moves it on, `fold` replays it.
The same spec and outcomes always give the same stage; nothing here asks for
the time, a random number or a database.
"""

from collections.abc import Mapping

from brackets import single_elimination
from brackets.errors import (
    AlreadyDecided,
    BadOutcome,
    BadSpec,
    BracketError,
    HasSuccessors,
    NotReady,
    UnknownMatch,
)
from brackets.model import (
    Bye,
    LoserOf,
    Match,
    Options,
    Outcome,
    Seed,
    Slot,
    Source,
    Spec,
    WinnerOf,
)
from brackets.stage import Stage

_PLANS = {"single_elimination": single_elimination.plan}


def start(spec: Spec) -> Stage:
    """The stage before its first match; byes have advanced already."""
    if spec.format not in _PLANS:
        raise BadSpec(f"there is no format {spec.format!r}")
    return Stage(spec, _PLANS[spec.format](spec))


def fold(spec: Spec, outcomes: Mapping[str, Outcome]) -> Stage:
    """The stage after these outcomes, in whatever order they are given."""
    stage = start(spec)
    # Play order: what feeds a match comes before it.
    for id_ in sorted(outcomes, key=lambda each: stage.graph.index.get(each, -1)):
        stage.apply(id_, outcomes[id_])
    return stage


__all__ = [
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
    "Seed",
    "Slot",
    "Source",
    "Spec",
    "Stage",
    "UnknownMatch",
    "WinnerOf",
    "fold",
    "start",
]
