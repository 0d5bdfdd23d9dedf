"""No key, token or webhook header is ever in a log, a page, the database or Redis."""

import logging

import httpx
import msgspec
import pytest
import structlog
from piccolo.table import TABLE_REGISTRY

from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.operation import log
from integrations import registry
from integrations.base import Connection, ProviderError
from integrations.provider import Follow
from integrations.standins.faceit import match_id
from tests.factories import cup, game, person
from tests.site import served, until
from tournaments.tables import Match

UUID = "5ec2e700-aaaa-4bbb-8ccc-0123456789ab"
PLANTED = {
    "opendota_key": UUID,
    "steam_key": "PLANTEDSTEAM0123456789ABCDEF0123",
    "faceit_key": "planted-faceit-key-0123456789",
    "faceit_webhook_secret": "planted-webhook-secret-0123456789",
}
PAGES = ("/", "/about", "/matches", "/matches/1", "/desk", "/account", "/integrations", "/health")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def loud(caplog, capsys):
    """Everything anybody writes, at the most talkative level; then all of it as text."""
    log.configure("debug")
    caplog.set_level(logging.DEBUG)
    # As a developer would have it who looks for a fault in the connection.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    said = []

    def text():
        out, err = capsys.readouterr()
        said.append(out + err)
        return "".join(said) + caplog.text

    yield text
    log.configure("warning")


async def database_text():
    rows = []
    for table in TABLE_REGISTRY:
        if not table._meta.tablename.startswith("migration") and table.__module__.endswith(
            "tables"
        ):
            rows += await table.select()
    return repr(rows)


async def redis_text(client):
    found = []
    for name in await client.keys():
        kind = (await client.type(name)).decode()
        found.append(repr(name))
        if kind == "hash":
            found.append(repr(await client.hgetall(name)))
        elif kind == "string":
            found.append(repr(await client.get(name)))
        elif kind == "zset":
            found.append(repr(await client.zrange(name, 0, -1)))
    return "".join(found)


async def provoke(settings, redis, base_url):
    """Ask every provider where nobody listens, and where everything goes wrong."""
    for url in ("http://127.0.0.1:1", f"{base_url}/nothing-here"):
        changed = {f"{name}_url": url for name in ("opendota", "steam", "faceit")}
        other = msgspec.structs.replace(settings, **changed)
        async with httpx.AsyncClient() as http:
            for poller in registry.pollers(Connection(http, redis, other, clock.now)).values():
                for kind in ("league", "game"):
                    with pytest.raises(ProviderError):
                        async for _ in poller.ask(Follow(kind=kind, ref="77"), nothing_known):
                            pass


async def tell_by_webhook(site):
    """What FACEIT would send, with the secret and with a wrong one."""
    body = {"event": "match_status_finished", "event_id": "1", "payload": {"id": match_id("1")}}
    statuses = []
    for secret in (PLANTED["faceit_webhook_secret"], PLANTED["faceit_webhook_secret"] + "x"):
        answer = await site.stranger().http.post(
            "/webhooks/faceit", json=body, headers={"x-baige-secret": secret}
        )
        statuses.append(answer.status_code)
    return statuses


async def nothing_known(_):
    return set()


async def test_planted_secrets_are_nowhere(settings, loud):
    planted = msgspec.structs.replace(settings, **PLANTED)
    async with served(planted) as site:
        made = await cup(site.db, 2, league_id="77")
        viewer = await person("operator")
        await Account.update({Account.operator: True}).where(Account.id == viewer.account)
        operator, organiser = await site.signed_in(viewer), await site.signed_in(made.organiser)
        site.world.fault("html", times=2)
        site.world.publish(game(1, *made.clans, league_id=77))

        async def decided():
            return await Match.exists().where(Match.state == "decided")

        await until(decided, seconds=30)
        site.world.fault("unauthorized")
        structlog.get_logger().info("a line to be seen")
        assert await tell_by_webhook(site) == [200, 403]
        await provoke(site.site.house.settings, site.redis, site.base_url)
        pages = [await operator.get(path) for path in PAGES]
        pages.append(await organiser.get(f"/tournaments/{made.slug}/manage"))
        pages += [await site.stranger().get(path) for path in PAGES]
        shown = "".join(page.text + repr(page.headers) for page in pages)
        stored = await database_text() + await redis_text(site.redis)
    logged = loud()
    for secret in PLANTED.values():
        assert secret not in logged
        assert secret not in shown
        assert secret not in stored
    # The test itself sees what it looks at.
    assert "a line to be seen" in logged
    assert "OpenDota" in shown
    assert "Clan 1" in stored
