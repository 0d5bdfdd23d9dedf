"""The relay knows who reads, and what it does not know harms nobody."""

import asyncio

import pytest
import redis.asyncio

from app.kernel.live import readers
from app.kernel.live.hub import Hub
from app.kernel.live.readers import Readers, languages_read
from app.kernel.operation.supervision import Supervisor
from tests.site import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def client(redis_url):
    made = redis.asyncio.Redis.from_url(redis_url)
    yield made
    await made.aclose()


async def reading(hub: Hub, name: str):
    stream = hub.stream(name, "")
    await anext(stream)
    return stream


async def test_what_is_read_is_known_at_once_and_again_and_again(client, monkeypatch):
    hub = Hub()
    monkeypatch.setattr(readers, "REFRESH_SECONDS", 0.3)
    before = await reading(hub, "match:7:kk")
    async with Supervisor() as background:
        background.keep("readers", Readers(client, hub).run)

        async def known(topic="match:7"):
            return (await languages_read(client, [topic]))[topic]

        assert await until(known) == ("kk",)
        late = await reading(hub, "match:7:ru")

        async def both():
            return await known() == ("kk", "ru")

        await until(both, seconds=2)
        # A Redis that was emptied is told again.
        await client.flushdb()
        await until(both, seconds=2)
        assert await languages_read(client, ["home", "match:7"]) == {
            "home": (),
            "match:7": ("kk", "ru"),
        }
        assert await client.ttl(readers._key("match:7:kk")) <= readers.LASTS_SECONDS
        await late.aclose()
    await before.aclose()
    assert readers.LASTS_SECONDS > 2 * 15


async def test_no_topics_are_no_question(client):
    assert await languages_read(client, []) == {}


async def test_a_reader_that_is_not_known_is_told_to_fetch_its_page(client):
    hub = Hub()
    hub.begin("e", 1)
    stream = hub.stream("home:en", "e-1")
    await anext(stream)
    hub.publish("home", 2, {})
    assert b"event: resync" in await asyncio.wait_for(anext(stream), 1)
    await stream.aclose()
