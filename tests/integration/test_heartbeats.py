"""Heartbeats mean "it works": who only lives has none, and who died is soon forgotten."""

import asyncio
import time

import pytest

from app.kernel.operation import heartbeat
from app.kernel.operation.away import DatabaseAway
from app.kernel.operation.heartbeat import JOBS, KEY, POLLS, PROCESS, RELAY, Heart, living
from app.kernel.operation.jobs import Jobs
from app.kernel.operation.redis_client import redis_client
from app.kernel.operation.restarts import Restarts, reported, reporting
from app.kernel.operation.supervision import Supervisor
from app.services import connect
from app.worker import working
from integrations.following import Follower
from tests.site import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def client(redis_url):
    made = redis_client(redis_url)
    yield made
    await made.aclose()


@pytest.fixture
def short(monkeypatch):
    """Beats come often, and last for two seconds."""
    monkeypatch.setattr(heartbeat, "EVERY", 0.2)
    for role in heartbeat.LASTS:
        monkeypatch.setitem(heartbeat.LASTS, role, 2)


async def test_who_beats_lives_in_its_role_and_nobody_else_does(client):
    one, two = Heart(client), Heart(client)
    await one.beat(RELAY)
    await one.beat(POLLS)
    await two.beat(POLLS)
    found = await living(client)
    assert found[RELAY] == [one.process]
    assert sorted(found[POLLS]) == sorted([one.process, two.process])
    assert found[JOBS] == found[PROCESS] == []
    assert not heartbeat.is_worked(found)
    await two.beat(JOBS)
    assert heartbeat.is_worked(await living(client))


async def test_it_is_said_only_every_few_seconds_however_much_is_done(client):
    heart = Heart(client)
    await heart.beat(RELAY)
    await client.delete(KEY)
    for _ in range(100):
        await heart.beat(RELAY)
    assert (await living(client))[RELAY] == []


async def test_who_is_silent_is_forgotten(client, short):
    await Heart(client).beat(RELAY)
    assert (await living(client))[RELAY]

    async def forgotten():
        return not (await living(client))[RELAY]

    await until(forgotten, seconds=4)


async def test_a_beat_from_before_the_clock_was_set_back_is_none(client):
    """Redis' clock, too: what it would forget in an hour is not alive for an hour."""
    await client.zadd(KEY, {f"{RELAY}:ghost": time.time() + 3600, f"{POLLS}:dead": 1})
    assert (await living(client))[RELAY] == (await living(client))[POLLS] == []


async def test_no_more_is_kept_than_lives(client):
    await client.zadd(KEY, {f"{RELAY}:{number}": 1 for number in range(50)})
    await Heart(client).beat(RELAY)
    assert await client.zcard(KEY) == 1


async def test_a_house_at_work_beats_in_every_role(site):
    async def all_there():
        found = await living(site.redis)
        return all(len(names) == 1 for names in found.values())

    await until(all_there)


async def worker(settings, what):
    """A worker while `what` is awaited."""
    async with (
        connect(settings, settings.redis_url) as (db, redis),
        Supervisor() as background,
        working(settings, db, redis, background),
    ):
        await what(redis)


async def test_a_worker_whose_jobs_stand_still_is_not_at_work(settings, short, monkeypatch):
    """Polls are asked for, and nobody runs them: that is what went unnoticed for hours."""

    async def asleep(*_):
        await asyncio.sleep(3600)

    monkeypatch.setattr(Jobs, "work", asleep)

    async def look(redis):
        async def polls():
            return (await living(redis))[POLLS]

        await until(polls)
        await asyncio.sleep(0.5)
        found = await living(redis)
        assert found[POLLS]
        assert found[RELAY]
        assert not heartbeat.is_worked(found)

    await worker(settings, look)


async def test_a_worker_that_cannot_ask_what_is_due_is_not_at_work(settings, short, monkeypatch):
    async def away(*_, **__):
        raise DatabaseAway("locked")

    async def look(redis):
        async def works():
            return heartbeat.is_worked(await living(redis))

        async def rests():
            return not await works()

        await until(works)
        with monkeypatch.context() as trouble:
            trouble.setattr(Follower, "due", away)
            await until(rests)
            assert (await living(redis))[RELAY]
        await until(works)

    await worker(settings, look)


async def test_a_relay_that_cannot_read_what_is_promised_is_not_at_work(
    settings, short, monkeypatch
):
    async def away(*_, **__):
        raise DatabaseAway("locked")

    async def look(redis):
        async def relays():
            return (await living(redis))[RELAY]

        async def rests():
            return not await relays()

        await until(relays)
        with monkeypatch.context() as trouble:
            trouble.setattr("app.kernel.operation.outbox.due", away)
            await until(rests)
        await until(relays)

    await worker(settings, look)


async def test_what_was_begun_again_is_reported_until_its_process_is_gone(client, short):
    async def ends():
        raise ValueError("a mistake")

    async with Supervisor() as background:
        background.keep("relay", ends)
        reports = background.keep("reports", reporting(client, background))

        async def told():
            return await reported(client, await living(client))

        [one] = await until(told)
        assert one == Restarts("relay", one.times, one.at, "ValueError: a mistake")
        assert one.times >= 1
        reports.cancel()

    async def gone():
        return not await told()

    await until(gone, seconds=5)
