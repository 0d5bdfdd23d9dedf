"""A database that is away is said as such: 503, translated, nothing half done, and asked again."""

import asyncio
import contextlib
import sqlite3
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
import structlog

from app.kernel.db import sqlite
from app.kernel.db.tables import OutboxEntry
from integrations.standins.game_server import GameServer
from integrations.standins.game_server_events import Outcome, events_of
from integrations.tables import InboxDelivery
from tests import faulty_proxy
from tests.factories import cup
from tests.site import WEBHOOK_SECRET, served, until
from tournaments.checking import differences
from tournaments.tables import Match

SAID = {
    "en": "The database does not answer just now; nothing was half done.",
    "ru": "База данных сейчас не отвечает; ничего не выполнено наполовину.",
    "kk": "Дерекқор қазір жауап бермей тұр; ештеңе жартылай орындалған жоқ.",
}


@pytest.fixture
async def house(settings, monkeypatch):
    """A served site, and what takes its database away for as long as a block runs."""
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA busy_timeout = 100"))
    if settings.database_url.startswith("sqlite"):
        async with served(settings) as site:
            yield site, lambda: locked(settings.database_url.removeprefix("sqlite:///"))
        return
    url = urlsplit(settings.database_url)
    async with faulty_proxy.before(url.hostname, url.port or 5432) as proxy:
        user = url.netloc.rpartition("@")[0]
        far = url._replace(netloc=f"{user}@127.0.0.1:{proxy.port}").geturl()
        async with served(msgspec.structs.replace(settings, database_url=far)) as site:
            yield site, lambda: refusing(proxy)


@contextlib.asynccontextmanager
async def locked(path):
    other = sqlite3.connect(path, timeout=10, check_same_thread=False)
    # Not on the loop, which whoever writes just now needs to come to an end.
    await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@contextlib.asynccontextmanager
async def refusing(proxy):
    await proxy.refuse()
    try:
        yield
    finally:
        await proxy.heal()


async def settled():
    async def done():
        return await OutboxEntry.count() == 0

    await until(done)


async def test_a_ruling_that_meets_it_is_refused_honestly_and_counts_afterwards(house):
    site, away = house
    made = await cup(site.db, 2)
    [match] = await made.matches()
    organiser = await site.signed_in(made.organiser)
    ruling = {"kind": "score", "score_a": "1", "score_b": "0", "reason": "as seen"}
    with structlog.testing.capture_logs() as logs:
        async with away():
            answers = {}
            for language in SAID:
                organiser.http.headers["accept-language"] = language
                answers[language] = await organiser.post(f"/matches/{match['id']}/rule", **ruling)
    for language, answer in answers.items():
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "content-security-policy" in answer.headers
        # The database would know the language of the account; the browser says its own.
        assert SAID[language if site.db.is_postgres else "en"] in answer.text
    # A warning, once for each, and no defect.
    mine = [line for line in logs if line["event"] == "a request met a database that is away"]
    assert len(mine) == 3
    assert not [line for line in logs if line["event"] == "defect"]
    assert (await made.matches())[0]["state"] == "ready"
    again = await organiser.post(f"/matches/{match['id']}/rule", **ruling)
    assert again.status_code == 303
    await settled()
    assert await differences() == []


async def test_pages_that_are_not_kept_say_so_too(house):
    site, away = house
    await cup(site.db, 2)
    visitor = site.stranger()
    async with away():
        answer = await visitor.get("/clans?q=nobody")
    # SQLite lets everybody read while another writes.
    assert answer.status_code == (503 if site.db.is_postgres else 200)
    assert (await visitor.get("/clans?q=nobody")).status_code == 200


async def test_a_game_servers_event_that_meets_it_is_sent_again_and_nothing_is_lost(house):
    site, away = house
    made = await cup(site.db, 2, game="cs2")
    [match] = await made.matches()
    async with httpx.AsyncClient(timeout=30) as http:
        server = GameServer(http)
        assert await server.type(await made.line(site.base_url, match["id"]))
        # As a server sends each, and again when it was told to.
        told = events_of(server.config, Outcome(maps=((13, 7),)))
        for number, event in enumerate(told):
            async with away() if number % 7 == 2 else contextlib.nullcontext():
                answer = await send(http, server, event)
                if number % 7 == 2:
                    assert answer.status_code == 503
                    assert answer.headers["retry-after"]
                    assert answer.text == ""
            if answer.status_code == 503:
                answer = await send(http, server, event)
            assert answer.status_code == 200

    async def decided():
        row = await Match.select().where(Match.id == match["id"]).first()
        return row["state"] == "decided"

    await until(decided)
    await settled()
    assert await differences() == []


async def send(http, server, event):
    cvars = server.config["cvars"]
    key, value = (cvars[f"matchzy_remote_log_header_{part}"] for part in ("key", "value"))
    return await http.post(cvars["matchzy_remote_log_url"], json=event, headers={key: value})


async def test_a_webhook_that_meets_it_is_not_acknowledged(house):
    site, away = house
    header = {"X-Baige-Secret": WEBHOOK_SECRET}
    body = {
        "event": "match_status_finished",
        "event_id": "e-1",
        "payload": {
            "id": "1-11111111-2222-4333-8444-555555555555",
            "entity": {"id": "99999999-2222-4333-8444-555555555555", "type": "championship"},
        },
    }
    await cup(site.db, 2, game="cs2", faceit="99999999-2222-4333-8444-555555555555")
    async with away():
        answer = await site.stranger().http.post("/webhooks/faceit", json=body, headers=header)
        assert answer.status_code == 503
    answer = await site.stranger().http.post("/webhooks/faceit", json=body, headers=header)
    assert answer.status_code == 200
    assert await InboxDelivery.count() == 1
