"""A pool of PostgreSQL connections that survives its server.

Piccolo's own transaction gives its connection back only when nothing goes wrong: ten
transactions that met a restart of the server would empty the pool for ever. And nothing
of asyncpg's waits for ever here: a server that does not answer is away.

It overrides private methods of Piccolo 1.38 (hence the pin `<1.39`);
`tests/contract/test_postgres_engine.py` guards what it relies on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from app.kernel.db.only_reads import telling_mistakes
from app.kernel.operation.away import telling_away

CONNECTIONS = 10
# In seconds: to connect, to wait for a free connection, for one answer, and to give a
# connection back that has just timed out.
CONNECT_TIMEOUT = 5.0
POOL_TIMEOUT = 10.0
ANSWER_TIMEOUT = 10.0
RELEASE_TIMEOUT = 5.0


class SafeTransaction(PostgresTransaction):
    """A transaction that gives its connection back whatever happens."""

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        with telling_away():
            self.connection = await self.get_connection()
            self.transaction = self.connection.transaction()
            # Not cut off in the middle: what has begun is ended in order.
            beginning = asyncio.ensure_future(self.begin())  # type: ignore[no-untyped-call]
            try:
                await asyncio.shield(beginning)
            except BaseException:
                await asyncio.wait([beginning])
                begun = not beginning.cancelled() and beginning.exception() is None
                await self._end(failed=True, begun=begun)
                raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def get_connection(self) -> Any:
        engine: PooledPostgresEngine = self.engine  # type: ignore[assignment]
        return await engine.take_connection()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if self._parent is not None:
            return error is None
        self.engine.current_transaction.reset(self.context)
        # Shielded: a client that hangs up must not leave the connection half way.
        with telling_away():
            await asyncio.shield(self._end(failed=error is not None))
        return error is None

    async def _end(self, *, failed: bool, begun: bool = True) -> None:
        engine: PooledPostgresEngine = self.engine  # type: ignore[assignment]
        whole = False
        try:
            if begun and failed and not self._rolled_back:
                # What went wrong is being raised already.
                with contextlib.suppress(Exception):
                    await self.rollback()  # type: ignore[no-untyped-call]
            elif begun and not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
            whole = self._committed or self._rolled_back
        finally:
            await engine.give_back(self.connection, broken=not whole)


class PooledPostgresEngine(PostgresEngine):
    """PostgreSQL behind a pool. Open and close it on the loop that uses it."""

    async def check_version(self) -> None:
        # Piccolo asks while it is made, before anybody can wait for the server.
        return

    async def start_connection_pool(self, **options: Any) -> None:
        # None at the start: a server that is away then is as one that is away later.
        limits = {"timeout": CONNECT_TIMEOUT, "command_timeout": ANSWER_TIMEOUT}
        await super().start_connection_pool(min_size=0, max_size=CONNECTIONS, **(limits | options))

    async def close_connection_pool(self) -> None:
        if self.pool is not None:
            pool, self.pool = self.pool, None
            # One that takes longer, or is cancelled, cuts its connections off by itself.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pool.close(), RELEASE_TIMEOUT)

    def transaction(self, allow_nested: bool = True) -> SafeTransaction:
        return SafeTransaction(engine=self, allow_nested=allow_nested)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        with telling_away(), telling_mistakes(self.current_transaction.get()):
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        with telling_away():
            return await super().run_ddl(ddl, in_pool)

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        async with self._connection() as connection:
            return await connection.fetch(query, *(args or []))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        connection = await self.take_connection()
        broken = False
        try:
            yield connection
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
            broken = True
            raise
        finally:
            await self.give_back(connection, broken=broken)

    async def take_connection(self) -> Any:
        if self.pool is None:
            raise RuntimeError("the database is not open")
        return await self.pool.acquire(timeout=POOL_TIMEOUT)

    async def give_back(self, connection: Any, *, broken: bool) -> None:
        """Back to the pool; one that is `broken` is cut off, and a new one made when needed."""
        if self.pool is None:
            return
        with contextlib.suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            if broken:
                connection.terminate()
            await self.pool.release(connection, timeout=RELEASE_TIMEOUT)
