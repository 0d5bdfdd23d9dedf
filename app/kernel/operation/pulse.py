"""What one web process knows of the background work, asked for again and again.

When nobody works no page can be pushed, so the web process itself tells those who look:
kept pages are dropped and open ones fetch themselves, with a note or without it.
"""

import asyncio
from collections.abc import Callable

import redis.asyncio
from redis.exceptions import RedisError

from app.kernel.operation import heartbeat

ASK_SECONDS = 4.0
# So many times in a row nobody was at work, before anybody is told: a worker that is
# being replaced is no news.
TIMES = 3


class Pulse:
    """`asleep`: nobody polls, or nothing is pushed; `changed` is called when that changes,
    and `unheard` again and again while nobody is told of what people do on the site."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        changed: Callable[[], None],
        unheard: Callable[[], None] = lambda: None,
    ) -> None:
        self.asleep = False
        self._redis = client
        self._changed = changed
        self._unheard = unheard
        self._missed = 0

    async def watch(self) -> None:
        """Ask for ever."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            self._note(at_work=await self._at_work())

    async def _at_work(self) -> bool:
        try:
            return not heartbeat.missing(await heartbeat.living(self._redis))
        except (RedisError, OSError):
            # Without Redis nobody can work, whoever lives.
            return False

    def _note(self, *, at_work: bool) -> None:
        self._missed = 0 if at_work else self._missed + 1
        if self._missed:
            self._unheard()
        asleep = self._missed >= TIMES
        if asleep != self.asleep:
            self.asleep = asleep
            self._changed()
