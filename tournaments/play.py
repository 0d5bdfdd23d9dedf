"""A stage in play: the engine's state, and the match rows it is written to.

The state is a fold of the stage's spec and its results. Folding 4,096
entrants for each result would be waste, so each process keeps the last state
it saw and uses it only when the stage row, which is locked, still has the
revision it was kept with.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

import brackets
from app.kernel.db import Row, Transaction
from app.kernel.errors import NotFound
from tournaments.tables import Entrant, Match, Result, Stage, Tournament


class Play:
    """One locked stage. Change it through `state`, then `save` what changed."""

    def __init__(self, tx: Transaction, stage: Row, state: brackets.Stage) -> None:
        self._tx = tx
        self.stage = stage
        self.state = state
        self.changed: dict[str, None] = {}

    @property
    def tournament(self) -> int:
        return int(self.stage["tournament"])

    def apply(self, key: str, outcome: brackets.Outcome) -> None:
        self._note(self.state.apply(key, outcome))

    def undo(self, key: str) -> list[str]:
        """Take a result back, and those that followed from it; all their keys."""
        gone = [*self.state.affected(key), key]
        self._note(self.state.undo(key, cascade=True))
        return gone

    def _note(self, keys: Iterable[str]) -> None:
        self.changed |= dict.fromkeys(keys)

    async def save(self, *, now: datetime) -> list[int]:
        """Write the changed matches and raise the revisions; their row ids."""
        ids = await write_matches(self.stage["id"], self.state, self.changed, now=now)
        await self.touch(now=now)
        self.changed.clear()
        return ids

    async def touch(self, *, now: datetime) -> None:
        """Raise the revisions of stage and tournament, and finish it when all is played."""
        revision = self.stage["revision"] + 1
        await Stage.update({Stage.revision: revision}).where(Stage.id == self.stage["id"])
        await _move_tournament(self.tournament, complete=self.state.complete, now=now)
        self.stage["revision"] = revision
        self._tx.committed.append(self._remember)

    def _remember(self) -> None:
        self._tx.memory["stage", self.stage["id"]] = (self.stage["revision"], self.state)


async def open_play(tx: Transaction, stage_id: int) -> Play:
    """Lock the stage and bring its state up to date."""
    stage = await tx.lock(Stage, stage_id)
    if stage is None:
        raise NotFound
    revision, state = tx.memory.pop(("stage", stage_id), (-1, None))
    if state is None or revision != stage["revision"]:
        state = await replay(stage)
    return Play(tx, stage, state)


async def replay(stage: Row) -> brackets.Stage:
    """The stage's state from nothing but its spec and its results."""
    rows = await Result.select(
        Result.match.key.as_alias("key"),
        Result.kind,
        Result.winner,
        Result.score_a,
        Result.score_b,
    ).where((Result.stage == stage["id"]) & Result.voided_at.is_null())
    return brackets.fold(spec_of(stage), {row["key"]: outcome_of(row) for row in rows})


def spec_of(stage: Row) -> brackets.Spec:
    return msgspec.json.decode(stage["spec"], type=brackets.Spec)


def outcome_of(result: Row) -> brackets.Outcome:
    score = None
    if result["score_a"] is not None and result["score_b"] is not None:
        score = (result["score_a"], result["score_b"])
    return brackets.Outcome(winner=result["winner"], kind=result["kind"], score=score)


async def _move_tournament(tournament: int, *, complete: bool, now: datetime) -> None:
    state = "finished" if complete else "running"
    await Tournament.update(
        {
            Tournament.revision: Tournament.revision + 1,
            Tournament.state: state,
            Tournament.finished_at: now if complete else None,
        }
    ).where((Tournament.id == tournament) & (Tournament.state.is_in(["running", "finished"])))


async def write_matches(
    stage: int, state: brackets.Stage, keys: Iterable[str], *, now: datetime
) -> list[int]:
    """Bring these match rows up to the engine's state."""
    views = {key: state.match(key) for key in keys}
    entrants = await entrants_by_seed(
        stage, {slot.seed for view in views.values() for slot in view.slots if slot.seed}
    )
    rows = await Match.select(Match.id, Match.key, Match.state, Match.ready_at).where(
        (Match.stage == stage) & Match.key.is_in(list(views))
    )
    for row in rows:
        columns = match_columns(views[row["key"]], entrants)
        if columns["state"] == "ready" and row["state"] != "ready":
            columns["ready_at"] = now
        await Match.update({getattr(Match, name): value for name, value in columns.items()}).where(
            Match.id == row["id"]
        )
    return [row["id"] for row in rows]


def match_columns(view: brackets.Match, entrants: dict[int, int]) -> Row:
    """What the engine decides of a match row."""
    a, b = view.slots
    columns: Row = {
        "state": view.state,
        "entrant_a": entrants.get(a.seed) if a.seed else None,
        "entrant_b": entrants.get(b.seed) if b.seed else None,
        "winner": None,
        "outcome": None,
        "score_a": None,
        "score_b": None,
        "decided_at": None,
        "source": None,
        "flag": "",
    }
    if view.winner is not None:
        columns["winner"] = 0 if view.winner == a.seed else 1
    if view.outcome is not None:
        columns["outcome"] = view.outcome.kind
        columns["score_a"], columns["score_b"] = view.outcome.score or (None, None)
    return columns


async def entrants_by_seed(stage: int, seeds: set[int]) -> dict[int, int]:
    """Seed to entrant id, in the stage's tournament."""
    if not seeds:
        return {}
    row = await Stage.select(Stage.tournament).where(Stage.id == stage).first()
    if row is None:
        raise NotFound
    rows = await Entrant.select(Entrant.id, Entrant.seed).where(
        (Entrant.tournament == row["tournament"]) & Entrant.seed.is_in(sorted(seeds))
    )
    return {row["seed"]: row["id"] for row in rows}
