"""What spectators are told while results do not come: whose answer is missing, and since when."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from app.kernel.db.database import Row

# Why nothing comes: it does not answer; it may not be asked for now; it refuses us until
# somebody sees to it; we cannot read what it says; we have no means of asking it.
SILENT, RESTING, STOPPED, UNREAD, UNASKED = "silent", "resting", "stopped", "unread", "unasked"

# A match in one of these may hear of a score from its source.
WAITS = ("ready", "live", "reported")


class Late(msgspec.Struct, frozen=True):
    """A source, by its proper name, from which nothing comes since a moment (UTC; None:
    it never did), and why."""

    source: str
    why: str
    since: datetime | None = None


Ask = Callable[[Row, int | None], Awaitable[Late | None]]
"""Of a tournament, or of one match of it by id: what its results wait for, or None."""

_asked: list[Ask] = []


def offer(ask: Ask) -> None:
    """Whoever fetches results says here what it waits for; the last one offered is asked."""
    _asked[:] = [ask]


async def late_of(tournament: Row) -> Late | None:
    """What all of the tournament's results wait for, while it is played."""
    return await _ask(tournament, None)


async def late_of_match(match: Row, tournament: Row) -> Late | None:
    """What this match waits for, while it can be played."""
    return await _ask(tournament, match["id"]) if match["state"] in WAITS else None


async def _ask(tournament: Row, match: int | None) -> Late | None:
    if tournament["state"] != "running":
        return None
    for ask in _asked:
        return await ask(tournament, match)
    return None
