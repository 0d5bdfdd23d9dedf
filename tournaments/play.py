"""A stage in play: the engine's state, and the match rows it is written to.

The state is a fold of the stage's spec and its results. Folding 4,096
entrants for each result would be waste, so each process keeps the last state
it saw and uses it only when the stage row, which is locked, still has the
revision it was kept with.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

import brackets
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import NotFound
from brackets.explaining import through_byes
from tournaments.plans import plan_of
from tournaments.tables import (
    LiveGame,
    Match,
    Notice,
    Removal,
    Result,
    Stage,
    StageSeed,
    Tournament,
)

# SQLite takes at most 32,766 parameters in one statement.
ROWS_AT_ONCE = 500


class Play:
    """One locked stage. Change it through its verbs, then `save` what changed."""

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
        """Take a result back, and those that rest on it; all their keys."""
        gone = [*self.state.affected(key), key]
        self._note(self.state.undo(key, cascade=True))
        return gone

    def amend(self, key: str, outcome: brackets.Outcome) -> None:
        self._note(self.state.amend(key, outcome))

    def remove(self, seed: int) -> None:
        self._note(self.state.remove(seed))

    def become(self, made: brackets.Rebuilt) -> None:
        """Go on from a stage that was rebuilt with something otherwise."""
        self.state = made.stage
        self._note(made.changed)

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
        complete = self.state.complete and await is_last(self.stage)
        await _move_tournament(self.tournament, complete=complete, now=now)
        self.stage["revision"] = revision
        self._tx.committed.append(self._remember)

    def _remember(self) -> None:
        self._tx.memory["stage", self.stage["id"]] = (self.stage["revision"], self.state)
        _keep_folded(self.stage, self.state.copy())


async def is_last(stage: Row) -> bool:
    """Whether no stage of the plan comes after this one."""
    row = (
        await Tournament.select(Tournament.plan).where(Tournament.id == stage["tournament"]).first()
    )
    return row is not None and stage["part"] + 1 == len(plan_of(row)) and not stage["decider"]


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
    """The stage's state from nothing but its spec, its results and who has left."""
    rows = await Result.select(
        Result.match.key.as_alias("key"),
        Result.kind,
        Result.winner,
        Result.score_a,
        Result.score_b,
    ).where((Result.stage == stage["id"]) & Result.voided_at.is_null())
    outcomes = {row["key"]: outcome_of(row) for row in rows}
    return brackets.fold(
        spec_of(stage),
        outcomes,
        removed=await removed_from(stage["id"]),
        pairings=_challenges(stage).pairings,
    )


# States for reading only, by stage, revision and spec (ids may come again, its coin not).
_folded: OrderedDict[tuple[int, int, str], brackets.Stage] = OrderedDict()
MOST_FOLDED = 32


async def folded(stage: Row) -> brackets.Stage:
    """The state at the row's revision, for pages: it must not be changed."""
    known = _folded.get(_version(stage))
    if known is None:
        known = await replay(stage)
        _keep_folded(stage, known)
    return known


def _keep_folded(stage: Row, state: brackets.Stage) -> None:
    _folded[_version(stage)] = state
    if len(_folded) > MOST_FOLDED:
        _folded.popitem(last=False)


def _version(stage: Row) -> tuple[int, int, str]:
    return stage["id"], stage["revision"], stage["spec"]


class _Challenges(msgspec.Struct):
    """What `Stage.challenges` holds, by round: challenges people made, and all pairs then."""

    asked: dict[int, list[tuple[int, int]]] = {}
    pairings: dict[int, list[tuple[int, int]]] = {}


def _challenges(stage: Row) -> _Challenges:
    if not stage["challenges"]:
        return _Challenges()
    return msgspec.json.decode(stage["challenges"], type=_Challenges)


def asked_of(stage: Row) -> dict[int, list[tuple[int, int]]]:
    """The challenges that people have made on a ladder, by round, the earliest first."""
    return _challenges(stage).asked


async def removed_from(stage: int) -> dict[int, int]:
    """Seeds that have left, in this order, with the last round each was paired in."""
    rows = await (
        Removal.select(Removal.seed, Removal.round)
        .where((Removal.stage == stage) & Removal.undone_at.is_null())
        .order_by(Removal.id)
    )
    return {row["seed"]: row["round"] for row in rows}


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
    ).where((Tournament.id == tournament) & one_of(Tournament.state, ["running", "finished"]))


async def write_matches(
    stage: int, state: brackets.Stage, keys: Iterable[str], *, now: datetime
) -> list[int]:
    """Bring these match rows up to the engine's state; their ids."""
    views = {key: state.find(key) for key in keys}
    if not views:
        return []
    there = [view for view in views.values() if view]
    entrants = await entrants_by_seed(
        stage, {slot.seed for view in there for slot in view.slots if slot.seed}
    )
    rows = await Match.select(
        Match.id, Match.key, Match.state, Match.ready_at, Match.entrant_a, Match.entrant_b
    ).where((Match.stage == stage) & one_of(Match.key, list(views)))
    for row in rows:
        columns = match_columns(views.pop(row["key"]), entrants)
        if any(row[side] not in (None, columns[side]) for side in ("entrant_a", "entrant_b")):
            await _forget_the_former(row["id"])
        if columns["state"] == "ready" and row["state"] != "ready":
            columns["ready_at"] = now
        await Match.update({getattr(Match, name): value for name, value in columns.items()}).where(
            Match.id == row["id"]
        )
    new = [view for view in views.values() if view]
    return [row["id"] for row in rows] + await insert_matches(stage, new, entrants, now=now)


async def _forget_the_former(match: int) -> None:
    """Other clans play it now: a live score and open disputes were of those before."""
    await LiveGame.delete().where(LiveGame.match == match)
    await Notice.delete().where(
        (Notice.match == match) & Notice.settled_at.is_null() & (Notice.external_id == "")
    )


async def insert_matches(
    stage: int, views: list[brackets.Match], entrants: dict[int, int], *, now: datetime
) -> list[int]:
    """Rows for matches that are new to the stage; their ids."""
    by_id = {view.id: view for view in views}
    rows = iter([_match_row(stage, view, entrants, by_id, now=now) for view in views])
    ids: list[int] = []
    while some := list(islice(rows, ROWS_AT_ONCE)):
        ids += [row["id"] for row in await Match.insert(*some).returning(Match.id)]
    return ids


def _match_row(
    stage: int,
    view: brackets.Match,
    entrants: dict[int, int],
    views: dict[str, brackets.Match],
    *,
    now: datetime,
) -> Match:
    a, b = view.slots
    columns = match_columns(view, entrants)
    if view.state == "ready":
        columns["ready_at"] = now
    return Match(
        stage=stage,
        key=view.id,
        number=view.number,
        bracket=view.bracket,
        round=view.round,
        position=view.position,
        head_start=view.head_start[0],
        source_a=source_text(a.source, views),
        source_b=source_text(b.source, views),
        winner_to=view.winner_to[0] if view.winner_to else None,
        **columns,
    )


def source_text(source: brackets.Source, views: dict[str, brackets.Match]) -> str:
    """Where a slot's entrant comes from: `seed`, `bye`, `winner 12`, `loser 12`."""
    source = through_byes(source, views.__getitem__)
    match source:
        case brackets.WinnerOf(match=key):
            return f"winner {views[key].number}"
        case brackets.LoserOf(match=key):
            return f"loser {views[key].number}"
        case brackets.Bye():
            return "bye"
        case _:
            return "seed"


def match_columns(view: brackets.Match | None, entrants: dict[int, int]) -> Row:
    """What the engine decides of a match row; None: there is no such match (any more)."""
    columns: Row = {
        "state": view.state if view else "absent",
        "entrant_a": None,
        "entrant_b": None,
        "winner": None,
        "outcome": None,
        "score_a": None,
        "score_b": None,
        "decided_at": None,
        "source": None,
        "flag": "",
    }
    if view is None:
        return columns
    columns["best_of"] = view.best_of
    a, b = view.seeds
    columns["entrant_a"] = entrants.get(a) if a else None
    columns["entrant_b"] = entrants.get(b) if b else None
    if view.winner is not None:
        columns["winner"] = 0 if view.winner == a else 1
    if view.outcome is not None:
        columns["outcome"] = view.outcome.kind
        columns["score_a"], columns["score_b"] = view.outcome.score or (None, None)
        columns["source"] = "removal" if view.given else None
    return columns


async def entrants_by_seed(stage: int, seeds: set[int] | None = None) -> dict[int, int]:
    """Seed to entrant id, of all or of these seeds of a stage."""
    where: Any = StageSeed.stage == stage
    if seeds is not None:
        where = where & one_of(StageSeed.seed, seeds)
    rows = await StageSeed.select(StageSeed.seed, StageSeed.entrant).where(where)
    return {row["seed"]: row["entrant"] for row in rows}
