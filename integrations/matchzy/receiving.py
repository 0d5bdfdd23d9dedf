"""A server calls: it fetches its configuration, or says what has happened.

A wrong secret, or a load we did not give out, is refused and nothing is kept.
Everything else is kept as it came and made sense of later, so that the answer
goes out at once: the server waits for it and does not ask twice.
"""

from datetime import datetime
from typing import Any

import msgspec
from litestar.status_codes import (
    HTTP_200_OK,
    HTTP_400_BAD_REQUEST,
    HTTP_403_FORBIDDEN,
)

from app.kernel.db.database import Row
from app.kernel.http.ratelimit import RateLimit
from app.kernel.http.web import House
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.matchzy import links
from integrations.matchzy.config import config_of, secret_in
from integrations.matchzy.events import LOAD, Head, head_of
from integrations.matchzy.translate import NAME
from integrations.tables import ServerLink, ServerLoad
from tournaments import results
from tournaments.live_games import hide_live

# Nobody fills our database with wrong guesses: beyond this they are not counted.
COUNTED = RateLimit("server-test", times=20, seconds=60)
FIRST_EVENT = "series_start"


async def fetch_config(
    house: House, link_id: int, header: str, site: str, address: str, *, now: datetime
) -> dict[str, Any] | None:
    """The configuration of a fresh load; None for a wrong secret, `Conflict` as `links.load`."""
    link = await links.link_by_id(link_id)
    if not links.opens(link, header) or link is None:
        await _count_wrong(house, link, now=now)
        return None
    order, remembered = await links.load(link, secret_in(header), site, address, now=now)
    first_word = Delivery(subject=str(order.load), part=LOAD, body=msgspec.json.encode(remembered))
    await Inbox(house.db).land(NAME, first_word, link["tournament"], now=now)
    await _show(house, link, now=now)
    return config_of(order)


async def receive(house: House, header: str, body: bytes, *, now: datetime) -> int:
    """Take one event; the status to answer with."""
    head = head_of(body)
    if head is None:
        return HTTP_400_BAD_REQUEST
    link = await links.link_of_load(head.load) if head.load is not None else None
    if not links.opens(link, header) or link is None:
        await _count_wrong(house, link, now=now)
        return HTTP_403_FORBIDDEN
    event = Delivery(subject=str(head.load), part=head.part, body=body)
    new = await Inbox(house.db).land(NAME, event, link["tournament"], now=now)
    if new and head.name == FIRST_EVENT and link["match"] is not None:
        await _give_up_what_was(link["match"], head.load)
    if new and _is_news(link, head):
        await _show(house, link, now=now)
    return HTTP_200_OK


async def _give_up_what_was(match: int, load: int | None) -> None:
    """A match set up anew is not at the score any more at which its server crashed."""
    row = await ServerLoad.select(ServerLoad.loaded_at).where(ServerLoad.id == load).first()
    if row is not None:
        await hide_live(match, row["loaded_at"])


def _is_news(link: Row, head: Head) -> bool:
    """What shows by itself: all of a test; of a match its beginning, for scores follow."""
    return link["match"] is None or head.name == FIRST_EVENT


async def _count_wrong(house: House, link: Row | None, *, now: datetime) -> None:
    """Whoever tests a server is told that its header is wrong."""
    if link is None or link["match"] is not None:
        return
    if await COUNTED.spend(house.redis, str(link["id"])):
        await ServerLink.update(
            {ServerLink.wrong: ServerLink.wrong + 1, ServerLink.wrong_at: now}
        ).where(ServerLink.id == link["id"])
        await _show(house, link, now=now)


async def _show(house: House, link: Row, *, now: datetime) -> None:
    """Bring the pages up to date on which the organiser looks at this link."""
    async with house.db.transaction() as tx:
        if link["match"] is None:
            await tx.later("server_test", now=now, link=link["id"])
        else:
            await results.push(tx, link["tournament"], [link["match"]], now=now)
