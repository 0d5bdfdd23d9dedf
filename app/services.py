"""The services of one process, opened and closed together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import redis.asyncio

from app.kernel.db.database import Database
from app.kernel.operation import relay
from app.kernel.operation.settings import Settings


@asynccontextmanager
async def connect(settings: Settings, redis_url: str) -> AsyncIterator[tuple[Database, Any]]:
    """The database and Redis, closed again in the right order."""
    client = redis.asyncio.Redis.from_url(redis_url)
    db = Database(settings.database)
    await db.open()

    async def wake() -> None:
        await relay.wake(client)

    db.wake = wake
    try:
        yield db, client
    finally:
        await db.close()
        await client.aclose()


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Tasks that run as long as the block does."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
