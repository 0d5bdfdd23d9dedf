"""Background work: whatever ends it, it is logged, counted, and begun again."""

import asyncio
import sqlite3

import asyncpg
import pytest
import structlog
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from app.kernel.operation import supervision
from app.kernel.operation.away import DatabaseAway
from app.kernel.operation.supervision import Supervisor

ENDS = [
    None,
    ValueError("a mistake"),
    OSError(28, "No space left on device"),
    ConnectionRefusedError(111, "refused"),
    TimeoutError(),
    RedisError("MISCONF"),
    RedisTimeout("silent"),
    DatabaseAway("locked"),
    sqlite3.OperationalError("database is locked"),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.InterfaceError("connection is closed"),
    asyncio.CancelledError("arq's own"),
    SystemExit(3),
    ExceptionGroup("both", [ValueError("one"), OSError("two")]),
    BaseExceptionGroup("all", [asyncio.CancelledError(), ValueError("three")]),
    MemoryError(),
    RecursionError("too deep"),
    StopAsyncIteration(),
]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervision, "LONGEST_PAUSE", 0.01)


def named(end):
    return repr(end)[:40]


@pytest.mark.parametrize("end", ENDS, ids=named)
async def test_whatever_ends_it_it_is_logged_counted_and_begun_again(end):
    lives = []
    again = asyncio.Event()

    async def work():
        lives.append(1)
        if len(lives) < 3:
            if end is not None:
                raise end
            return
        again.set()
        await asyncio.sleep(60)

    with structlog.testing.capture_logs() as logs:
        async with Supervisor() as background:
            background.keep("work", work)
            await asyncio.wait_for(again.wait(), 2)
            assert background.restarts == {"work": 2}
            assert background.last_ends["work"].why
    said = [line for line in logs if line["event"] == "background work ended and begins again"]
    assert [(line["work"], line["times"]) for line in said] == [("work", 1), ("work", 2)]
    assert all(line["why"] for line in said)


async def test_a_task_group_that_fails_while_it_waits_is_an_end_like_any_other(quick):
    """Python 3.11 leaves the task that ran it looking as if somebody had cancelled it."""
    lives = []

    async def fail():
        await asyncio.sleep(0.001)
        raise OSError("away")

    async def work():
        lives.append(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(asyncio.sleep(60))

    async with Supervisor() as background:
        background.keep("work", work)
        async with asyncio.timeout(5):
            while len(lives) < 4:
                await asyncio.sleep(0.001)


async def test_the_end_of_one_leaves_the_others_alone():
    ticks, falls = [], []

    async def steady():
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    async def falling():
        falls.append(1)
        raise OSError("again and again")

    async with Supervisor() as background:
        background.keep("steady", steady)
        background.keep("falling", falling)
        while len(falls) < 5:
            await asyncio.sleep(0.001)
    assert background.restarts["steady"] == 0
    assert len(ticks) > 5


async def test_leaving_ends_everything_whatever_it_does_about_it():
    ended = []

    async def clean():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("clean")

    async def stubborn():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("stubborn")

    async def clumsy():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("clumsy")
            raise RedisError("gone already")

    async with Supervisor() as background:
        for work in (clean, stubborn, clumsy):
            background.keep(work.__name__, work)
        await asyncio.sleep(0.01)
    assert sorted(ended) == ["clean", "clumsy", "stubborn"]
    assert not background.restarts


async def test_who_swallows_the_first_call_to_stop_is_told_again(monkeypatch):
    monkeypatch.setattr(supervision, "STOP_AGAIN", 0.01)
    swallowed = []

    async def deaf():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append(1)
                if len(swallowed) > 2:
                    raise

    async with asyncio.timeout(5):
        async with Supervisor() as background:
            background.keep("deaf", deaf)
            await asyncio.sleep(0)
            async with background.keeping({"another": deaf}):
                await asyncio.sleep(0)
    assert len(swallowed) > 2


async def test_a_block_ends_its_own_works_and_no_others():
    async def for_ever():
        await asyncio.sleep(60)

    async with Supervisor() as background:
        other = background.keep("other", for_ever)
        async with background.keeping({"mine": for_ever}):
            await asyncio.sleep(0)
            [mine] = background._tasks - {other}
        assert mine.done()
        assert not other.done()
        async with background.keeping({}):
            pass


async def test_an_error_around_it_stays_what_it_is():
    async def for_ever():
        await asyncio.sleep(60)

    with pytest.raises(RedisError, match="at the start"):
        async with Supervisor() as background:
            background.keep("work", for_ever)
            raise RedisError("at the start")


async def test_cancelling_the_process_ends_it():
    ended = asyncio.Event()

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async def process():
        async with Supervisor() as background:
            background.keep("work", work)
            await asyncio.sleep(60)

    task = asyncio.create_task(process())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_pauses_grow_and_begin_anew_after_it_ran_well(monkeypatch):
    slept = []
    real = asyncio.sleep
    monkeypatch.setattr(supervision, "FIRST_PAUSE", 1.0)
    monkeypatch.setattr(supervision, "LONGEST_PAUSE", 5.0)
    monkeypatch.setattr(supervision, "WELL_AFTER", 0.05)

    async def sleep(seconds):
        slept.append(seconds)
        await real(0)

    lives = []

    async def work():
        lives.append(1)
        if len(lives) == 6:
            await real(0.06)
        if len(lives) == 8:
            await real(60)

    async with Supervisor() as background:
        monkeypatch.setattr(asyncio, "sleep", sleep)
        background.keep("work", work)
        while len(lives) < 8:
            await real(0.001)
        monkeypatch.setattr(asyncio, "sleep", real)
    expected = [1, 2, 4, 5, 5, 1, 2]
    assert len(slept) == len(expected)
    assert all(most / 2 <= slept <= most for slept, most in zip(slept, expected, strict=True))
