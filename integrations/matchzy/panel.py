"""The "Game server" card on the match page, for the organiser."""

from typing import Any

from app.accounts.visit import Visit
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.http.tokens import matches
from integrations.matchzy.config import console_line
from integrations.matchzy.events import LOAD
from integrations.matchzy.links import link_of
from integrations.matchzy.translate import NAME
from integrations.tables import InboxDelivery, ServerLoad


async def panel(match: Row, tournament: Row, visit: Visit) -> dict[str, Any] | None:
    """The line for the server's console, right after it was made, and what came of it."""
    if (tournament["game"], tournament["state"], match["state"]) != ("cs2", "running", "ready"):
        return None
    link = await link_of(tournament["id"], match["id"])
    loads = await _loads_of(link) if link else []
    return {
        "template": "servers/panel.html",
        "above": "servers/line.html",
        "link": link,
        "line": fresh_line(visit, link),
        "load": loads[0] if loads else None,
        "last": await _last_event([str(load["id"]) for load in loads]),
    }


def fresh_line(visit: Visit, link: Row | None) -> str:
    """What to paste into a server's console, if it was made just now; else nothing."""
    secret = visit.handed(handed_as(link)) if link else ""
    if link is None or not matches(secret, link["secret_hash"]):
        return ""
    return console_line(visit.site, link["id"], secret)


def handed_as(link: Row) -> str:
    """Under which name a link's secret is handed to the page that shows it."""
    return f"server-link:{link['id']}"


async def _loads_of(link: Row) -> list[Row]:
    rows: list[Row] = await (
        ServerLoad.select()
        .where(ServerLoad.link == link["id"])
        .order_by(ServerLoad.id, ascending=False)
    )
    return rows


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
