"""The relay: everything promised happens, in order, whoever dies in between."""

import asyncio
import sqlite3

import pytest
import redis.asyncio
from redis.exceptions import RedisError

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.live.feed import Feed, LiveMessage, send
from app.kernel.live.hub import Hub
from app.kernel.operation import outbox
from app.kernel.operation.away import DatabaseAway, is_away
from app.kernel.operation.outbox import FIRST_PAUSE, LONGEST_PAUSE
from app.kernel.operation.redis_client import redis_client
from app.kernel.operation.relay import BATCH, LOCK, LOCK_MS, TRIES, Relay, wake
from app.kernel.operation.supervision import Supervisor
from app.kernel.operation.valkey import Valkey
from tests.site import until

FAILURES = [
    OSError("a chat service is away"),
    RedisError("not ours"),
    TimeoutError(),
    ValueError("bad"),
    sqlite3.OperationalError("database is locked"),
    DatabaseAway("locked"),
    asyncio.CancelledError(),
    SystemExit(2),
    ExceptionGroup("some", [OSError("one")]),
]


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
    ones, others = [], []
    await promise(db, "a", "a", "b", "a")
    relay = Relay(client, {"a": keep_all(ones), "b": keep_all(others)})
    assert await relay.deliver() == 4
    assert (ones, others) == ([0, 1, 3], [2])
    assert await OutboxEntry.count() == 0


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
async def test_one_that_fails_rests_and_is_parked_alone_whatever_it_raises(db, client, day, error):
    done = []

    async def keep(payloads):
        for payload in payloads:
            if payload["number"] == 1:
                raise error
        done.extend(payload["number"] for payload in payloads)

    await promise(db, "a", "a", "a")
    relay = Relay(client, {"a": keep})
    await relay.deliver()
    assert done == [0, 2]
    [left] = await OutboxEntry.select()
    assert (left["tries"], left["next_at"]) == (1, day.now + FIRST_PAUSE)
    assert type(error).__name__ in left["error"]
    # It rests: nobody hammers what fails.
    await relay.deliver()
    [left] = await OutboxEntry.select()
    assert left["tries"] == 1
    for _ in range(TRIES + 2):
        day.go_on(seconds=LONGEST_PAUSE.total_seconds())
        await relay.deliver()
    [left] = await OutboxEntry.select()
    assert left["tries"] == TRIES
    # A person sees it, and says that it be tried again.
    [parked] = await outbox.parked()
    assert (parked["kind"], parked["error"]) == ("a", left["error"])
    error = None
    relay = Relay(client, {"a": keep_all(done)})
    assert await outbox.retry() == 1
    assert await relay.deliver() == 1
    assert done == [0, 2, 1]
    assert await outbox.parked() == []


def keep_all(done):
    async def keep(payloads):
        done.extend(payload["number"] for payload in payloads)

    return keep


async def test_a_kind_nobody_handles_and_words_nobody_reads_are_parked_too(db, client, day):
    done = []
    await promise(db, "a", "of the future")
    await OutboxEntry.insert(OutboxEntry(at=clock.now(), kind="a", payload="{}"))
    relay = Relay(client, {"a": keep_all(done)})
    for _ in range(TRIES):
        await relay.deliver()
        day.go_on(seconds=LONGEST_PAUSE.total_seconds())
    assert set(done) == {0}
    assert sorted(each["kind"] for each in await outbox.parked()) == ["a", "of the future"]


async def test_a_clock_that_is_set_back_makes_nobody_rest_for_hours(db, client, day):
    done = []

    async def fail(_):
        raise ValueError("bad")

    await promise(db, "a")
    await Relay(client, {"a": fail}).deliver()
    day.go_on(hours=-2)
    await Relay(client, {"a": keep_all(done)}).deliver()
    assert done == [0]


async def test_a_slow_kind_holds_no_other_back_and_keeps_its_order(db, client):
    done, may_go_on = [], asyncio.Event()

    async def slow(payloads):
        await may_go_on.wait()
        done.extend(("slow", payload["number"]) for payload in payloads)

    async def quick(payloads):
        done.extend(("quick", payload["number"]) for payload in payloads)

    relay = Relay(client, {"slow": slow, "quick": quick})
    # More than a batch of the slow kind is in front of the quick one.
    await promise(db, *["slow"] * (BATCH + 5), "quick")
    async with Supervisor() as background:
        background.keep("relay", relay.run)
        await until(lambda: when(len(done) == 1), seconds=5)
        await promise(db, "quick", "slow", "quick")
        await relay_wakes(client)
        await until(lambda: when(len(done) == 3), seconds=5)
        assert {kind for kind, _ in done} == {"quick"}
        may_go_on.set()
        await until(lambda: when(len(done) == BATCH + 9), seconds=5)
    numbers = [number for kind, number in done if kind == "slow"]
    assert numbers == [*range(BATCH + 5), 1]
    assert await OutboxEntry.count() == 0


async def test_kinds_that_are_together_keep_the_order_among_them(db, client):
    done = []

    def named(name):
        async def keep(payloads):
            await asyncio.sleep(0.01 if name == "a" else 0)
            done.extend((name, payload["number"]) for payload in payloads)

        return keep

    relay = Relay(client, {name: named(name) for name in "abc"}, together=("a", "b"))
    await promise(db, "a", "b", "c", "a", "a", "b")
    await relay.deliver()
    assert done == [("c", 2), ("a", 0), ("b", 1), ("a", 3), ("a", 4), ("b", 5)]
    async with Supervisor() as background:
        background.keep("relay", relay.run)
        await promise(db, "b", "a", "b")
        await until(lambda: when(len(done) == 9), seconds=5)
    assert done[6:] == [("b", 0), ("a", 1), ("b", 2)]


async def when(found):
    return found


async def relay_wakes(client):
    await wake(client)


@pytest.mark.parametrize("error", FAILURES[:4], ids=lambda error: type(error).__name__)
async def test_a_handler_that_always_fails_stops_nobody_and_nothing_spins(db, client, error):
    done, tried = [], []

    async def fail(payloads):
        tried.append(len(payloads))
        raise error

    relay = Relay(client, {"bad": fail, "good": keep_all(done)})
    await promise(db, "bad")
    async with Supervisor() as background:
        background.keep("relay", relay.run)
        for number in range(3):
            await promise(db, "good")
            await wake(client)
            await until(lambda number=number: when(len(done) == number + 1), seconds=5)
        assert background.restarts["relay"] == 0
    assert len(tried) <= 2


async def test_a_handler_that_hangs_is_timed_out_and_counted(db, client, monkeypatch):
    monkeypatch.setattr("app.kernel.operation.relay.PATIENCE", -0.9)
    done = []

    async def hang(_):
        await asyncio.sleep(60)

    await promise(db, "hangs", "good")
    async with asyncio.timeout(5):
        assert await Relay(client, {"hangs": hang, "good": keep_all(done)}).deliver() == 1
    [left] = await OutboxEntry.select()
    assert (left["kind"], left["tries"]) == ("hangs", 1)
    assert "TimeoutError" in left["error"]


async def test_while_redis_is_away_nothing_is_counted_and_afterwards_all_is_done(
    db, redis_url, tmp_path
):
    valkey = Valkey(tmp_path / "away")
    await valkey.start()
    client = redis_client(valkey.url)
    done = []

    async def publish(payloads):
        await client.publish("somewhere", b"")
        done.extend(payload["number"] for payload in payloads)

    async with Supervisor() as background:
        background.keep("relay", Relay(client, {"a": publish}).run)
        await promise(db, "a")
        await until(lambda: when(done == [0]), seconds=5)
        valkey.stop()
        await promise(db, "a", "a")
        await until(lambda: when(background.restarts["relay"] >= 2), seconds=10)
        assert done == [0]
        assert {row["tries"] for row in await OutboxEntry.select()} == {0}
        await valkey.start()
        await until(lambda: when(done == [0, 0, 1]), seconds=15)
    await client.aclose()
    valkey.stop()


async def test_a_lane_in_which_redis_goes_away_blames_no_entry(db, tmp_path, redis_url):
    valkey = Valkey(tmp_path / "away")
    await valkey.start()
    client = redis_client(valkey.url)

    async def stumble(_):
        valkey.stop()
        raise OSError("in the middle of it")

    await promise(db, "a", "a")
    with pytest.raises(ExceptionGroup) as ended:
        await Relay(client, {"a": stumble}).deliver()
    assert is_away(ended.value)
    assert {row["tries"] for row in await OutboxEntry.select()} == {0}
    await client.aclose()


async def test_a_database_that_is_away_ends_the_relay_and_blames_no_entry(db, client, monkeypatch):
    """Also where the handler itself met it: nothing can be counted then."""
    done = []
    await promise(db, "a")

    async def locked(*_, **__):
        raise DatabaseAway("locked")

    async def meet_it(_):
        raise sqlite3.OperationalError("database is locked")

    async with Supervisor() as background:
        with monkeypatch.context() as away:
            away.setattr(outbox, "failed", locked)
            task = background.keep("relay", Relay(client, {"a": meet_it}).run)
            await until(lambda: when(background.restarts["relay"] >= 2), seconds=10)
            task.cancel()
            await asyncio.wait([task])
        assert [row["tries"] for row in await OutboxEntry.select()] == [0]
        with monkeypatch.context() as away:
            away.setattr(outbox, "due", locked)
            background.keep("again", Relay(client, {"a": keep_all(done)}).run)
            await until(lambda: when(background.restarts["again"] >= 2), seconds=10)
        await until(lambda: when(done == [0]), seconds=15)


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
    async with Supervisor() as background:
        background.keep("feed", feed.run)
        await feed.ready.wait()
        await send(other, LiveMessage("home", {"en": "of the other site"}))
        await asyncio.sleep(0.2)
        assert not heard.is_set()
        await send(client, LiveMessage("home", {"en": "of this site"}))
        await asyncio.wait_for(heard.wait(), 5)
    assert hub.number == 1
    await other.aclose()


async def test_a_lead_from_before_the_clock_was_set_back_ends_soon(client, db):
    """Whoever died holding it; Redis would keep it until the clock has caught up."""
    await client.set(LOCK, b"somebody who died", px=2 * 3_600_000)
    done = []
    await promise(db, "a")
    async with Supervisor() as background:
        background.keep("relay", Relay(client, {"a": keep_all(done)}).run)
        await until(lambda: when(done), seconds=LOCK_MS / 1000 + 5)


async def test_who_loses_the_lead_delivers_no_more(client, db):
    done = []
    async with Supervisor() as background:
        background.keep("relay", Relay(client, {"a": keep_all(done)}).run)
        await promise(db, "a")
        await until(lambda: when(done), seconds=5)
        await client.set(LOCK, b"somebody else", px=LOCK_MS)
        await until(lambda: when(background.restarts["relay"] == 1), seconds=5)
        await promise(db, "a")
        await wake(client)
        await asyncio.sleep(0.3)
        assert len(done) == 1
        await client.delete(LOCK)
        await until(lambda: when(len(done) == 2), seconds=10)
