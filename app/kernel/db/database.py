"""The database: SQLite or PostgreSQL behind one door, and its transactions."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import msgspec
import structlog
from piccolo.engine.base import Engine
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString
from piccolo.table import TABLE_REGISTRY, Table

from app.kernel.db.only_reads import WroteInSnapshot
from app.kernel.db.postgres import PooledPostgresEngine
from app.kernel.db.snapshot import is_reading, snapshot_of
from app.kernel.db.sqlite import PooledSQLiteEngine
from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.operation.away import DatabaseAway

Row = dict[str, Any]
# Who starts together with the database waits for it so many seconds, asking each second.
PATIENCE = 60.0

log = structlog.get_logger()

# What a unique index raises; the transaction is over then, on PostgreSQL at least.
DUPLICATE = (sqlite3.IntegrityError, asyncpg.UniqueViolationError)


class Transaction:
    """What a command is given: locks, and the rows each change leaves behind.

    Queries made inside the `async with` run in the transaction by themselves
    (Piccolo keeps it in a context variable), so never start a task in one.
    """

    def __init__(self, engine: Engine[Any], memory: dict[Any, Any], request: str | None) -> None:
        self._engine = engine
        self._request = request
        # What this process remembers between transactions. Whoever keeps
        # something here checks it against a revision read under a lock.
        self.memory = memory
        self.wakes_relay = False
        self.committed: list[Callable[[], None]] = []
        self.rolled_back: list[Callable[[], None]] = []

    async def lock(self, table: type[Table], row_id: int) -> Row | None:
        """Read a row and hold it until the end; others who lock it wait.

        On SQLite the transaction itself is the lock (BEGIN IMMEDIATE).
        """
        query = table.select().where(table._meta.primary_key == row_id)
        if isinstance(self._engine, PostgresEngine):
            query = query.lock_rows("UPDATE")
        return await query.first()

    async def audit(
        self,
        action: str,
        subject: str,
        *,
        actor: int | None,
        now: datetime,
        tournament: int | None = None,
        **data: Any,
    ) -> None:
        """Write one line of history; `data` must hold no secrets."""
        await AuditEntry.insert(
            AuditEntry(
                at=now,
                actor=actor,
                action=action,
                subject=subject,
                tournament=tournament,
                data=encode(data),
                request=self._request,
            )
        )

    async def later(self, kind: str, *, now: datetime, **payload: Any) -> None:
        """Promise that `kind` is handled after the commit, at least once."""
        await OutboxEntry.insert(OutboxEntry(at=now, kind=kind, payload=encode(payload)))
        self.wakes_relay = True


def encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def engine_for(url: str) -> Engine[Any]:
    """The engine for `sqlite:///path` or `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return PooledSQLiteEngine(path=url.removeprefix("sqlite:///"))
    if parts.scheme in ("postgres", "postgresql"):
        return PooledPostgresEngine(config=_postgres(url))
    raise SystemExit(
        f"baige: BAIGE_DATABASE_URL must be sqlite:/// or postgresql://, not {parts.scheme!r}"
    )


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    given = {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "database": parts.path.lstrip("/") or None,
    }
    return {key: value for key, value in given.items() if value is not None}


class Database:
    """One process's database; `use()` it before Piccolo tables are queried."""

    def __init__(self, url: str) -> None:
        self.engine = engine_for(url)
        self.memory: dict[Any, Any] = {}
        self.wake: Callable[[], Awaitable[None]] | None = None

    @property
    def is_postgres(self) -> bool:
        return isinstance(self.engine, PostgresEngine)

    def use(self) -> None:
        """Point every table at this database."""
        global _current  # noqa: PLW0603  one database is in use at a time
        _current = self.engine
        for table in TABLE_REGISTRY:
            table._meta.db = self.engine

    async def open(self, *, long_queries: bool = False, patience: float = PATIENCE) -> None:
        """Open it once it answers; `DatabaseAway` where it does not within `patience` seconds.

        `long_queries`: no answer is waited for in vain (migrations may take minutes).
        """
        self.use()
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            try:
                await self._start_pool(long_queries)
                await self.answers()
                return
            except DatabaseAway as error:
                await self.close()
                if asyncio.get_running_loop().time() >= deadline:
                    raise
                log.warning("waiting for the database", why=str(error))
                await asyncio.sleep(1)

    async def _start_pool(self, long_queries: bool) -> None:
        options = {"command_timeout": None} if long_queries else {}
        if isinstance(self.engine, PostgresEngine):
            await self.engine.start_connection_pool(**options)
        else:
            await self.engine.start_connection_pool()  # type: ignore[no-untyped-call]

    async def answers(self) -> None:
        """Ask it anything; `DatabaseAway` where it does not answer."""
        await self.engine.run_querystring(QueryString("SELECT 1"))

    async def close(self) -> None:
        await self.engine.close_connection_pool()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def transaction(self, request: str | None = None) -> AsyncIterator[Transaction]:
        """All or nothing; wakes the relay after a commit that promised something."""
        if is_reading(self.engine):
            raise WroteInSnapshot("nothing can be written inside a snapshot")
        tx = Transaction(self.engine, self.memory, request)
        try:
            async with self.engine.transaction():
                yield tx
        except BaseException:
            for call in tx.rolled_back:
                call()
            raise
        for call in tx.committed:
            call()
        if tx.wakes_relay and self.wake is not None:
            await self.wake()

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """All queries of the block see one state; see `snapshot_of`."""
        return snapshot_of(self.engine)


_current: Engine[Any] | None = None


def one_snapshot() -> AbstractAsyncContextManager[None]:
    """A snapshot of the database in use, for those who only query its tables."""
    return snapshot_of(current_engine())


def current_engine() -> Engine[Any]:
    """The engine in use; Piccolo's migrations ask for it through app.piccolo_conf."""
    if _current is None:
        raise RuntimeError("no database is in use yet")
    return _current
