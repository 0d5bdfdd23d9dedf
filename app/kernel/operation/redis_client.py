"""Connections to Redis (or Valkey) on which nobody waits in vain, and that let go when told to."""

import asyncio
from typing import Any

import redis.asyncio
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import TimeoutError as NotInTime

# In seconds. A Redis that does not answer by then is away.
CONNECT_TIMEOUT = 3.0
ANSWER_TIMEOUT = 5.0


class _LetsGo:
    """A connection whose sending can be cancelled.

    redis-py sends under `asyncio.wait_for`, which before Python 3.12 forgets that it was
    cancelled when it is done at the same moment: then whoever was told to stop goes on.
    """

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        own: Any = self
        seconds, own.socket_timeout = own.socket_timeout, None
        try:
            async with asyncio.timeout(seconds):
                await super().send_packed_command(command, check_health)  # type: ignore[misc]
        except TimeoutError:
            await own.disconnect(nowait=True)
            raise NotInTime("Redis takes nothing") from None
        finally:
            own.socket_timeout = seconds


class _Plain(_LetsGo, Connection):
    pass


class _Secure(_LetsGo, SSLConnection):
    pass


class _Unix(_LetsGo, UnixDomainSocketConnection):
    pass


_KINDS: dict[type[Any], type[Any]] = {
    Connection: _Plain,
    SSLConnection: _Secure,
    UnixDomainSocketConnection: _Unix,
}


def redis_client(url: str) -> Any:
    """A pool of such connections; every command raises a `RedisError` when it takes too long."""
    client = redis.asyncio.Redis.from_url(
        url, socket_connect_timeout=CONNECT_TIMEOUT, socket_timeout=ANSWER_TIMEOUT
    )
    pool: Any = client.connection_pool
    pool.connection_class = _KINDS[pool.connection_class]
    return client
