"""The relay: does what transactions promised, after they have committed.

One relay works at a time (a lock in Redis that runs out by itself), in the
order of the promises, and deletes a row only when its handler has returned:
at least once, never in between.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from itertools import groupby
from typing import Any

import msgspec
import redis.asyncio
import structlog
from redis.exceptions import RedisError

from app.kernel.db.conditions import one_of
from app.kernel.db.tables import OutboxEntry
from app.kernel.live.channels import channel

CHANNEL = "outbox"
LOCK = "baige:relay"
LOCK_MS = 5_000
IDLE_SECONDS = 1.0
BATCH = 200
TRIES = 8

Payload = dict[str, Any]
Handler = Callable[[list[Payload]], Awaitable[None]]

log = structlog.get_logger()


async def wake(client: redis.asyncio.Redis) -> None:
    """Tell the relay there is something; it would notice by itself a second later."""
    with contextlib.suppress(RedisError, OSError):
        await client.publish(channel(client, CHANNEL), b"")


class Relay:
    """Delivers the outbox. A handler gets all waiting payloads of its kind in order."""

    def __init__(self, client: redis.asyncio.Redis, handlers: Mapping[str, Handler]) -> None:
        self._redis = client
        self._handlers = handlers
        self._name = secrets.token_hex(8)

    async def run(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(channel(self._redis, CHANNEL))
                    await self._work(pubsub)
            except (RedisError, OSError) as error:
                log.warning("relay lost Redis, trying again", error=str(error))
                await asyncio.sleep(IDLE_SECONDS)

    async def _work(self, pubsub: Any) -> None:
        try:
            while True:
                if not await self._leads() or not await self.deliver():
                    await pubsub.get_message(timeout=IDLE_SECONDS)
        finally:
            await asyncio.shield(self._step_down())

    async def _leads(self) -> bool:
        mine = self._name.encode()
        if await self._redis.set(LOCK, mine, nx=True, px=LOCK_MS):
            return True
        if await self._redis.get(LOCK) != mine:
            return False
        await self._redis.pexpire(LOCK, LOCK_MS)
        return True

    async def _step_down(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            if await self._redis.get(LOCK) == self._name.encode():
                await self._redis.delete(LOCK)

    async def deliver(self) -> int:
        """Handle one batch; how many rows it did away with."""
        rows = await (
            OutboxEntry.select()
            .where(OutboxEntry.tries < TRIES)
            .order_by(OutboxEntry.id)
            .limit(BATCH)
        )
        done = 0
        for kind, entries in groupby(rows, key=lambda row: row["kind"]):
            done += await self._handle(kind, list(entries))
        return done

    async def _handle(self, kind: str, rows: list[dict[str, Any]]) -> int:
        ids = [row["id"] for row in rows]
        try:
            await self._handlers[kind]([msgspec.json.decode(row["payload"]) for row in rows])
        except (RedisError, OSError):
            raise
        except Exception:
            if len(rows) > 1:
                # One bad row must not hold the others back.
                return sum([await self._handle(kind, [row]) for row in rows])
            log.exception("outbox entry failed", kind=kind, entry=ids[0])
            await OutboxEntry.update({OutboxEntry.tries: OutboxEntry.tries + 1}).where(
                OutboxEntry.id == ids[0]
            )
            return 0
        await OutboxEntry.delete().where(one_of(OutboxEntry.id, ids))
        return len(ids)
