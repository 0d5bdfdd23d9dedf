"""The "Game server" card on the match page, for the organiser."""

from typing import Any

from app.kernel import clock
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from integrations.matchzy.config import console_line
from integrations.matchzy.events import LOAD
from integrations.matchzy.links import link_of
from integrations.matchzy.translate import NAME
from integrations.tables import InboxDelivery, ServerLoad


async def panel(match: Row, tournament: Row, site: str) -> dict[str, Any] | None:
    """The line for the server's console and what came of it, while the match is played."""
    if (tournament["game"], tournament["state"], match["state"]) != ("cs2", "running", "ready"):
        return None
    link = await link_of(match["id"], tournament["id"], now=clock.now())
    loads = await (
        ServerLoad.select()
        .where(ServerLoad.link == link["id"])
        .order_by(ServerLoad.id, ascending=False)
    )
    return {
        "template": "servers/panel.html",
        "link": link["id"],
        "line": console_line(site, link["id"], link["secret"]),
        "load": loads[0] if loads else None,
        "last": await _last_event([str(load["id"]) for load in loads]),
    }


async def _last_event(loads: list[str]) -> Row | None:
    row: Row | None = await (
        InboxDelivery.select(InboxDelivery.received_at)
        .where(
            (InboxDelivery.provider == NAME)
            & one_of(InboxDelivery.external_id, loads)
            & (InboxDelivery.part != LOAD)
        )
        .order_by(InboxDelivery.received_at, ascending=False)
        .first()
    )
    return row
