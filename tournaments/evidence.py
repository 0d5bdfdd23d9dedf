"""What is known of a match, read for the verdict."""

from typing import cast

from app.kernel.db.database import Row
from tournaments.series import Side
from tournaments.tables import Game, Report, ToldSeries
from tournaments.verdict import GameSeen, Said, SeriesSeen, Terms, Verdict, weigh


async def verdict_on(match: Row, *, draws: bool) -> Verdict:
    """What all voices together make of the match now."""
    terms = Terms(match["best_of"], match["head_start"], draws)
    games = await Game.select().where((Game.match == match["id"]) & Game.voided_at.is_null())
    series = await ToldSeries.select().where(
        (ToldSeries.match == match["id"]) & ToldSeries.voided_at.is_null()
    )
    reports = await Report.select().where((Report.match == match["id"]) & (Report.state == "open"))
    return weigh(
        terms,
        [game_seen(row) for row in games],
        [series_seen(row) for row in series],
        [Said(row["side"], (row["score_a"], row["score_b"])) for row in reports],
    )


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
