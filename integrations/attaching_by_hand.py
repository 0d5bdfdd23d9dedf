"""An organiser says which match a game belongs to, where no id could tell."""

from datetime import datetime

from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Invalid, Message, NotFound
from integrations.tables import Subject
from tournaments.people.access import to_tournament_now
from tournaments.tables import Match, Notice, Tournament


async def subject_of(notice: Row) -> Row | None:
    """What was delivered that a notice is about, if anything was."""
    row: Row | None = await (
        Subject.select()
        .where(
            (Subject.provider == notice["source"])
            & (Subject.external_id == notice["external_id"].partition(":")[0])
            & (Subject.tournament == notice["tournament"])
        )
        .first()
    )
    return row


async def attach_by_hand(
    tx: Transaction, viewer: Viewer, notice_id: int, match_id: int, first: int, *, now: datetime
) -> str:
    """The notice's game was this match, with entrant `first` on the provider's first
    side; the tournament's slug. It is worked on once more, and counts or says why not."""
    subject = await _locked_subject(tx, notice_id)
    notice, tournament = await notice_and_tournament(viewer, notice_id)
    match = await (
        Match.select()
        .where((Match.id == match_id) & (Match.stage.tournament == tournament["id"]))
        .first()
    )
    playable = match is not None and match["state"] in ("ready", "decided")
    if match is None or not playable or first not in (match["entrant_a"], match["entrant_b"]):
        raise Invalid({"match": Message(N_("Choose the match that was played."))})
    if subject is None:
        raise NotFound
    await Subject.update(
        {Subject.match: match_id, Subject.first_entrant: first, Subject.state: "new"}
    ).where(Subject.id == subject["id"])
    await tx.audit(
        "game.attached_by_hand",
        f"match:{match_id}",
        actor=viewer.account,
        now=now,
        tournament=tournament["id"],
        game=notice["external_id"],
        source=notice["source"],
    )
    await tx.later("delivered", now=now, subject=subject["id"])
    return str(tournament["slug"])


async def _locked_subject(tx: Transaction, notice_id: int) -> Row | None:
    """What the notice is about, held: who works on it next sees what was said."""
    notice = await Notice.select().where(Notice.id == notice_id).first()
    subject = await subject_of(notice) if notice else None
    return await tx.lock(Subject, subject["id"]) if subject else None


async def notice_and_tournament(viewer: Viewer, notice_id: int) -> tuple[Row, Row]:
    """The notice and its tournament, for its organiser only."""
    notice = await Notice.select().where(Notice.id == notice_id).first()
    if notice is None:
        raise NotFound
    tournament = await Tournament.select().where(Tournament.id == notice["tournament"]).first()
    if tournament is None:
        raise NotFound
    require(viewer, "notice.attach", await to_tournament_now(viewer, tournament))
    return notice, tournament
