"""Sources that have not answered for long: noted once, and pages told, both ways."""

from datetime import datetime, timedelta

from app.kernel.db.database import Database, Row
from integrations.registry import BY_NAME
from integrations.tables import Following
from tournaments.pages.late import Late
from tournaments.tables import Match

# A source that hiccups is nobody's business; after so long spectators are told.
PATIENCE = timedelta(minutes=2)


async def late(tournament: Row) -> Late | None:
    """What its competition waits for: only where every source of it is silent."""
    rows = await Following.select(
        Following.provider, Following.failing_since, Following.told
    ).where(
        (Following.tournament == tournament["id"])
        & (Following.kind == "league")
        & Following.next_at.is_not_null()
    )
    if not rows or not all(row["told"] and row["failing_since"] for row in rows):
        return None
    first = min(rows, key=lambda row: BY_NAME[row["provider"]].pace)
    return Late(BY_NAME[first["provider"]].source.title, first["failing_since"])


async def note_failure(db: Database, row: Row, *, now: datetime) -> None:
    """A poll of a competition failed: after a while it is said, once."""
    since = row["failing_since"]
    if since is None or since > now:
        # The second: the clock was set back since.
        await _save(row, since=now, told=False)
    elif not row["told"] and now - since >= PATIENCE:
        await _save(row, since=since, told=True)
        await _tell(db, row, now=now)


async def note_answer(db: Database, row: Row, *, now: datetime) -> None:
    """It answers: what was said is taken back."""
    if row["failing_since"] is None:
        return
    await _save(row, since=None, told=False)
    if row["told"]:
        await _tell(db, row, now=now)


async def _save(row: Row, *, since: datetime | None, told: bool) -> None:
    await Following.update({Following.failing_since: since, Following.told: told}).where(
        Following.id == row["id"]
    )


async def _tell(db: Database, row: Row, *, now: datetime) -> None:
    """The tournament's page, and those of the matches that wait, say something else now."""
    waiting = await Match.select(Match.id).where(
        (Match.stage.tournament == row["tournament"]) & (Match.state == "ready")
    )
    async with db.transaction() as tx:
        await tx.later("tournament", now=now, tournament=row["tournament"])
        await tx.later(
            "matches",
            now=now,
            tournament=row["tournament"],
            matches=[match["id"] for match in waiting],
        )
