"""Commands as tests send them: each in a transaction of its own, now."""

from app.kernel import clock
from tournaments import captains, recording, removals, rulings
from tournaments.reports import Told
from tournaments.tables import Event, Match, Notice, Result


async def take(db, made, *games, series=None, live=None, match=None, **kwargs):
    """What a provider tells: games, a whole series, a live score."""
    told = Told(games=games, series=series, live=live, match=match)
    async with db.transaction() as tx:
        return await recording.record(tx, made.id, told, now=clock.now(), **kwargs)


async def say(db, who, match, a, b):
    """A captain reports this score."""
    async with db.transaction() as tx:
        return await captains.report_score(tx, who, match["id"], (str(a), str(b)), now=clock.now())


async def rule(db, made, match, kind="score", score=(1, 0), *, seen="", reason="said so", who=None):
    ruling = rulings.Ruling(kind, (str(score[0]), str(score[1])), reason, seen)
    async with db.transaction() as tx:
        await rulings.rule(tx, who or made.organiser, match["id"], ruling, now=clock.now())


async def leave(db, made, entrant, kind="withdrawn", reason="", *, who=None):
    async with db.transaction() as tx:
        await removals.remove(
            tx, who or made.organiser, made.id, entrant, kind, reason, now=clock.now()
        )


async def come_back(db, made, entrant, seen="", *, who=None):
    async with db.transaction() as tx:
        await removals.let_back(tx, who or made.organiser, made.id, entrant, seen, now=clock.now())


async def fresh(match):
    """The match's row as it is now."""
    return await Match.select().where(Match.id == match["id"]).first()


async def result_of(match):
    return await (
        Result.select().where((Result.match == match["id"]) & Result.voided_at.is_null()).first()
    )


async def open_notices(made):
    rows = await (
        Notice.select()
        .where((Notice.tournament == made.id) & Notice.settled_at.is_null())
        .order_by(Notice.id)
    )
    return [row["text"] for row in rows]


async def told_of(match, kind=None):
    """The public lines of a match, the first one first."""
    rows = await Event.select().where(Event.match == match["id"]).order_by(Event.id)
    return [row["text"] for row in rows if kind in (None, row["kind"])]
