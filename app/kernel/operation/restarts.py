"""Which background work had to be begun again, in all processes, for the operator's eyes."""

from datetime import datetime
from typing import Any

import msgspec
import redis.asyncio

from app.kernel.operation import heartbeat
from app.kernel.operation.heartbeat import Heart
from app.kernel.operation.supervision import Make, Supervisor, every

KEY = "baige:restarts:{}"


class Restarts(msgspec.Struct, frozen=True):
    """How often a piece of work ended in one process since that began, and why it last did."""

    work: str
    times: int
    at: datetime
    why: str


def reporting(client: redis.asyncio.Redis, background: Supervisor) -> Make:
    """Work of every process: say again and again what was begun again in it."""
    heart = Heart(client)

    async def report() -> None:
        found = [
            Restarts(work, times, background.last_ends[work].at, background.last_ends[work].why)
            for work, times in background.restarts.items()
        ]
        lasts = heartbeat.LASTS[heartbeat.PROCESS]
        await client.set(KEY.format(heart.process), msgspec.json.encode(found), ex=lasts)
        await heart.beat(heartbeat.PROCESS)

    return every(heartbeat.EVERY, report)


async def reported(client: redis.asyncio.Redis, living: dict[str, list[str]]) -> list[Restarts]:
    """All of them, of the processes that live, the latest first."""
    names = [KEY.format(process) for process in living[heartbeat.PROCESS]]
    to: Any = client
    said = await to.mget(names) if names else []
    found = [each for raw in said if raw for each in msgspec.json.decode(raw, type=list[Restarts])]
    return sorted(found, key=lambda each: each.at, reverse=True)
