"""What our SQLite engine relies on in Piccolo, and what it promises."""

import asyncio
import inspect

import pytest
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction

from app.kernel import clock
from app.kernel.db.database import Database
from app.kernel.db.sqlite import PooledSQLiteEngine
from app.kernel.db.tables import OutboxEntry

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def row(db, kind="x"):
    await OutboxEntry.insert(OutboxEntry(at=clock.now(), kind=kind, payload="{}"))


def test_the_overridden_methods_are_still_piccolos(database_url):
    for name in ("_run_in_new_connection", "_run_in_existing_connection"):
        assert list(inspect.signature(getattr(SQLiteEngine, name)).parameters) == list(
            inspect.signature(getattr(PooledSQLiteEngine, name)).parameters
        )
    source = inspect.getsource(SQLiteTransaction.__aenter__)
    assert "self.get_connection()" in source
    assert "self.begin()" in source
    assert "self.context = self.engine.current_transaction.set(self)" in source


async def test_twenty_that_read_and_then_write_all_succeed(db):
    await row(db)

    async def add_one():
        async with db.transaction():
            tries = (await OutboxEntry.select(OutboxEntry.tries).first())["tries"]
            await asyncio.sleep(0)
            await OutboxEntry.update({OutboxEntry.tries: tries + 1}, force=True)

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert (await OutboxEntry.select(OutboxEntry.tries).first())["tries"] == 20


async def test_readers_do_not_see_what_is_not_committed(db):
    async with db.transaction():
        await row(db)
        inside = await OutboxEntry.count()

        async def other():
            return await OutboxEntry.count()

        # A task of its own has no part in the transaction's writer.
        import contextvars

        outside = await asyncio.get_running_loop().create_task(
            other(), context=contextvars.Context()
        )
    assert (inside, outside) == (1, 0)
    assert await OutboxEntry.count() == 1


async def test_an_error_rolls_back_and_frees_the_writer(db):
    with pytest.raises(ValueError, match="stop"):
        async with db.transaction():
            await row(db)
            raise ValueError("stop")
    assert await OutboxEntry.count() == 0
    await row(db)
    assert await OutboxEntry.count() == 1


@pytest.mark.parametrize("after", [0, 0.001, 0.005])
async def test_cancelled_anywhere_the_writer_stays_usable(db, after):
    async def slow():
        async with db.transaction():
            for _ in range(200):
                await row(db)

    for _ in range(10):
        task = asyncio.create_task(slow())
        await asyncio.sleep(after)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(5):
        async with db.transaction():
            await row(db, "last")
    assert [each["kind"] for each in await OutboxEntry.select()] == ["last"]


async def test_two_processes_share_one_file(db, database_url):
    other = Database(database_url)
    await other.engine.start_connection_pool()
    try:
        async with other.engine.transaction():
            await other.engine._run_in_existing_connection(
                other.engine.writer,
                "INSERT INTO outbox (at, kind, payload, tries) VALUES ('2026-01-01', 'theirs', '{}', 0)",
            )
            waiting = asyncio.create_task(row(db, "ours"))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        await waiting
    finally:
        await other.close()
    assert await OutboxEntry.count() == 2
