"""The services of one process, opened and closed together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.kernel.db.database import Database
from app.kernel.operation import relay
from app.kernel.operation.redis_client import redis_client
from app.kernel.operation.settings import Settings


@asynccontextmanager
async def connect(settings: Settings, redis_url: str) -> AsyncIterator[tuple[Database, Any]]:
    """The database and Redis, closed again in the right order."""
    client = redis_client(redis_url)
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
