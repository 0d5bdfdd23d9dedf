"""What pages read of single matches: the row, and all that was said of it."""

from collections.abc import Iterable

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import NotFound
from tournaments.live_games import with_live
from tournaments.queries import tournament_by_id
from tournaments.tables import Claim, Event, Match, Result, Stage


async def match_by_id(match: int) -> tuple[Row, Row]:
    """The match and its tournament, or `NotFound`."""
    row: Row | None = await Match.select().where(Match.id == match).first()
    if row is None:
        raise NotFound
    stage = await Stage.select(Stage.tournament).where(Stage.id == row["stage"]).first()
    if stage is None:
        raise NotFound
    return row, await tournament_by_id(stage["tournament"])


async def matches_by_id(ids: Iterable[int]) -> list[Row]:
    wanted = sorted(ids)
    if not wanted:
        return []
    rows: list[Row] = await Match.select().where(one_of(Match.id, wanted))
    return await with_live(rows)


async def matches_of(tournament: int) -> list[Row]:
    """All matches in play order."""
    rows: list[Row] = await (
        Match.select()
        .where((Match.stage.tournament == tournament) & (Match.state != "absent"))
        .order_by(Match.id)
    )
    return rows


async def matches_of_stage(stage: int) -> list[Row]:
    """The matches there are in a stage, in play order."""
    rows: list[Row] = await (
        Match.select()
        .where((Match.stage == stage) & (Match.state != "absent"))
        .order_by(Match.round, Match.position)
    )
    return await with_live(rows)


async def events_of(match: int) -> list[Row]:
    """ "How we know the score", newest first."""
    rows: list[Row] = await (
        Event.select().where(Event.match == match).order_by(Event.id, ascending=False)
    )
    return rows


async def claims_of(match: int) -> list[Row]:
    rows: list[Row] = await (
        Claim.select().where(Claim.match == match).order_by(Claim.id, ascending=False)
    )
    return rows


async def result_of(match: int) -> Row | None:
    row: Row | None = await (
        Result.select().where((Result.match == match) & Result.voided_at.is_null()).first()
    )
    return row
