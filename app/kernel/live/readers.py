"""Who is reading: web processes say which streams are read, the relay renders only these.

A word in Redis for each stream that is read, which runs out by itself. It only
saves work: a reader it does not know of is told to resync by the hub.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import redis.asyncio

from app.kernel.live.hub import Hub
from app.kernel.text.i18n import LOCALES

REFRESH_SECONDS = 15.0
LASTS_SECONDS = 40
AT_ONCE = 500


class Readers:
    """What one web process's hub is read for, said again and again."""

    def __init__(self, client: redis.asyncio.Redis, hub: Hub) -> None:
        self._redis = client
        self._hub = hub
        self._new: set[str] = set()
        self._news = asyncio.Event()
        hub.first_reader = self._first_reader

    def _first_reader(self, name: str) -> None:
        self._new.add(name)
        self._news.set()

    async def run(self) -> None:
        """Say it for ever: at once what is new, and all of it every quarter of a minute."""
        while True:
            self._new.clear()
            await self._say(self._hub.read)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._say_what_is_new()

    async def _say_what_is_new(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            names, self._new = sorted(self._new), set()
            await self._say(names)

    async def _say(self, names: Sequence[str]) -> None:
        for first in range(0, len(names), AT_ONCE):
            async with self._redis.pipeline(transaction=False) as steps:
                for name in names[first : first + AT_ONCE]:
                    steps.set(_key(name), b"1", ex=LASTS_SECONDS)
                await steps.execute()


async def languages_read(
    client: redis.asyncio.Redis, topics: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By topic, the languages in which somebody reads it, in any process."""
    if not topics:
        return {}
    found = await client.mget([_key(f"{topic}:{each}") for topic in topics for each in LOCALES])
    width = len(LOCALES)
    return {
        topic: tuple(
            locale
            for locale, said in zip(LOCALES, found[place * width :][:width], strict=True)
            if said
        )
        for place, topic in enumerate(topics)
    }


def _key(name: str) -> str:
    return f"baige:live:read:{name}"
