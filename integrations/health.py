"""How each provider is doing, for all workers and the operator's page; kept in Redis.

A provider that refuses us (401, 403) is stopped: nobody asks it again until
the operator says so, or the key changes.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import redis.asyncio
import structlog

from app.kernel.errors import N_, Message
from app.kernel.operation import alerts
from integrations.base import Refused

log = structlog.get_logger()


class Condition(msgspec.Struct, frozen=True):
    """What the operator sees; texts name no key. Times are UTC, and clocks may be set:
    whether it is `failing` is said, not seen from them."""

    last_success: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    stopped: str | None = None
    failing: bool = False


class Health:
    """One provider's record; belongs to its key, of which only a hash is stored."""

    def __init__(self, client: redis.asyncio.Redis, provider: str, key: str, *, title: str) -> None:
        # redis-py's types say that every answer may also be no coroutine.
        self._redis: Any = client
        self._provider = provider
        self._title = title
        self._name = f"baige:health:{provider}:{sha256(key.encode()).hexdigest()[:12]}"

    async def check(self) -> None:
        """`Refused` while the provider is stopped."""
        if why := await self._redis.hget(self._name, "stopped"):
            raise Refused(why.decode())

    async def succeeded(self, *, now: datetime) -> None:
        await self._redis.hset(self._name, mapping={"success": str(now.timestamp()), "failing": ""})

    async def failed(self, why: str, *, now: datetime) -> None:
        await self._redis.hset(
            self._name,
            mapping={"error": why[:200], "error_at": str(now.timestamp()), "failing": "1"},
        )

    async def stop(self, why: str, *, now: datetime) -> None:
        """Ask no more, and say so once."""
        await self.failed(why, now=now)
        if await self._redis.hsetnx(self._name, "stopped", why[:200]):
            log.error("a provider refuses us and is stopped", provider=self._provider, why=why)
            message = Message(
                N_("{provider} is stopped: {why}. Its results do not arrive."),
                provider=self._title,
                why=why[:200],
            )
            await alerts.sound(self._redis, self._provider, message)

    async def resume(self) -> None:
        """The operator has mended the key: ask again."""
        await self._redis.hdel(self._name, "stopped")
        await alerts.silence(self._redis, self._provider)

    async def condition(self) -> Condition:
        found = await self._redis.hgetall(self._name)
        known = {name.decode(): value.decode() for name, value in found.items()}
        return Condition(
            last_success=_time(known.get("success")),
            last_error=known.get("error"),
            last_error_at=_time(known.get("error_at")),
            stopped=known.get("stopped"),
            failing=bool(known.get("failing")),
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromtimestamp(float(text), UTC) if text else None
