"""Snapshots: many queries that all see the database as it was at the first of them.

A page asks a dozen things; when a result lands in between, what it says must not be
half of before and half of after. Within a snapshot Piccolo's queries run on one
connection and in one transaction that can only read.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from piccolo.engine.base import Engine
from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import TransactionType

from app.kernel.db.postgres import SafeTransaction
from app.kernel.db.sqlite import PooledSQLiteEngine, PooledTransaction


class PostgresSnapshot(SafeTransaction):
    """READ COMMITTED, the default, would show each query another state."""

    only_reads = True
    holder: asyncio.Task[Any] | None = None

    async def begin(self) -> None:
        self.transaction = self.connection.transaction(isolation="repeatable_read", readonly=True)
        await super().begin()  # type: ignore[no-untyped-call]


class SQLiteSnapshot(PooledTransaction):
    """On one of the readers, which can do nothing but read; the writer goes on meanwhile."""

    only_reads = True
    holder: asyncio.Task[Any] | None = None

    async def get_connection(self) -> Any:
        engine: PooledSQLiteEngine = self.engine  # type: ignore[assignment]
        return await engine.readers.get()

    def _release(self) -> None:
        engine: PooledSQLiteEngine = self.engine  # type: ignore[assignment]
        engine.readers.put_nowait(self.connection)


Snapshot = PostgresSnapshot | SQLiteSnapshot


def is_reading(engine: Engine[Any]) -> bool:
    """Whether we are inside a snapshot."""
    return isinstance(engine.current_transaction.get(), Snapshot)


@asynccontextmanager
async def snapshot_of(engine: Engine[Any]) -> AsyncIterator[None]:
    """While the block runs all its queries see one state; a write in it is an error.

    Inside another snapshot, or a transaction, it is that one. Hold it while you
    read, never while bytes go to a client or another task is waited for: there are
    few connections.
    """
    around = engine.current_transaction.get()
    if isinstance(around, Snapshot) and around.holder is not asyncio.current_task():
        raise RuntimeError("a task was started inside a snapshot")
    if around is not None:
        yield
        return
    made = _snapshot(engine)
    made.holder = asyncio.current_task()
    async with made:
        yield


def _snapshot(engine: Engine[Any]) -> Snapshot:
    if isinstance(engine, PostgresEngine):
        return PostgresSnapshot(engine)
    assert isinstance(engine, PooledSQLiteEngine)
    return SQLiteSnapshot(engine, transaction_type=TransactionType.deferred)
