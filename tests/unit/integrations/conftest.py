"""An embedded Redis for what is counted in one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio

from app.kernel.operation.valkey import Valkey


@pytest.fixture
async def redis_client(tmp_path: Path) -> AsyncIterator[redis.asyncio.Redis]:
    server = Valkey(tmp_path)
    await server.start()
    client = redis.asyncio.Redis.from_url(server.url)
    yield client
    await client.aclose()
    server.stop()
