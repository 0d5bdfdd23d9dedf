"""The score inside the game a match is at, as a server tells it."""

from datetime import datetime
from typing import Any

from app.kernel.db import Row
from tournaments.matching import Attached
from tournaments.reports import LiveReport
from tournaments.tables import LiveGame


async def show_live(match: Row, attached: Attached, report: LiveReport, *, now: datetime) -> bool:
    """Keep the score; whether it is another one. A decided match has none."""
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
    }
    known = await LiveGame.select().where(LiveGame.match == match["id"]).first()
    if known and all(known[name] == value for name, value in said.items()):
        return False
    await LiveGame.delete().where(LiveGame.match == match["id"])
    await LiveGame.insert(LiveGame(match=match["id"], at=now, **said))
    return True


async def hide_live(match: int) -> None:
    """No game is under way (between two maps)."""
    await LiveGame.delete().where(LiveGame.match == match)


async def live_games(matches: list[int]) -> dict[int, Row]:
    """The live games of these matches, by match."""
    rows = await LiveGame.select().where(LiveGame.match.is_in(matches or [0]))
    return {row["match"]: row for row in rows}
