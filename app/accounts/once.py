"""Records that live in Redis for minutes and are worth something once.

Whoever holds the random token may read the record; only the token's hash is
kept. Unlike rate limits these fail closed: without Redis nothing is believed.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Generic, TypeVar

import msgspec
import redis.asyncio
import structlog
from redis.exceptions import RedisError

from app.kernel.errors import N_, UserError

Record = TypeVar("Record", bound=msgspec.Struct)

log = structlog.get_logger()


class Unavailable(UserError):
    """What is needed to be sure is away; nothing was decided."""

    status = 503


class Once(Generic[Record]):
    """Records of one kind, each kept for `seconds`."""

    def __init__(self, kind: type[Record], name: str, *, seconds: int) -> None:
        self.seconds = seconds
        self._kind = kind
        self._name = name

    async def keep(self, client: redis.asyncio.Redis, record: Record) -> str:
        """Keep the record; its token."""
        token = secrets.token_urlsafe(32)
        async with sure():
            await client.set(_key(self._name, token), msgspec.json.encode(record), ex=self.seconds)
        return token

    async def read(self, client: redis.asyncio.Redis, token: str) -> Record | None:
        """The record, which stays."""
        async with sure():
            return self._decoded(await client.get(_key(self._name, token)))

    async def take(self, client: redis.asyncio.Redis, token: str) -> Record | None:
        """The record, which is gone now: of two who ask at once one gets it."""
        async with sure():
            return self._decoded(await client.getdel(_key(self._name, token)))

    def _decoded(self, raw: bytes | None) -> Record | None:
        return None if raw is None else msgspec.json.decode(raw, type=self._kind)


async def first_time(client: redis.asyncio.Redis, name: str, word: str, *, seconds: int) -> bool:
    """Whether nobody said this word within `seconds`, in any process."""
    async with sure():
        return bool(await client.set(_key(name, word), b"1", nx=True, ex=seconds))


def _key(name: str, token: str) -> str:
    return f"baige:{name}:{sha256(token.encode()).hexdigest()}"


@asynccontextmanager
async def sure() -> AsyncIterator[None]:
    """Redis must answer, or nothing is decided."""
    try:
        yield
    except (RedisError, OSError) as error:
        log.warning("a one-time record is unavailable", error=type(error).__name__)
        raise Unavailable(N_("This rests for a moment. Try again in a minute.")) from None
