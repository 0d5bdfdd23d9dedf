"""What the two health pages say: the truth, at once, to everybody, and nothing secret."""

import asyncio
import signal
import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from app import health
from app.health import Readiness
from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation import outbox
from app.kernel.operation.heartbeat import JOBS, POLLS, RELAY, Heart
from tests import faulty_proxy
from tests.processes import Process
from tests.site import served, until

WELL = {
    "ready": True,
    "draining": False,
    "database": "ok",
    "redis": "ok",
    "relay": "ok",
    "worker": "ok",
    "oldest_seconds": 0,
    "parked": 0,
}
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def asked(site):
    answer = await site.stranger().get("/health/ready")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.status_code == (200 if answer.json()["ready"] else 503)
    return answer.json()


@pytest.fixture
async def web(settings):
    """The web half alone."""
    async with served(settings, worker=False) as running:
        yield running


async def beat(site, *roles):
    heart = Heart(site.redis)
    for role in roles:
        await heart.beat(role)


async def promise(at, **columns):
    await OutboxEntry.insert(OutboxEntry(at=at, kind="matches", payload="{}", **columns))


async def test_a_house_at_work_is_ready(site):
    async def ready():
        found = await asked(site)
        return found["ready"] and found

    assert await until(ready) == WELL
    for path in ("/health", "/health/ready"):
        head = await site.stranger().http.head(path)
        assert (head.status_code, head.content) == (200, b"")
    alive = await site.stranger().get("/health")
    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert alive.headers["content-type"].startswith("text/plain")


@sqlite
async def test_without_a_worker_it_lives_and_is_not_ready(web):
    assert await asked(web) == WELL | {"ready": False, "relay": "missing", "worker": "missing"}
    assert (await web.stranger().get("/health")).status_code == 200


@sqlite
@pytest.mark.parametrize("lacking", [RELAY, POLLS, JOBS])
async def test_each_part_of_a_worker_is_missed(web, lacking):
    await beat(web, *{RELAY, POLLS, JOBS} - {lacking})
    lacks = "relay" if lacking == RELAY else "worker"
    assert await asked(web) == WELL | {"ready": False, lacks: "missing"}


@sqlite
async def test_promises_that_nobody_keeps_are_told(web):
    await beat(web, RELAY, POLLS, JOBS)
    now = clock.now()
    await promise(now - timedelta(days=2), tries=outbox.TRIES)
    await promise(now - timedelta(seconds=100))
    # One that is parked waits for a person, not for us; and one rests while it fails.
    assert await asked(web) == WELL | {"oldest_seconds": 100, "parked": 1}
    await asyncio.sleep(health.KEPT)
    await OutboxEntry.update({OutboxEntry.at: now - timedelta(seconds=200)}).where(
        OutboxEntry.tries == 0
    )
    found = await asked(web)
    assert not found["ready"]
    assert found["oldest_seconds"] in (201, 202)


@sqlite
async def test_a_clock_that_was_set_back_makes_no_negative_age(web):
    await promise(clock.now() + timedelta(hours=1))
    assert (await asked(web))["oldest_seconds"] == 0


@sqlite
@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_database_that_is_silent_keeps_nobody_waiting(web, monkeypatch, stubborn):
    """Not even where asking it cannot be stopped; and it is not asked ever more."""
    calls, over = [], asyncio.Event()

    async def silent(*, now):
        calls.append(now)
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                if not stubborn:
                    raise

    monkeypatch.setattr(outbox, "backlog", silent)
    for _ in range(2):
        began = time.monotonic()
        found = await asked(web)
        assert time.monotonic() - began < 2
        assert (found["database"], found["oldest_seconds"], found["parked"]) == ("away", None, None)
        assert found["redis"] == "ok"
        assert (await web.stranger().get("/health")).status_code == 200
        await asyncio.sleep(health.KEPT)
    assert len(calls) == (1 if stubborn else 2)
    over.set()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_database_that_refuses_or_is_silent_is_told_until_it_is_back(settings):
    url = urlsplit(settings.database_url)
    async with faulty_proxy.before(url.hostname, url.port or 5432) as proxy:
        user = url.netloc.rpartition("@")[0]
        far = url._replace(netloc=f"{user}@127.0.0.1:{proxy.port}").geturl()
        async with served(msgspec.structs.replace(settings, database_url=far)) as web:

            async def is_said(database, ready):
                found = await asked(web)
                return (found["database"], found["ready"]) == (database, ready)

            await until(lambda: is_said("ok", True))
            await proxy.refuse()
            await until(lambda: is_said("away", False))
            await proxy.heal()
            await until(lambda: is_said("ok", True))
            proxy.swallow()
            began = time.monotonic()
            await until(lambda: is_said("away", False))
            assert time.monotonic() - began < 4
            await proxy.heal(forget=True)
            await until(lambda: is_said("ok", True))


class BrokenRedis:
    def __init__(self, error=None):
        self.error = error

    async def set(self, *_, **__):
        if self.error:
            raise self.error
        await asyncio.sleep(60)


@pytest.mark.parametrize("error", [None, ConnectionRefusedError("secret@host")])
async def test_a_redis_that_is_away_or_silent_is_told(db, error):
    report = await Readiness(BrokenRedis(error)).report()
    assert (report.ready, report.redis, report.relay, report.worker) == (
        False,
        "away",
        "unknown",
        "unknown",
    )
    assert report.database == "ok"
    assert "secret" not in repr(report)


@sqlite
async def test_however_many_ask_it_is_looked_at_once_a_second(web, monkeypatch):
    calls, backlog = [], outbox.backlog

    async def counted(*, now):
        calls.append(now)
        return await backlog(now=now)

    monkeypatch.setattr(outbox, "backlog", counted)
    await asyncio.gather(*(asked(web) for _ in range(40)))
    assert len(calls) == 1


@sqlite
async def test_who_is_told_to_end_says_so_at_once_and_serves_on(site):
    async def ready():
        return (await asked(site))["ready"]

    await until(ready)
    # Kept for a second, but not this.
    site.site.readiness.drain()
    assert await asked(site) == WELL | {"ready": False, "draining": True}
    assert (await site.stranger().get("/health")).text == "ok\n"
    assert (await site.stranger().get("/")).status_code == 200


@pytest.mark.timeout(90)
async def test_after_sigterm_all_are_served_until_it_ends(tmp_path):
    house = Process("up", "--no-demo", folder=tmp_path, data_dir="var", drain_seconds="4")
    port = await house.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

        async def ready():
            return (await http.get("/health/ready")).status_code == 200

        await until(ready)
        house.process.send_signal(signal.SIGTERM)
        began = time.monotonic()

        async def drains():
            answer = await http.get("/health/ready")
            return answer.status_code == 503 and answer.json()["draining"]

        await until(drains, seconds=3)
        # New connections, too.
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as another:
            assert (await another.get("/")).status_code == 200
            assert (await another.get("/health")).status_code == 200
    await asyncio.wait_for(house.process.wait(), 10)
    assert 3.9 < time.monotonic() - began < 9
    assert house.process.returncode == 0


@pytest.mark.timeout(90)
async def test_a_second_signal_ends_it_at_once(tmp_path):
    house = Process("up", "--no-demo", folder=tmp_path, data_dir="var", drain_seconds="60")
    await house.start()
    house.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    assert house.process.returncode is None
    house.process.send_signal(signal.SIGINT)
    await asyncio.wait_for(house.process.wait(), 5)
    assert house.process.returncode == 130
