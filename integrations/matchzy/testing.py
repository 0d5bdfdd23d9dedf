"""The organiser's test of a server: what has arrived, what works, and what is missing."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from app.kernel.live.feed import LiveMessage
from app.kernel.live.publisher import Publisher
from app.kernel.text.templating import render_fragment
from integrations.matchzy.events import LOAD, event_of
from integrations.matchzy.links import link_by_id
from integrations.matchzy.translate import NAME
from integrations.tables import InboxDelivery, ServerLoad
from tournaments import queries
from tournaments.pages.outline import OOB

MOST_SHOWN = 60
PAGE = "servers/test.html"

SAID = {
    "series_start": N_("The match is set up on the server."),
    "map_vetoed": N_("{map} is out."),
    "map_picked": N_("{map} is picked."),
    "side_picked": N_("A side is picked on {map}."),
    "going_live": N_("Map {number} begins."),
    "round_end": N_("Map {number}, round {round}: {a}:{b}."),
    "map_result": N_("Map {number} ends {a}:{b}."),
    "series_end": N_("The series is over."),
}
OTHER = Message(N_("Another event: kept, not needed."))


class Line(msgspec.Struct, frozen=True):
    """One thing that happened; `name` is the server's own word for it."""

    at: datetime
    name: str
    message: Message


class State(msgspec.Struct, frozen=True):
    """How far a test is: everything the page says in words."""

    link: Row | None
    loads: list[Row]
    lines: list[Line]

    @property
    def fetched(self) -> bool:
        return bool(self.loads)

    @property
    def heard(self) -> bool:
        return len(self.lines) > len(self.loads)

    @property
    def played(self) -> bool:
        return any(line.name in ("going_live", "round_end") for line in self.lines)


def only_here(site: str) -> bool:
    """Whether an address leads to this machine alone, so that other servers miss it."""
    host = urlsplit(site).hostname or ""
    return host in ("localhost", "::1", "0.0.0.0") or host.startswith("127.")  # noqa: S104


async def state_of(link: Row | None) -> State:
    """What has come through a link since its secret was made, newest first."""
    if link is None:
        return State(None, [], [])
    loads = await (
        ServerLoad.select()
        .where((ServerLoad.link == link["id"]) & (ServerLoad.loaded_at >= link["made_at"]))
        .order_by(ServerLoad.id, ascending=False)
        .limit(MOST_SHOWN)
    )
    subjects = [str(load["id"]) for load in loads]
    rows = await (
        InboxDelivery.select()
        .where((InboxDelivery.provider == NAME) & one_of(InboxDelivery.external_id, subjects))
        .order_by(InboxDelivery.id, ascending=False)
        .limit(MOST_SHOWN)
    )
    addresses = {str(load["id"]): load["address"] for load in loads}
    return State(link, loads, [_line(row, addresses[row["external_id"]]) for row in rows])


def _line(row: Row, address: str) -> Line:
    if row["part"] == LOAD:
        fetched = Message(N_("{address} has fetched its configuration."), address=address)
        return Line(row["received_at"], LOAD, fetched)
    name = row["part"].partition(":")[0]
    return Line(row["received_at"], name, _said(name, row["body"].encode()))


def _said(name: str, body: bytes) -> Message:
    event = event_of(body) if name in SAID else None
    if event is None:
        return OTHER
    a, b = event.score or ("?", "?")
    known = {
        "map": event.map_name or "?",
        "number": (event.map_number or 0) + 1,
        "round": event.round_number,
        "a": a,
        "b": b,
    }
    text = SAID[name]
    return Message(text, **{key: value for key, value in known.items() if "{" + key + "}" in text})


class TestPushes:
    """The outbox handler of test pages."""

    __test__ = False

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def pushed(self, payloads: list[dict[str, Any]]) -> None:
        for link_id in dict.fromkeys(payload["link"] for payload in payloads):
            link = await link_by_id(link_id)
            if link is not None:
                await self._push(link)

    async def _push(self, link: Row) -> None:
        topic = f"server-test:{link['id']}"
        read = await self._publisher.languages_read([topic])
        html = {}
        if read[topic]:
            tournament = await queries.tournament_by_id(link["tournament"])
            context = {"test": await state_of(link), "t": tournament, "oob": OOB}
            html = {each: render_fragment(each, PAGE, "events", **context) for each in read[topic]}
        await self._publisher.send(LiveMessage(topic, html))
