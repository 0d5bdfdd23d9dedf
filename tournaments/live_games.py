"""The score inside the game a match is at, as a server tells it."""

from datetime import datetime
from typing import Any

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from tournaments.matching import Attached
from tournaments.reports import LiveReport
from tournaments.tables import LiveGame


async def show_live(match: Row, attached: Attached, report: LiveReport, *, now: datetime) -> bool:
    """Keep the score; whether it is another one. A decided match has none.

    What is told of a game that began before the one shown is old news (a server
    that was given up, and another one took the match).
    """
    if match["state"] != "ready":
        return False
    flipped = attached.entrants[0] != match["entrant_a"]
    a, b = report.score[::-1] if flipped else report.score
    said: dict[str, Any] = {
        "source": report.source,
        "number": report.number,
        "label": report.label,
        "score_a": a,
        "score_b": b,
        "started_at": report.started_at,
    }
    known = await LiveGame.select().where(LiveGame.match == match["id"]).first()
    if known and _is_later(known["started_at"], report.started_at):
        return False
    if known and all(known[name] == value for name, value in said.items()):
        return False
    await LiveGame.delete().where(LiveGame.match == match["id"])
    await LiveGame.insert(LiveGame(match=match["id"], at=now, **said))
    return True


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


async def hide_live(match: int, latest: datetime) -> None:
    """No game is under way (between two maps) after the one that began at `latest`."""
    await LiveGame.delete().where(
        (LiveGame.match == match)
        & (LiveGame.started_at.is_null() | (LiveGame.started_at <= latest))
    )


async def live_games(matches: list[int]) -> dict[int, Row]:
    """The live games of these matches, by match."""
    rows = await LiveGame.select().where(one_of(LiveGame.match, matches))
    return {row["match"]: row for row in rows}


async def with_live(rows: list[Row]) -> list[Row]:
    """The rows; those at a game whose score is known have it as `live`."""
    playing = [row["id"] for row in rows if row["state"] == "ready" and row["flag"]]
    found = await live_games(playing) if playing else {}
    for row in rows:
        if game := found.get(row["id"]):
            row["live"] = (game["score_a"], game["score_b"])
    return rows
