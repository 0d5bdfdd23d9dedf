"""The relay's way to open pages: who reads what, and what they are sent."""

from collections.abc import Sequence

import redis.asyncio

from app.kernel.live import feed, readers
from app.kernel.live.feed import LiveMessage


class Publisher:
    """Asks who reads before anything is rendered, and publishes changes."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._redis = client

    async def languages_read(self, topics: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By topic, the languages that are worth rendering."""
        return await readers.languages_read(self._redis, topics)

    async def send(self, *messages: LiveMessage) -> None:
        """Publish changes, also those that were rendered for nobody: kept pages
        are dropped by them, and who began to read meanwhile is told to resync."""
        await feed.send(self._redis, *messages)
