"""Leaving a stage: withdrawal, disqualification, and coming back."""

from datetime import datetime

import brackets
from app.accounts.permissions import Thing, require
from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound, UserError
from app.kernel.text.names import clean, wrong_text
from tournaments import results
from tournaments.people.access import to_entrant
from tournaments.play import Play, open_play, replay
from tournaments.rulings import LONGEST_REASON
from tournaments.settling import settle_again
from tournaments.tables import Entrant, Match, Removal, Result, Stage, StageSeed, Tournament

KINDS = ("withdrawn", "disqualified")


async def preview(stage: Row, seed: int, *, back: bool = False) -> tuple[list[str], list[str]]:
    """Results that fall and other matches that change when a seed leaves, or comes back."""
    state = await replay(stage)
    removed = dict(state.removed)
    if back:
        removed.pop(seed, None)
    else:
        removed[seed] = len(state.rounds)
    made = brackets.rebuild(state, removed=removed)
    return made.fallen, [key for key in made.changed if key not in made.fallen]


async def current_stage(tournament: int, entrant: int) -> tuple[Row, int] | None:
    """The latest stage the entrant plays in, with its seed there."""
    row = await (
        StageSeed.select(StageSeed.stage, StageSeed.seed)
        .where((StageSeed.entrant == entrant) & (StageSeed.stage.tournament == tournament))
        .order_by(StageSeed.stage.number, ascending=False)
        .first()
    )
    if row is None:
        return None
    stage = await Stage.select().where(Stage.id == row["stage"]).first()
    assert stage is not None, "a seed belongs to a stage"
    return stage, row["seed"]


async def removal_of(stage: int, seed: int) -> Row | None:
    """How a seed has left, or None."""
    row: Row | None = await (
        Removal.select()
        .where((Removal.stage == stage) & (Removal.seed == seed) & Removal.undone_at.is_null())
        .first()
    )
    return row


async def remove(
    tx: Transaction,
    viewer: Viewer,
    tournament: int,
    entrant: int,
    kind: str,
    reason: str,
    *,
    now: datetime,
) -> None:
    """Take an entrant out of the stage it plays; its open matches go to the others.

    The organiser may do both, a captain may withdraw its own clan. What was
    played stands. Doing it again changes nothing.
    """
    action = "entrant.withdraw" if kind == "withdrawn" else "entrant.disqualify"
    play, seed = await _enter(tx, viewer, action, tournament, entrant)
    reason = _checked(kind, reason)
    if seed in play.state.removed:
        return
    await results.require_open(play)
    round_ = len(play.state.rounds)
    play.remove(seed)
    await Removal.insert(
        Removal(
            stage=play.stage["id"],
            seed=seed,
            kind=kind,
            round=round_,
            reason=reason,
            account=viewer.account,
            created_at=now,
        )
    )
    await _finish(tx, viewer, play, entrant, f"entrant.{kind}", reason, now=now)


async def let_back(
    tx: Transaction, viewer: Viewer, tournament: int, entrant: int, seen: str, *, now: datetime
) -> None:
    """Undo a removal. Results that rested on it fall; `seen` must name these.

    Raises `Conflict` when the list has changed since it was shown.
    """
    play, seed = await _enter(tx, viewer, "entrant.let_back", tournament, entrant)
    if seed not in play.state.removed:
        return
    await results.require_open(play)
    removed = {each: round_ for each, round_ in play.state.removed.items() if each != seed}
    made = brackets.rebuild(play.state, removed=removed)
    if seen != ",".join(made.fallen):
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    play.become(made)
    await _void(play, made.fallen, now=now)
    await Removal.update({Removal.undone_at: now}).where(
        (Removal.stage == play.stage["id"]) & (Removal.seed == seed) & Removal.undone_at.is_null()
    )
    changed = await _finish(tx, viewer, play, entrant, "entrant.let_back", "", now=now)
    await settle_again(tx, play, changed, now=now)


async def to_leaver(viewer: Viewer, row: Row, entrant: int) -> Thing:
    """What the viewer is to an entrant of the tournament, or `NotFound`."""
    found = await (
        Entrant.select(Entrant.clan)
        .where((Entrant.id == entrant) & (Entrant.tournament == row["id"]))
        .first()
    )
    if found is None:
        raise NotFound
    return await to_entrant(viewer, row, found["clan"])


async def _enter(
    tx: Transaction, viewer: Viewer, action: str, tournament: int, entrant: int
) -> tuple[Play, int]:
    found = await current_stage(tournament, entrant)
    if found is None:
        raise await not_in_play(viewer, action, tournament, entrant)
    play = await open_play(tx, found[0]["id"])
    row = await Tournament.select().where(Tournament.id == tournament).first()
    assert row is not None, "a stage belongs to a tournament"
    require(viewer, action, await to_leaver(viewer, row, entrant))
    if row["state"] != "running":
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    return play, found[1]


async def not_in_play(viewer: Viewer, action: str, tournament: int, entrant: int) -> UserError:
    """Why an entrant that plays no stage (yet) cannot leave one."""
    row = await Tournament.select().where(Tournament.id == tournament).first()
    mine = (Entrant.id == entrant) & (Entrant.tournament == tournament)
    if row is None or not await Entrant.exists().where(mine):
        return NotFound()
    require(viewer, action, await to_leaver(viewer, row, entrant))
    if row["state"] != "running":
        return Conflict(N_("The tournament has moved on since this page was shown."))
    return Conflict(N_("This clan joins in a later stage and plays in none yet."))


def _checked(kind: str, reason: str) -> str:
    if kind not in KINDS:
        raise Invalid({"kind": Message(N_("Choose what happened."))})
    if kind == "disqualified" and not clean(reason):
        raise Invalid({"reason": Message(N_("Give a reason; everybody can read it."))})
    if wrong := wrong_text(reason, longest=LONGEST_REASON):
        raise Invalid({"reason": wrong})
    return clean(reason)


async def _void(play: Play, keys: list[str], *, now: datetime) -> None:
    rows = await Match.select(Match.id).where(
        (Match.stage == play.stage["id"]) & one_of(Match.key, keys)
    )
    ids = [row["id"] for row in rows]
    await Result.update({Result.voided_at: now, Result.voided_because: "let back"}).where(
        one_of(Result.match, ids) & Result.voided_at.is_null()
    )
    await results.play_again(play, keys, now=now)


async def _finish(
    tx: Transaction,
    viewer: Viewer,
    play: Play,
    entrant: int,
    action: str,
    reason: str,
    *,
    now: datetime,
) -> list[int]:
    """Write what has changed, and the usual traces; the rows of the changed matches."""
    if changed := await play.save(now=now):
        # Their own pages too; the tournament's is sent whole.
        await results.push(tx, play.tournament, changed, now=now)
    await tx.audit(
        action,
        f"entrant:{entrant}",
        actor=viewer.account,
        now=now,
        tournament=play.tournament,
        reason=reason,
    )
    await tx.later("tournament", now=now, tournament=play.tournament)
    return changed
