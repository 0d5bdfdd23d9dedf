"""Whether background work is done at all: a word in Redis that runs out by itself.

A worker says it from inside a job, so that asking what is due, the queue and the jobs
are all at work when it does; the relay from inside its loop. Any of several will do.
"""

import redis.asyncio

WORKER, RELAY = "worker", "relay"
# Seconds. Long enough for a job that takes its time.
SAID_EVERY, LASTS = 4.0, 20


async def beat(client: redis.asyncio.Redis, role: str) -> None:
    """It is at work."""
    await client.set(_key(role), b"1", ex=LASTS)


async def beating(client: redis.asyncio.Redis) -> dict[str, bool]:
    """By role, whether anybody has said so lately. Raises what Redis raises."""
    roles = (WORKER, RELAY)
    found = await client.mget([_key(role) for role in roles])
    return {role: said is not None for role, said in zip(roles, found, strict=True)}


def _key(role: str) -> str:
    return f"baige:heartbeat:{role}"
