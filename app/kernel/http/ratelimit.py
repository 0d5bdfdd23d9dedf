"""Slow down whoever guesses: counters in Redis, shared by all processes.

They fail open: when Redis is away people can still sign in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from ipaddress import ip_address, ip_network

import redis.asyncio
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()


def household(address: str) -> str:
    """The address a provider gives to one customer: all of IPv4, the first half of IPv6.

    Whoever has one IPv6 address has 2 to the 64th of them.
    """
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    # Who comes by IPv4 to an IPv6 socket keeps the IPv4 address.
    return str(known.ipv4_mapped or ip_network((int(known), 64), strict=False))


class RateLimit:
    """At most `times` of one action by one subject within `seconds`."""

    def __init__(self, action: str, *, times: int, seconds: int) -> None:
        self.action = action
        self.times = times
        self.seconds = seconds

    async def spend(self, client: redis.asyncio.Redis, *subject: str) -> bool:
        """Count one; whether it was still allowed."""
        count = await self._add(client, subject, 1)
        return count <= self.times

    async def give_back(self, client: redis.asyncio.Redis, *subject: str) -> None:
        """Uncount one: what was tried turned out to be honest."""
        await self._add(client, subject, -1)

    async def forgive(self, client: redis.asyncio.Redis, *subject: str) -> None:
        """Forget what was counted (after a success)."""
        with self._failing_open():
            await client.delete(self._key(subject))

    async def _add(self, client: redis.asyncio.Redis, subject: tuple[str, ...], more: int) -> int:
        count = 0
        with self._failing_open():
            # One step: a counter without an end would lock its subject out for ever.
            async with client.pipeline(transaction=True) as steps:
                steps.set(self._key(subject), 0, ex=self.seconds, nx=True)
                steps.incrby(self._key(subject), more)
                count = int((await steps.execute())[1])
        return count

    @contextmanager
    def _failing_open(self) -> Iterator[None]:
        try:
            yield
        except (RedisError, OSError) as error:
            log.warning("rate limit unavailable", action=self.action, error=str(error))

    def _key(self, subject: tuple[str, ...]) -> str:
        # Hashed: e-mail addresses have no business in Redis.
        digest = sha256("\n".join(subject).encode()).hexdigest()[:32]
        return f"baige:limit:{self.action}:{digest}"
