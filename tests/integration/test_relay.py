"""The relay: everything promised happens, in order, whoever dies in between."""

import asyncio

import pytest
import redis.asyncio

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.live.feed import Feed, LiveMessage, send
from app.kernel.live.hub import Hub
from app.kernel.operation.relay import LOCK, TRIES, Relay
from app.services import running


@pytest.fixture
async def client(redis_url):
    made = redis.asyncio.Redis.from_url(redis_url)
    yield made
    await made.aclose()


async def promise(db, *kinds):
    async with db.transaction() as tx:
        for number, kind in enumerate(kinds):
            await tx.later(kind, now=clock.now(), number=number)


async def test_promises_are_kept_in_order_and_then_forgotten(db, client):
    done = []

    async def keep(payloads):
        done.extend(payload["number"] for payload in payloads)

    await promise(db, "a", "a", "b", "a")
    assert await Relay(client, {"a": keep, "b": keep}).deliver() == 4
    assert done == [0, 1, 2, 3]
    assert await OutboxEntry.count() == 0


async def test_one_that_fails_holds_nobody_back_and_is_tried_again(db, client):
    done = []

    async def keep(payloads):
        for payload in payloads:
            if payload["number"] == 1:
                raise ValueError("bad")
        done.extend(payload["number"] for payload in payloads)

    await promise(db, "a", "a", "a")
    relay = Relay(client, {"a": keep})
    await relay.deliver()
    assert done == [0, 2]
    for _ in range(TRIES + 2):
        await relay.deliver()
    [left] = await OutboxEntry.select()
    assert left["tries"] == TRIES


async def test_a_rolled_back_transaction_promises_nothing(db, client):
    with pytest.raises(ValueError, match="stop"):
        async with db.transaction() as tx:
            await tx.later("a", now=clock.now())
            raise ValueError("stop")
    assert await OutboxEntry.count() == 0


async def test_one_relay_leads_and_another_takes_over_when_it_is_gone(db, client, redis_url):
    done = []

    def named(name):
        async def keep(payloads):
            done.extend((name, payload["number"]) for payload in payloads)

        return keep

    other = redis.asyncio.Redis.from_url(redis_url)
    first = asyncio.create_task(Relay(client, {"a": named("first")}).run())
    while not await client.get(LOCK):
        await asyncio.sleep(0.01)
    second = asyncio.create_task(Relay(other, {"a": named("second")}).run())
    await promise(db, "a")
    async with asyncio.timeout(5):
        while not done:
            await asyncio.sleep(0.02)
    assert done == [("first", 0)]
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await promise(db, "a")
    async with asyncio.timeout(10):
        while len(done) < 2:
            await asyncio.sleep(0.02)
    assert done[1][0] == "second"
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await other.aclose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_two_sites_on_one_redis_do_not_hear_each_other(client, redis_url):
    other = redis.asyncio.Redis.from_url(f"{redis_url}?db=3")
    hub = Hub()
    heard = asyncio.Event()
    feed = Feed(client, hub, lambda _: heard.set(), lambda: None, lambda: None)
    async with running(feed.run()):
        await feed.ready.wait()
        await send(other, LiveMessage("home", {"en": "of the other site"}))
        await asyncio.sleep(0.2)
        assert not heard.is_set()
        await send(client, LiveMessage("home", {"en": "of this site"}))
        await asyncio.wait_for(heard.wait(), 5)
    assert hub.number == 1
    await other.aclose()
