"""What spectators are told while results do not come: whose answer is missing, and since when."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from app.kernel.db.database import Row


class Late(msgspec.Struct, frozen=True):
    """A source, by its proper name, that has not answered since a moment (UTC)."""

    source: str
    since: datetime


Ask = Callable[[Row], Awaitable[Late | None]]
"""Of a tournament: what all of its results wait for, or None."""

_asked: list[Ask] = []


def offer(ask: Ask) -> None:
    """Whoever fetches results says here what it waits for; the last one offered is asked."""
    _asked[:] = [ask]


async def late_of(tournament: Row) -> Late | None:
    """What the tournament's results wait for, while it is played."""
    if tournament["state"] != "running":
        return None
    for ask in _asked:
        return await ask(tournament)
    return None
