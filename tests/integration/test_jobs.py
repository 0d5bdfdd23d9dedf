"""Jobs: whatever a dead worker, a full disk or a clock leaves behind, work goes on soon."""

import asyncio
import time

import pytest
from redis.exceptions import ConnectionError as Lost

from app import worker
from app.kernel.operation import jobs as jobs_module
from app.kernel.operation.heartbeat import Heart
from app.kernel.operation.jobs import LEASE_MS, Jobs
from app.kernel.operation.redis_client import redis_client
from app.kernel.operation.supervision import Supervisor
from app.kernel.operation.valkey import Valkey
from tests.site import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOUR_MS = 3_600_000


@pytest.fixture
async def client(redis_url):
    made = redis_client(redis_url)
    yield made
    await made.aclose()


class Done:
    """A job that notes what it was called with."""

    def __init__(self):
        self.calls = []

    async def __call__(self, *args):
        self.calls.append(args)

    async def times(self, number):
        async def enough():
            return len(self.calls) >= number

        await until(enough, seconds=LEASE_MS / 1000 + 8)


async def ask(jobs, unique="poll:1"):
    """What the worker does every second."""
    while True:
        await jobs.enqueue("poll", 1, unique=unique)
        await asyncio.sleep(0.1)


async def test_one_job_of_a_name_at_a_time_and_another_afterwards(client):
    jobs, running, most = Jobs(client), [], []

    async def poll(_):
        running.append(1)
        most.append(len(running))
        await asyncio.sleep(0.3)
        running.pop()

    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": poll}))
        background.keep("more", lambda: Jobs(client).work({"poll": poll}))
        background.keep("asking", lambda: ask(jobs))
        await until(lambda: asyncio.sleep(0, len(most) >= 3))
    assert set(most) == {1}


@pytest.mark.parametrize(
    "left_behind",
    [
        "a mark of who died",
        "a mark from before the clock was set back",
        "a result of an hour",
        "too many tries",
        "a job without a queue",
        "a queue without a job",
        "a place in the future",
        "rubbish",
    ],
)
async def test_what_a_dead_worker_left_bars_nobody_for_long(client, left_behind, monkeypatch):
    monkeypatch.setattr(jobs_module, "LEASE_MS", 1_000)
    jobs, done = Jobs(client), Done()
    await jobs.enqueue("poll", 1, unique="poll:1")
    match left_behind:
        case "a mark of who died":
            await client.set("arq:in-progress:poll:1", b"1", px=1_000)
        case "a mark from before the clock was set back":
            await client.set("arq:in-progress:poll:1", b"1", px=HOUR_MS)
        case "a result of an hour":
            await client.delete("arq:job:poll:1", "arq:queue")
            await client.set("arq:result:poll:1", b"", px=HOUR_MS)
        case "too many tries":
            await client.set("arq:retry:poll:1", b"9", px=HOUR_MS)
        case "a job without a queue":
            await client.delete("arq:queue")
        case "a queue without a job":
            await client.delete("arq:job:poll:1")
        case "a place in the future":
            await client.zadd("arq:queue", {"poll:1": time.time() * 1000 + HOUR_MS})
        case "rubbish":
            await client.set("arq:job:poll:1", b"\x80\x04 no message of ours")
    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": done}))
        background.keep("asking", lambda: ask(jobs))
        await done.times(2)
        assert background.restarts["jobs"] == 0


async def test_a_clock_that_is_set_back_stops_nothing(client, monkeypatch):
    jobs, done = Jobs(client), Done()
    await jobs.enqueue("poll", 0, unique="poll:0")
    real = time.time
    for name in ("arq.connections.timestamp_ms", "arq.worker.timestamp_ms"):
        monkeypatch.setattr(name, lambda: int((real() - 7_200) * 1000))
    await jobs.enqueue("poll", 1, unique="poll:1")
    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": done}))
        await done.times(2)
    assert done.calls == [(0,), (1,)]


async def test_a_running_job_keeps_its_mark_and_a_killed_workers_job_is_taken_up(
    client, monkeypatch
):
    monkeypatch.setattr(jobs_module, "LEASE_MS", 800)
    jobs, begun = Jobs(client), []

    async def slow(_):
        begun.append(1)
        await asyncio.sleep(60)

    await jobs.enqueue("poll", 1, unique="poll:1")
    async with Supervisor() as background:
        dying = background.keep("dying", lambda: jobs.work({"poll": slow}))
        other = background.keep("other", lambda: Jobs(client).work({"poll": slow}))
        await until(lambda: asyncio.sleep(0, len(begun) == 1))
        await asyncio.sleep(2)
        assert len(begun) == 1
        assert 0 < await client.pttl("arq:in-progress:poll:1") <= 800
        # As kill -9 would: nobody marks it any more, nobody cleans up.
        monkeypatch.setattr(Jobs, "_renew_leases", lambda *_: asyncio.sleep(60))
        for task in (dying, other):
            task.cancel()
        await asyncio.wait([dying, other])
        await client.set("arq:in-progress:poll:1", b"1", px=800)
        background.keep("third", lambda: Jobs(client).work({"poll": slow}))
        await until(lambda: asyncio.sleep(0, len(begun) == 2), seconds=5)


async def test_a_mark_that_ends_early_begins_nothing_twice_in_one_worker(client):
    """The clock of Redis was set forward while it ran."""
    jobs, begun = Jobs(client), []

    async def slow(_):
        begun.append(1)
        await asyncio.sleep(1)

    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": slow}))
        await jobs.enqueue("poll", 1, unique="poll:1")
        await until(lambda: asyncio.sleep(0, begun))
        await client.delete("arq:in-progress:poll:1", "arq:job:poll:1")
        await jobs.enqueue("poll", 1, unique="poll:1")
        await asyncio.sleep(0.6)
        assert len(begun) == 1
        assert background.restarts["jobs"] == 0


async def test_a_job_that_fails_is_over_and_the_worker_lives(client):
    jobs, calls = Jobs(client), []

    async def stumble(_):
        calls.append(1)
        raise [ValueError("bad"), OSError("away"), asyncio.CancelledError()][len(calls) % 3]

    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": stumble}))
        background.keep("asking", lambda: ask(jobs))
        await until(lambda: asyncio.sleep(0, len(calls) >= 6))
        assert background.restarts["jobs"] == 0


async def test_redis_may_go_and_come_and_no_connection_of_others_is_closed(tmp_path, database_url):
    valkey = Valkey(tmp_path / "going")
    await valkey.start()
    client, done = redis_client(valkey.url), Done()
    jobs = Jobs(client)
    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": done}))
        background.keep("asking", lambda: ask(jobs))
        await done.times(2)
        for _ in range(2):
            valkey.stop()
            with pytest.raises((Lost, OSError)):
                await jobs.enqueue("poll", 1, unique="poll:1")
            before = background.restarts["jobs"]
            await until(
                lambda before=before: asyncio.sleep(0, background.restarts["jobs"] > before)
            )
            await valkey.start()
            await done.times(len(done.calls) + 2)
    await client.aclose()
    valkey.stop()


async def test_a_redis_that_takes_no_writes_for_a_while(client):
    """A full disk or memory: what it says is an error like any other."""
    jobs, done = Jobs(client), Done()
    async with Supervisor() as background:
        background.keep("jobs", lambda: jobs.work({"poll": done}))
        background.keep("asking", lambda: ask(jobs))
        await done.times(1)
        await client.config_set("maxmemory", "1")
        await until(lambda: asyncio.sleep(0, background.restarts["asking"] >= 2))
        await client.config_set("maxmemory", "0")
        await done.times(len(done.calls) + 2)


async def test_asking_what_is_due_leaves_no_second_self_behind(client, monkeypatch):
    """Whichever of its parts falls: each life asks once a second, and dies as a whole."""
    monkeypatch.setattr(worker, "ASK_EVERY", 0.01)
    asking, most = set(), []

    class Follower:
        async def catch_up(self, *, now):
            return

        async def due(self, *, now):
            asking.add(asyncio.current_task())
            most.append(len({each for each in asking if not each.done()}))
            return []

    class Broken:
        async def enqueue(self, *_, **__):
            raise Lost("Redis is away")

    make = worker._asking(client, Follower(), {}, Broken(), Heart(client))
    async with Supervisor() as background:
        background.keep("polls", make)
        await until(lambda: asyncio.sleep(0, background.restarts["polls"] >= 4))
    assert set(most) == {1}
