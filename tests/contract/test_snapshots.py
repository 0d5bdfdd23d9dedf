"""A snapshot sees one state, writes nothing, and gives its connection back, on both databases."""

import asyncio
import contextvars

import asyncpg
import pytest

from app.kernel import clock
from app.kernel.db.database import one_snapshot
from app.kernel.db.only_reads import WroteInSnapshot
from app.kernel.db.tables import OutboxEntry


async def write(kind="x"):
    await OutboxEntry.insert(OutboxEntry(at=clock.now(), kind=kind, payload="{}"))


async def elsewhere(work):
    """As another request would: in a task that knows nothing of ours."""
    return await asyncio.get_running_loop().create_task(work, context=contextvars.Context())


async def test_all_queries_see_the_state_of_the_first(db):
    await write()
    async with db.snapshot():
        seen = [await OutboxEntry.count()]
        await elsewhere(write())
        seen += [await OutboxEntry.count(), len(await OutboxEntry.select())]
        assert await elsewhere(_count()) == 2
    assert seen == [1, 1, 1]
    assert await OutboxEntry.count() == 2


async def _count():
    return await OutboxEntry.count()


async def test_without_one_each_query_sees_another(db):
    before = await OutboxEntry.count()
    await elsewhere(write())
    assert (before, await OutboxEntry.count()) == (0, 1)
    assert db


async def test_nothing_is_written_in_one(db):
    with pytest.raises(WroteInSnapshot):
        async with db.snapshot():
            await write()
    with pytest.raises(WroteInSnapshot):
        async with db.snapshot(), db.transaction():
            raise AssertionError
    assert await OutboxEntry.count() == 0
    await write()


async def test_one_inside_another_is_the_same(db):
    async with db.snapshot():
        assert await OutboxEntry.count() == 0
        await elsewhere(write())
        async with one_snapshot():
            assert await OutboxEntry.count() == 0
        assert await OutboxEntry.count() == 0
    async with db.transaction():
        await write()
        async with db.snapshot():
            assert await OutboxEntry.count() == 2


async def test_no_task_shares_one_by_accident(db):
    async def inside():
        async with db.snapshot():
            return await OutboxEntry.count()

    async with db.snapshot():
        with pytest.raises(RuntimeError, match="task"):
            await asyncio.create_task(inside())
    assert await asyncio.create_task(inside()) == 0


async def test_connections_come_back_whatever_happens(db):
    async def reading(n):
        async with db.snapshot():
            await OutboxEntry.count()
            if n % 3 == 1:
                raise ValueError
            if n % 3 == 2:
                await asyncio.sleep(60)
            return n

    for _ in range(3):
        tasks = [asyncio.create_task(reading(n)) for n in range(30)]
        for _ in range(5):
            await asyncio.sleep(0.01)
            for task in tasks[2::3]:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(reading(0) for _ in range(30))) == [0] * 30


async def test_what_went_wrong_in_one_leaves_no_trace(db):
    for _ in range(12):
        with pytest.raises((Exception, asyncpg.PostgresError)):
            async with db.snapshot():
                await OutboxEntry.raw("SELECT nothing FROM nowhere")
    async with db.snapshot():
        assert await OutboxEntry.count() == 0
