"""What our SQLite engine relies on in Piccolo, and what it promises."""

import asyncio
import inspect
import sqlite3

import pytest
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction

from app.kernel import clock
from app.kernel.db import sqlite
from app.kernel.db.database import Database
from app.kernel.db.sqlite import PooledSQLiteEngine
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation.away import DatabaseAway

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


async def test_a_file_that_is_locked_is_away_and_comes_back(database_url, monkeypatch):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS[:2], "PRAGMA busy_timeout = 100"))
    monkeypatch.setattr(sqlite, "WRITER_TIMEOUT", 0.2)
    db = Database(database_url)
    await db.open()
    await row(db, "before")
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as other:
        other.execute("BEGIN EXCLUSIVE")

        async def one():
            with pytest.raises(DatabaseAway):
                await row(db, "meanwhile")

        async def transaction():
            with pytest.raises(DatabaseAway):
                async with db.transaction():
                    raise AssertionError("never begun")

        async with asyncio.timeout(5):
            # Who cannot have the writer's turn is told as well, instead of waiting for it.
            await asyncio.gather(*(each() for _ in range(8) for each in (one, transaction)))
        # Whoever only reads is not disturbed.
        assert await OutboxEntry.count() == 1
        other.rollback()
    other.close()
    async with db.transaction():
        await row(db, "after")
    assert [each["kind"] for each in await OutboxEntry.select()] == ["before", "after"]
    await db.close()


async def test_a_full_disk_is_said_as_such_undoes_all_and_leaves_the_writer_usable(db):
    async def full(is_full):
        [pages] = await db.engine.writer.execute_fetchall("PRAGMA page_count")
        limit = pages["page_count"] if is_full else 1_000_000
        await db.engine.writer.execute_fetchall(f"PRAGMA max_page_count = {limit}")

    async def much():
        await OutboxEntry.insert(
            OutboxEntry(at=clock.now(), kind="much", payload=f'"{"x" * 200_000}"')
        )

    await row(db, "before")
    await full(True)
    for _ in range(2):
        with pytest.raises(DatabaseAway, match="full"):
            async with db.transaction():
                await OutboxEntry.update({OutboxEntry.kind: "changed"}, force=True)
                await much()
        with pytest.raises(DatabaseAway, match="full"):
            await much()
    assert [each["kind"] for each in await OutboxEntry.select()] == ["before"]
    await full(False)
    async with db.transaction():
        await much()
    assert await OutboxEntry.count() == 2


async def test_a_mistake_of_ours_is_no_database_that_is_away(db):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await OutboxEntry.raw("SELECT * FROM nobody_made_it")
