"""What rooms above this one add to a match's page, for its organiser's eyes.

A panel reads the match and its tournament and gives what its template needs, with
the template's name as `template`; None where it has nothing to show.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from app.kernel.db.database import Row

Panel = Callable[[Row, Row, str], Awaitable[dict[str, Any] | None]]
"""Of a match, its tournament, and the address under which this site was reached."""

_offered: dict[str, Panel] = {}


def offer(name: str, panel: Panel) -> None:
    """Make a panel known, when the process starts; the same name replaces it."""
    _offered[name] = panel


async def panels(match: Row, tournament: Row, site: str) -> list[dict[str, Any]]:
    """All there is to show beside this match."""
    found = [await panel(match, tournament, site) for panel in _offered.values()]
    return [each for each in found if each is not None]
