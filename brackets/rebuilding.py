"""A stage as it would be if something had been otherwise.

Whatever was entered stays as long as the same two still meet in the same
match; the rest falls. The result says what fell, so that a change can be shown
before it is made.
"""

from collections.abc import Mapping
from typing import NamedTuple

from brackets.errors import UnknownMatch
from brackets.model import Match, Outcome
from brackets.progress import Pending
from brackets.stage import Pairings, Stage


class Rebuilt(NamedTuple):
    """The new stage; whose outcomes fell and who looks different now, in play order.

    `changed` names matches of either stage; some may be only in one of them.
    """

    stage: Stage
    fallen: list[str]
    changed: list[str]


def rebuild(
    stage: Stage,
    *,
    outcomes: Mapping[str, Outcome | None] | None = None,
    removed: Mapping[int, int] | None = None,
    pairings: Pairings | None = None,
) -> Rebuilt:
    """The stage with some outcomes replaced (None: taken back), or other removals or pairings.

    The stage given is not touched. `UnknownMatch` for an outcome without a match.
    """
    pending = _entered(stage)
    for id_, outcome in (outcomes or {}).items():
        view = stage.match(id_)
        pending.pop(id_, None)
        if outcome is not None:
            pending[id_] = Pending(outcome, _between(view))
    before = list(stage.matches)
    new = Stage(
        stage.spec,
        stage.format,
        removed=stage.removed if removed is None else removed,
        pairings=stage.pairings if pairings is None else pairings,
        pending=pending,
    )
    fallen = [view.id for view in before if view.id in pending]
    return Rebuilt(new, fallen, _changed(before, new))


def _entered(stage: Stage) -> dict[str, Pending]:
    return {
        view.id: Pending(view.outcome, _between(view))
        for view in stage.matches
        if view.outcome is not None and not view.given
    }


def _between(view: Match) -> tuple[int, int]:
    a, b = view.seeds
    if a is None or b is None:
        raise UnknownMatch(f"{view.id} has no entrants yet")
    return a, b


def _changed(before: list[Match], new: Stage) -> list[str]:
    old = {view.id: view for view in before}
    now = {view.id: view for view in new.matches}
    return [id_ for id_ in (old | now) if old.get(id_) != now.get(id_)]
