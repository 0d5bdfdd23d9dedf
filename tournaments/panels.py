"""What rooms above this one add to a match's page, for its organiser's eyes.

A panel reads the match and its tournament and gives what its template needs, with
the template's name as `template`; None where it has nothing to show. What may not go
when the page is brought up to date has a template of its own, `above`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from app.accounts.visit import Visit
from app.kernel.db.database import Row

Panel = Callable[[Row, Row, Visit], Awaitable[dict[str, Any] | None]]
"""Of a match, its tournament, and the organiser's visit."""

_offered: dict[str, Panel] = {}


def offer(name: str, panel: Panel) -> None:
    """Make a panel known, when the process starts; the same name replaces it."""
    _offered[name] = panel


async def panels(match: Row, tournament: Row, visit: Visit) -> list[dict[str, Any]]:
    """All there is to show beside this match."""
    found = [await panel(match, tournament, visit) for panel in _offered.values()]
    return [each for each in found if each is not None]
