"""Slow down whoever guesses: counters in Redis, shared by all processes.

They fail open: when Redis is away people can still sign in.
"""

from hashlib import sha256

import redis.asyncio
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()


class RateLimit:
    """At most `times` of one action by one subject within `seconds`."""

    def __init__(self, action: str, *, times: int, seconds: int) -> None:
        self.action = action
        self.times = times
        self.seconds = seconds

    async def spend(self, client: redis.asyncio.Redis, *subject: str) -> bool:
        """Count one; whether it was still allowed."""
        key = self._key(subject)
        try:
            count = await client.incr(key)
            if count == 1:
                await client.expire(key, self.seconds)
        except (RedisError, OSError) as error:
            log.warning("rate limit unavailable", action=self.action, error=str(error))
            return True
        return bool(count <= self.times)

    async def forgive(self, client: redis.asyncio.Redis, *subject: str) -> None:
        """Forget what was counted (after a success)."""
        await client.delete(self._key(subject))

    def _key(self, subject: tuple[str, ...]) -> str:
        # Hashed: e-mail addresses have no business in Redis.
        digest = sha256("\n".join(subject).encode()).hexdigest()[:32]
        return f"baige:limit:{self.action}:{digest}"
