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
from piccolo.querystring import QueryString

from app.kernel.db.only_reads import telling_mistakes
from app.kernel.operation.away import telling_away
from app.kernel.operation.private_files import own_file

READERS = 4
# Seconds in which a writer's turn must come; another program may hold the file for as long.
WRITER_TIMEOUT = 10.0
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
        with telling_away():
            await engine.take_writer()
        return engine.writer

    async def begin(self) -> None:
        with telling_away():
            await self._begin()

    async def _begin(self) -> None:
        # The statement runs in the connection's thread and cannot be called
        # back: wait for it even when cancelled, so that no BEGIN stays open.
        starting = asyncio.ensure_future(super().begin())  # type: ignore[no-untyped-call]
        try:
            await asyncio.shield(starting)
        except BaseException:
            await asyncio.wait([starting])
            if not starting.cancelled() and starting.exception() is None:
                await self.rollback()
            self._release()
            raise

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if self._parent:
            return error is None
        # Shielded: a client that hangs up must not leave the writer half way.
        self.engine.current_transaction.reset(self.context)
        with telling_away():
            await asyncio.shield(self._finish(failed=error is not None))
        return error is None

    async def rollback(self) -> None:
        # SQLite has done it already where the disk is full or fails.
        if self.connection.in_transaction:
            await super().rollback()  # type: ignore[no-untyped-call]
        self._rolled_back = True

    async def _finish(self, *, failed: bool) -> None:
        try:
            if failed and not self._rolled_back:
                await self.rollback()
            elif not failed and not self._committed and not self._rolled_back:
                await self._commit_or_roll_back()
        finally:
            self._release()

    async def _commit_or_roll_back(self) -> None:
        try:
            await self.commit()  # type: ignore[no-untyped-call]
        except sqlite3.Error:
            await self.rollback()
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
        own_file(Path(self.path))
        self.writer_lock = asyncio.Lock()
        with telling_away():
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

    async def take_writer(self) -> None:
        """Wait for the writer's turn, not for ever; whoever has it releases `writer_lock`."""
        async with asyncio.timeout(WRITER_TIMEOUT):
            await self.writer_lock.acquire()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Any:
        with telling_away(), telling_mistakes(self.current_transaction.get()):
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Any:
        with telling_away():
            return await super().run_ddl(ddl, in_pool)

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
            await self.take_writer()
            try:
                return await self.writer.execute_fetchall(query, args or [])
            finally:
                self.writer_lock.release()
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
