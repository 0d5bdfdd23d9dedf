"""Redis channels: their names, and listening to one so that nobody waits for the dead.

Keys belong to a database of a server, channels to all of it: without the number in
their names two sites on one Redis would show each other's matches.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import redis.asyncio
from redis.exceptions import ConnectionError as Lost

# After so many seconds without a word Redis is asked whether it is still there, and
# has as long to answer.
SILENCE = 5.0


def channel(client: redis.asyncio.Redis, name: str) -> str:
    """The channel of that name for the sites that use the client's database."""
    return f"baige:{client.connection_pool.connection_kwargs.get('db') or 0}:{name}"


class Subscription:
    """What is published in one channel, from now on."""

    def __init__(self, pubsub: Any) -> None:
        self._pubsub = pubsub

    async def next(self) -> bytes:
        """The next message; a `RedisError` once the connection is lost, or only seems alive."""
        asked = False
        while True:
            message = await self._pubsub.get_message(timeout=SILENCE)
            if message is not None and message["type"] == "message":
                return bytes(message["data"])
            if message is not None:
                asked = False
            elif asked:
                raise Lost("Redis is silent")
            else:
                await self._pubsub.ping()
                asked = True


@asynccontextmanager
async def subscribed(client: redis.asyncio.Redis, name: str) -> AsyncIterator[Subscription]:
    """Listen to the channel while the block runs; nothing published meanwhile is missed."""
    async with client.pubsub() as pubsub:
        await pubsub.subscribe(channel(client, name))
        if await pubsub.get_message(timeout=SILENCE) is None:
            raise Lost("Redis is silent")
        yield Subscription(pubsub)
