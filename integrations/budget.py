"""One budget for each provider key, shared by all workers through Redis.

A quota belongs to a key (or to our address, without one), not to a process.
We count what we spend in the provider's own windows (clock minute, UTC day)
and believe its headers when they say less is left. A breaker in the same
place gives a provider that keeps failing a rest. Every step is one script,
so two workers never take the same last call.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import redis.asyncio

from integrations.base import Busy

FAILURES_TO_OPEN = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
# How long the one call after a rest may take before another may try.
TRIAL = timedelta(seconds=30)

# Stands for "no limit", and as a count for "none left".
_ALL = 10**9
# Windows and rests are compared with the caller's `now`; Redis' own clock only
# sweeps up, late.
_MINUTE_TTL, _DAY_TTL, _BREAKER_TTL = 120, 2 * 24 * 3600, 2 * 3600

# KEYS minute, day, breaker. ARGV now, minute's most, day's most, end of a
# trial, and three times to live. Gives 0 = go, 1 = minute, 2 = day, 3 = rest.
_SPEND = """
local rest = redis.call('HGET', KEYS[3], 'until') or '0'
if tonumber(rest) > tonumber(ARGV[1]) then return {3, rest} end
for i = 1, 2 do
  local spent = redis.call('GET', KEYS[i]) or '0'
  if tonumber(spent) >= tonumber(ARGV[i + 1]) then return {i, '0'} end
end
if tonumber(rest) > 0 then
  redis.call('HSET', KEYS[3], 'until', ARGV[4], 'trial', '1')
  redis.call('EXPIRE', KEYS[3], ARGV[7])
end
for i = 1, 2 do
  redis.call('INCR', KEYS[i])
  redis.call('EXPIRE', KEYS[i], ARGV[i + 4])
end
return {0, '0'}
"""

# KEYS minute, day. ARGV what is spent of each, and two times to live.
_RAISE = """
for i = 1, 2 do
  if tonumber(ARGV[i]) > tonumber(redis.call('GET', KEYS[i]) or '0') then
    redis.call('SET', KEYS[i], ARGV[i], 'EX', ARGV[i + 2])
  end
end
"""

# KEYS breaker. ARGV now, failures to open, first rest, longest rest, time to
# live; all times in seconds. Calls that were under way when it opened change
# nothing: only a trial's failure makes the rest grow.
_FAIL = """
local now, trial = tonumber(ARGV[1]), redis.call('HGET', KEYS[1], 'trial')
local rest = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if rest > now and not trial then return end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('EXPIRE', KEYS[1], ARGV[5])
if failures < tonumber(ARGV[2]) then return end
local pause = tonumber(ARGV[3]) * 2 ^ math.min(failures - tonumber(ARGV[2]), 20)
redis.call('HSET', KEYS[1], 'until', tostring(now + math.min(pause, tonumber(ARGV[4]))))
redis.call('HDEL', KEYS[1], 'trial')
"""


class Quota(NamedTuple):
    """Calls allowed in a clock minute and a UTC day; 0 = no limit."""

    minute: int
    day: int


class Budget:
    """The bucket of one provider and key. Only a hash of the key is stored."""

    def __init__(self, client: redis.asyncio.Redis, provider: str, key: str, quota: Quota) -> None:
        self._name = f"baige:budget:{provider}:{sha256(key.encode()).hexdigest()[:12]}"
        self._quota = quota
        self._redis = client
        self._spend = client.register_script(_SPEND)
        self._raise = client.register_script(_RAISE)
        self._fail = client.register_script(_FAIL)

    async def spend(self, *, now: datetime) -> None:
        """Take one call, or raise `Busy` until the window ends or the rest is over.

        After a rest one caller may try; the others wait for how it goes.
        """
        minute, day = (most or _ALL for most in self._quota)
        trial_ends = (now + TRIAL).timestamp()
        full, rest = await self._spend(
            keys=[*self._windows(now), self._breaker],
            args=[now.timestamp(), minute, day, trial_ends, _MINUTE_TTL, _DAY_TTL, _BREAKER_TTL],
        )
        match int(full):
            case 1:
                raise Busy("this minute's calls are spent", next_minute(now))
            case 2:
                raise Busy("today's calls are spent", next_day(now))
            case 3:
                raise Busy("the provider is given a rest", datetime.fromtimestamp(float(rest), UTC))

    async def believe(self, *, minute: int | None, day: int | None, now: datetime) -> None:
        """The provider says how many calls are left: never assume more.

        `now` is when the call was spent, so that an answer from the last
        second of a minute says nothing about the next one.
        """
        spent = [
            most - left if most and left is not None else 0
            for most, left in zip(self._quota, (minute, day), strict=True)
        ]
        await self._at_least(spent, now=now)

    async def exhaust(self, *, day: bool, now: datetime) -> None:
        """The provider answered 429: nothing more in this window, whatever we counted."""
        await self._at_least([0, _ALL] if day else [_ALL, 0], now=now)

    async def failed(self, *, now: datetime) -> None:
        """One unusable answer; after `FAILURES_TO_OPEN` in a row the provider rests.

        Each failed trial doubles the rest, from `FIRST_REST` to `LONGEST_REST`.
        """
        first, longest = FIRST_REST.total_seconds(), LONGEST_REST.total_seconds()
        await self._fail(
            keys=[self._breaker],
            args=[now.timestamp(), FAILURES_TO_OPEN, first, longest, _BREAKER_TTL],
        )

    async def succeeded(self) -> None:
        """The provider is well: it answered in its own way, be it yes or no."""
        await self._redis.delete(self._breaker)

    async def _at_least(self, spent: list[int], *, now: datetime) -> None:
        await self._raise(keys=self._windows(now), args=[*spent, _MINUTE_TTL, _DAY_TTL])

    @property
    def _breaker(self) -> str:
        return f"{self._name}:breaker"

    def _windows(self, now: datetime) -> list[str]:
        return [f"{self._name}:{now:%Y%m%d%H%M}", f"{self._name}:{now:%Y%m%d}"]


def next_minute(now: datetime) -> datetime:
    """When the clock minute after `now` begins."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def next_day(now: datetime) -> datetime:
    """When the day after `now` begins; `now` is in UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
