"""What whoever runs the site must know at once; shown on every page they open."""

from typing import Any

import msgspec
import redis.asyncio
from redis.exceptions import RedisError

from app.kernel.errors import N_, Message
from app.kernel.operation import heartbeat

KEY = "baige:alerts"
SILENT = {
    heartbeat.WORKER: N_("No worker is at work: no source is asked for results."),
    heartbeat.RELAY: N_("The relay is not at work: results are not taken in, pages do not follow."),
}


async def sound(client: redis.asyncio.Redis, name: str, message: Message) -> None:
    """Show it from now on, until it is silenced."""
    to: Any = client
    await to.hset(KEY, name, msgspec.json.encode([message.text, message.params]))


async def silence(client: redis.asyncio.Redis, name: str) -> None:
    """What it was about is over."""
    to: Any = client
    await to.hdel(KEY, name)


async def standing(client: redis.asyncio.Redis) -> list[Message]:
    """All that is shown now; nothing while Redis is away."""
    to: Any = client
    try:
        found = await to.hgetall(KEY)
        missing = heartbeat.missing(await heartbeat.living(client))
    except (RedisError, OSError):
        return []
    silent = [Message(SILENT[role]) for role in missing]
    return [*silent, *(_message(found[name]) for name in sorted(found))]


def _message(raw: bytes) -> Message:
    text, params = msgspec.json.decode(raw)
    return Message(text, **params)
