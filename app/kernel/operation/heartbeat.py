"""Heartbeats: which parts of the house are at work, said in Redis and forgotten by itself.

A beat is given from inside the work, when it has just done something: it means "it works",
not merely "its process lives". Redis' own clock tells how old it is, for those of other
machines may be wrong, and any may be set.
"""

import asyncio
import math
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio

KEY = "baige:beats"

# What can be at work: the relay hands out what was promised, a worker asks what is due to
# be polled and runs what is queued for it. And every process reports, see `restarts`.
RELAY, POLLS, JOBS, PROCESS = "relay", "polls", "jobs", "process"
# Who both asks what is due and runs it.
WORKER = "worker"

# In seconds: how often it is said, and how long one word lasts. A queued job may wait
# behind others that ask a slow provider.
EVERY = 3.0
LASTS = {RELAY: 15, POLLS: 15, JOBS: 45, PROCESS: 15}

# KEYS the beats by their end. ARGV who, seconds, the longest seconds anybody is given.
_BEAT = """
local now = redis.call('TIME')[1]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""

# KEYS the beats by their end. ARGV the longest seconds anybody is given. What lasts longer
# than that is from before the clock was set back.
_LIVING = """
local now = redis.call('TIME')[1]
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, now + ARGV[1])
"""


class Heart:
    """The beats of one process."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self.process = secrets.token_hex(4)
        self._beat: Any = client.register_script(_BEAT)
        self._beaten: dict[str, float] = {}

    def is_due(self, role: str) -> bool:
        """Whether its last beat is some seconds ago."""
        return asyncio.get_running_loop().time() >= self._beaten.get(role, -math.inf) + EVERY

    async def beat(self, role: str) -> None:
        """This part has just worked; said at most every few seconds, however often called."""
        if self.is_due(role):
            who = f"{role}:{self.process}"
            await self._beat(keys=[KEY], args=[who, LASTS[role], max(LASTS.values())])
            self._beaten[role] = asyncio.get_running_loop().time()

    def of(self, role: str) -> Callable[[], Awaitable[None]]:
        """The beat of one part."""

        async def beat() -> None:
            await self.beat(role)

        return beat


async def living(client: redis.asyncio.Redis) -> dict[str, list[str]]:
    """The names of the processes that are at work, by what they do."""
    # redis-py's types say that the answer may also be no coroutine.
    to: Any = client
    found: dict[str, list[str]] = {role: [] for role in LASTS}
    for member in await to.eval(_LIVING, 1, KEY, max(LASTS.values())):
        role, _, process = member.decode().partition(":")
        found.setdefault(role, []).append(process)
    return found


def missing(living: dict[str, list[str]]) -> list[str]:
    """What of the background work nobody does: WORKER, RELAY, both or nothing."""
    at_work = {WORKER: is_worked(living), RELAY: bool(living[RELAY])}
    return [role for role, there in at_work.items() if not there]


def is_worked(living: dict[str, list[str]]) -> bool:
    """Whether a worker is at work: something asks what is due, and something runs it."""
    return bool(living[POLLS] and living[JOBS])
