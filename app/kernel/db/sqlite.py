"""A pooled SQLite engine for Piccolo: several readers, one writer, WAL.

Piccolo's own engine opens a connection (and a thread) for each query and
begins transactions DEFERRED, so that two that read and then write kill each
other with "database is locked". Here a transaction holds the single writer
and begins IMMEDIATE, which makes it wait instead.

It overrides private methods of Piccolo 1.38 (hence the pin `<1.39`);
`tests/contract/test_sqlite_engine.py` guards what it relies on.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory

READERS = 4
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA foreign_keys = 1",
)
ONLY_READS = "PRAGMA query_only = 1"


class PooledTransaction(SQLiteTransaction):
    """A transaction on the pool's writer; leaving it gives the writer back."""

    async def get_connection(self) -> aiosqlite.Connection:
        engine: PooledSQLiteEngine = self.engine  # type: ignore[assignment]
        await engine.writer_lock.acquire()
        return engine.writer

    async def begin(self) -> None:
        # The statement runs in the connection's thread and cannot be called
        # back: wait for it even when cancelled, so that no BEGIN stays open.
        starting = asyncio.ensure_future(super().begin())  # type: ignore[no-untyped-call]
        try:
            await asyncio.shield(starting)
        except BaseException:
            await asyncio.wait([starting])
            if not starting.cancelled() and starting.exception() is None:
                await self.rollback()  # type: ignore[no-untyped-call]
            self._release()
            raise

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if self._parent:
            return error is None
        # Shielded: a client that hangs up must not leave the writer half way.
        self.engine.current_transaction.reset(self.context)
        await asyncio.shield(self._finish(failed=error is not None))
        return error is None

    async def _finish(self, *, failed: bool) -> None:
        try:
            if failed and not self._rolled_back:
                await self.rollback()  # type: ignore[no-untyped-call]
            elif not failed and not self._committed and not self._rolled_back:
                await self._commit_or_roll_back()
        finally:
            self._release()

    async def _commit_or_roll_back(self) -> None:
        try:
            await self.commit()  # type: ignore[no-untyped-call]
        except sqlite3.Error:
            await self.rollback()  # type: ignore[no-untyped-call]
            raise

    def _release(self) -> None:
        engine: PooledSQLiteEngine = self.engine  # type: ignore[assignment]
        engine.writer_lock.release()


class PooledSQLiteEngine(SQLiteEngine):
    """SQLite behind a small pool. Open and close it on the loop that uses it."""

    __slots__ = ("_open", "readers", "writer", "writer_lock")

    def __init__(self, path: str) -> None:
        super().__init__(path=path)
        self._open: list[aiosqlite.Connection] = []

    async def start_connection_pool(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.writer_lock = asyncio.Lock()
        self.writer = await self._connect()
        self.readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for _ in range(READERS):
            reader = await self._connect()
            await reader.execute_fetchall(ONLY_READS)
            self.readers.put_nowait(reader)

    async def close_connection_pool(self) -> None:
        # aiosqlite's threads are not daemons: an open one keeps the process alive.
        while self._open:
            await self._open.pop().close()

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,
    ) -> PooledTransaction:
        return PooledTransaction(
            engine=self, transaction_type=transaction_type, allow_nested=allow_nested
        )

    async def _connect(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(**self.connection_kwargs)
        self._open.append(connection)
        connection.row_factory = dict_factory  # type: ignore[assignment]
        for pragma in PRAGMAS:
            await connection.execute_fetchall(pragma)
        return connection

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002  Piccolo's signature
        table: Any = None,  # noqa: ARG002
    ) -> Any:
        if query.lstrip()[:6].upper() != "SELECT":
            async with self.writer_lock:
                return await self.writer.execute_fetchall(query, args or [])
        reader = await self.readers.get()
        try:
            return await reader.execute_fetchall(query, args or [])
        finally:
            self.readers.put_nowait(reader)

    async def _run_in_existing_connection(
        self,
        connection: Any,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002
        table: Any = None,  # noqa: ARG002
    ) -> Any:
        return await connection.execute_fetchall(query, args or [])
