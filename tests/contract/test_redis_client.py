"""What our connections to Redis promise: they let go when told to, and wait for nobody in vain."""

import asyncio
import random

import pytest
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NotInTime

from app.kernel.operation import redis_client as module
from app.kernel.operation.redis_client import redis_client
from app.kernel.operation.valkey import Valkey
from tests import faulty_proxy, servers


@pytest.fixture
async def valkey(tmp_path):
    made = Valkey(tmp_path / "v")
    await made.start()
    yield made
    made.stop()


def test_every_kind_of_address_gets_such_a_connection():
    for url, kind in (
        ("redis://127.0.0.1:1", Connection),
        ("rediss://127.0.0.1:1", SSLConnection),
        ("unix:///nowhere", UnixDomainSocketConnection),
    ):
        [made] = {redis_client(url).connection_pool.make_connection()}
        assert isinstance(made, kind)
        assert made.socket_timeout == module.ANSWER_TIMEOUT
        assert made.socket_connect_timeout == module.CONNECT_TIMEOUT


async def test_who_is_told_to_stop_stops(valkey):
    client, chance = redis_client(valkey.url), random.Random(1)

    async def go_on():
        while True:
            await client.incr("x")
            async with client.pipeline(transaction=True) as steps:
                await steps.watch("x")
                await steps.exists("x")
                steps.multi()
                steps.set("y", 1)
                await steps.execute()

    for _ in range(60):
        tasks = [asyncio.create_task(go_on()) for _ in range(4)]
        await asyncio.sleep(chance.random() * 0.004)
        for task in tasks:
            task.cancel()
        _, left = await asyncio.wait(tasks, timeout=2)
        assert not left
    await client.aclose()


async def test_a_redis_that_is_silent_is_away_and_comes_back(monkeypatch, real_redis):
    if real_redis is None:
        servers.skip_or_fail("Redis")
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 0.2)
    monkeypatch.setattr(module, "CONNECT_TIMEOUT", 0.2)
    async with faulty_proxy.before("127.0.0.1", 6379) as proxy:
        client = redis_client(f"redis://127.0.0.1:{proxy.port}/{real_redis.rsplit('/')[-1]}")
        await client.set("x", 1)
        proxy.swallow()
        for _ in range(3):
            with pytest.raises(NotInTime):
                await client.get("x")
        await proxy.heal(forget=True)
        assert await client.get("x") == b"1"
        await proxy.refuse()
        for _ in range(3):
            with pytest.raises(RedisError):
                await client.get("x")
        await proxy.heal()
        assert await client.get("x") == b"1"
        await client.aclose()
