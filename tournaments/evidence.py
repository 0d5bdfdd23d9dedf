"""What is known of a match, read for the verdict."""

from typing import Any, cast

from app.kernel.db.database import Row
from tournaments.reports import GameReport, SeriesReport
from tournaments.series import Side
from tournaments.sources import space_of
from tournaments.tables import Game, Report, ToldSeries
from tournaments.verdict import GameSeen, Said, SeriesSeen, Terms, Verdict, weigh


def told_alike(report: GameReport | SeriesReport) -> tuple[Any, Any]:
    """The table, and the condition on it, of all rows that tell of this very game or series:
    of a game whoever told of it, a series is known to its own source alone."""
    if isinstance(report, GameReport):
        mine = Game.space == space_of(report.source)
        return Game, mine & (Game.external_id == report.external_id)
    mine = ToldSeries.source == report.source
    return ToldSeries, mine & (ToldSeries.external_id == report.external_id)


async def verdict_on(match: Row, *, draws: bool) -> Verdict:
    """What all voices together make of the match now."""
    return weigh(
        Terms(match["best_of"], match["head_start"], draws),
        [game_seen(row) for row in await games_of(match)],
        [series_seen(row) for row in await series_of(match)],
        [Said(row["side"], (row["score_a"], row["score_b"])) for row in await reports_of(match)],
    )


async def games_of(match: Row) -> list[Row]:
    """What providers say of its games, as far as it counts, in the order of play."""
    rows = await (
        Game.select()
        .where((Game.match == match["id"]) & Game.voided_at.is_null())
        .order_by(Game.started_at)
    )
    return _of_its_clans(match, rows)


async def series_of(match: Row) -> list[Row]:
    """What providers say of it as a whole."""
    rows = await (
        ToldSeries.select()
        .where((ToldSeries.match == match["id"]) & ToldSeries.voided_at.is_null())
        .order_by(ToldSeries.id)
    )
    return _of_its_clans(match, rows)


async def reports_of(match: Row) -> list[Row]:
    """What its captains say; one of each side at most."""
    rows = await Report.select().where((Report.match == match["id"]) & (Report.state == "open"))
    return _of_its_clans(match, rows)


def _of_its_clans(match: Row, rows: list[Row]) -> list[Row]:
    """Those that are of the clans the match has now, turned to its sides.

    A correction before it may have given it other clans, or the same ones the
    other way round. What was known of the former pair waits: it may come back.
    """
    sides = (match["entrant_a"], match["entrant_b"])
    found = [row for row in rows if (row["entrant_a"], row["entrant_b"]) == sides]
    turned = [_turned(row) for row in rows if (row["entrant_b"], row["entrant_a"]) == sides]
    return [*found, *turned]


def _turned(row: Row) -> Row:
    a, b = row["score_a"], row["score_b"]
    turned = {**row, "score_a": b, "score_b": a}
    for side in ("winner", "side"):
        if row.get(side) is not None:
            turned[side] = 1 - row[side]
    return turned


def game_seen(row: Row) -> GameSeen:
    return GameSeen(
        source=row["source"],
        space=row["space"] or row["source"],
        external_id=row["external_id"],
        series=row["series"],
        number=row["number"],
        started_at=row["started_at"],
        winner=None if row["drawn"] else cast("Side", row["winner"]),
        trusted=row["trusted"],
        told_whole=row["told_whole"],
    )


def series_seen(row: Row) -> SeriesSeen:
    score = None
    if row["score_a"] is not None and row["score_b"] is not None:
        score = (row["score_a"], row["score_b"])
    return SeriesSeen(
        source=row["source"],
        kind=row["kind"],
        winner=cast("Side | None", row["winner"]),
        score=score,
        trusted=row["trusted"],
    )
