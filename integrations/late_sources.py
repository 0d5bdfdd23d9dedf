"""Sources that do not answer: noted poll by poll, and pages told when it changes what they say."""

from datetime import datetime, timedelta
from typing import Any

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Database, Row, Transaction
from integrations.base import Busy, NotYet, ProviderError, Refused, Unread
from integrations.registry import BY_NAME, asked_for, can_ask
from integrations.tables import Following
from tournaments.pages import late as pages
from tournaments.pages.late import RESTING, SILENT, STOPPED, UNASKED, UNREAD, WAITS, Late
from tournaments.tables import Claim, Match, Tournament

# A source that hiccups is nobody's business; after so long spectators are told.
PATIENCE = timedelta(minutes=2)
# A quota that is whole again so soon is no news, and no reason to ask somebody else.
A_MOMENT = timedelta(seconds=15)


def introduce() -> None:
    """Let pages say what they wait for."""
    pages.offer(late)


async def late(tournament: Row, match: int | None = None) -> Late | None:
    """What a competition waits for, or a match for which captains named games: only where
    every source of it is silent."""
    rows = await _followed(tournament["id"], match)
    if not rows:
        # Of several that bring the same, the first is the one that would be asked.
        unasked = None if match and await _named(match) else asked_for(tournament)
        return Late(unasked.source.title, UNASKED) if unasked else None
    if not all(row["told"] and row["failing_since"] for row in rows):
        return None
    first = min(rows, key=lambda row: BY_NAME[row["provider"]].pace)
    title = BY_NAME[first["provider"]].source.title
    return Late(title, first["trouble"] or SILENT, first["failing_since"])


async def note_failure(db: Database, row: Row, error: ProviderError, *, now: datetime) -> None:
    """A poll of what is followed (its row, as it was before) brought no answer.

    What will last is said at once, all else after a while.
    """
    if isinstance(error, NotYet):
        # A clear no is an answer, too.
        await note_answer(db, row, now=now)
        return
    rest = error.until - now if isinstance(error, Busy) else timedelta()
    if isinstance(error, Busy) and rest <= A_MOMENT:
        return
    since = row["failing_since"]
    if since is None or since > now:
        # The second: the clock was set back since.
        since, row = now, row | {"told": False, "trouble": ""}
    lasting = isinstance(error, Refused) or rest >= PATIENCE
    told = row["told"] or lasting or now - since >= PATIENCE
    await _save(db, row, _trouble(error, row), since, told=told, now=now)


async def note_answer(db: Database, row: Row, *, now: datetime) -> None:
    """It answers: what was said is taken back."""
    if row["failing_since"] is not None:
        await _save(db, row, "", None, told=False, now=now)


def _trouble(error: ProviderError, row: Row) -> str:
    if isinstance(error, Refused):
        return STOPPED
    if isinstance(error, Busy):
        # One that failed is given a rest: it is still the same silence.
        return row["trouble"] or RESTING
    return UNREAD if isinstance(error, Unread) else SILENT


async def _save(
    db: Database, row: Row, trouble: str, since: datetime | None, *, told: bool, now: datetime
) -> None:
    """Pages follow only where they say something else now."""
    async with db.transaction() as tx:
        scope = await _scope(row)
        before = [await late(*each) for each in scope]
        await Following.update(
            {Following.failing_since: since, Following.told: told, Following.trouble: trouble}
        ).where(Following.id == row["id"])
        if [await late(*each) for each in scope] != before:
            await _tell(tx, row, [match for _, match in scope if match], now=now)


async def _scope(row: Row) -> list[tuple[Row, int | None]]:
    """Whose pages may say something else: a tournament's, or those of a claim's match."""
    tournament = await Tournament.select().where(Tournament.id == row["tournament"]).first()
    if tournament is None:
        return []
    if row["kind"] == "league":
        return [(tournament, None)]
    claim = await Claim.select(Claim.match).where(Claim.id == row["claim"]).first()
    return [(tournament, claim["match"])] if claim else []


async def _tell(tx: Transaction, row: Row, pages: list[int], *, now: datetime) -> None:
    if row["kind"] == "league":
        of_it: Any = Match.stage.tournament
        waiting = await Match.select(Match.id).where(
            (of_it == row["tournament"]) & one_of(Match.state, WAITS)
        )
        pages = [match["id"] for match in waiting]
    # No card says anything else: only the note, and the pages of those that wait.
    await tx.later("matches", now=now, tournament=row["tournament"], matches=[], pages=pages)


async def _followed(tournament: int, match: int | None) -> list[Row]:
    """What we ask for it: its competition, or else the games that were named in the match."""
    asked = (
        (Following.tournament == tournament)
        & Following.next_at.is_not_null()
        & one_of(Following.provider, [name for name in BY_NAME if can_ask(name)])
    )
    columns = (Following.provider, Following.failing_since, Following.told, Following.trouble)
    rows: list[Row] = await Following.select(*columns).where(asked & (Following.kind == "league"))
    if rows or match is None:
        return rows
    named = [each["id"] for each in await _named(match)]
    rows = await Following.select(*columns).where(
        asked & (Following.kind == "game") & one_of(Following.claim, named)
    )
    return list(rows)


async def _named(match: int) -> list[Row]:
    rows: list[Row] = await Claim.select(Claim.id).where(
        (Claim.match == match) & one_of(Claim.state, ["looking", "late"])
    )
    return rows
