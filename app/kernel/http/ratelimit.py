"""How often somebody may do something: counters in Redis, shared by all processes.

They fail open: when Redis is away people can still sign in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from ipaddress import ip_address, ip_network
from math import ceil

import redis.asyncio
import structlog
from redis.exceptions import RedisError

from app.kernel.errors import N_, Message

TOO_OFTEN = N_("That was too often. Try again in {minutes} min.")
TOO_OFTEN_HOURS = N_("That was too often. Try again in {hours} h.")
FROM_NETWORK = N_("That was too often from your network. Try again in {minutes} min.")
FROM_NETWORK_HOURS = N_("That was too often from your network. Try again in {hours} h.")
LONGEST_IN_MINUTES = 100 * 60

log = structlog.get_logger()


def household(address: str) -> str:
    """The address a provider gives to one customer: all of IPv4, the first half of IPv6.

    Whoever has one IPv6 address has 2 to the 64th of them.
    """
    return _network(address, 64)


def neighbourhood(address: str) -> str:
    """As many households as one customer may have at most: 65,536 of them, with IPv6."""
    return _network(address, 48)


def _network(address: str, prefix: int) -> str:
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    # Who comes by IPv4 to an IPv6 socket keeps the IPv4 address.
    return str(known.ipv4_mapped or ip_network((int(known), prefix), strict=False))


class RateLimit:
    """At most `times` of one action by one subject within `seconds`.

    The subject is an account, or with `by_network` the household the call came from.
    """

    def __init__(self, action: str, *, times: int, seconds: int, by_network: bool = False) -> None:
        self.action = action
        self.times = times
        self.seconds = seconds
        self.by_network = by_network

    async def spend(self, client: redis.asyncio.Redis, *subject: str) -> bool:
        """Count one; whether it was still allowed."""
        count = await self._add(client, subject, 1)
        return count <= self.times

    async def give_back(self, client: redis.asyncio.Redis, *subject: str) -> None:
        """Uncount one: what was tried turned out to be honest."""
        await self._add(client, subject, -1)

    async def refusal(self, client: redis.asyncio.Redis, *subject: str) -> Message:
        """What to say to whoever has tried too often, with when to try again."""
        left = self.seconds
        with self._failing_open():
            left = max(int(await client.ttl(self._key(subject))), 1)
        if left <= LONGEST_IN_MINUTES:
            text = FROM_NETWORK if self.by_network else TOO_OFTEN
            return Message(text, minutes=ceil(left / 60))
        text = FROM_NETWORK_HOURS if self.by_network else TOO_OFTEN_HOURS
        return Message(text, hours=ceil(left / 3600))

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
