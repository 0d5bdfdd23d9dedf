"""One budget for each provider key, shared by all workers through Redis.

A quota belongs to a key (or to our address, without one), not to a process.
We count what we spend in the provider's own windows (a second, five, a clock minute,
a UTC day) and believe its headers when they say less is left. A breaker in the
same place gives a provider that keeps failing, or asks for it, a rest. Every
step is one script, so two workers never take the same last call.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import redis.asyncio

from integrations.base import Busy

FAILURES_TO_OPEN = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
# How long the one call after a rest may take before another may try.
TRIAL = timedelta(seconds=30)
# What backfill leaves in each window for those who wait.
RESERVED_SHARE = 0.2

SECOND, FIVE_SECONDS, MINUTE, DAY = 1, 5, 60, 24 * 3600

# Stands for "none left".
_ALL = 10**9
# Windows and rests are compared with the caller's `now`; Redis' own clock only
# sweeps up, late.
_SPARE_TTL, _BREAKER_TTL = 60, 2 * 24 * 3600

# Clocks of two workers may differ by so many seconds; more, and one was set back.
_SKEW = 15

# A rest that began in what is the future by now: the clock was set back since. It lasts as
# long as it was to last, from now on.
_REST_OF = f"""
local function rest_of(breaker, now)
  local known = redis.call('HMGET', breaker, 'until', 'since')
  local rest, since = tonumber(known[1] or '0'), tonumber(known[2] or '0')
  if rest > now and since > now + {_SKEW} then
    rest = now + rest - since
    redis.call('HSET', breaker, 'until', string.format('%.3f', rest), 'since', now)
  end
  return rest
end
"""

# KEYS breaker, windows. ARGV now, end of a trial, time to live of the breaker,
# and for each window the most that may be spent and its time to live.
# Gives 0 = go, n = window n is spent, -1 = rest.
_SPEND = (
    _REST_OF
    + """
local rest = rest_of(KEYS[1], tonumber(ARGV[1]))
if rest > tonumber(ARGV[1]) then return {-1, string.format('%.3f', rest)} end
for i = 2, #KEYS do
  local spent = redis.call('GET', KEYS[i]) or '0'
  if tonumber(spent) >= tonumber(ARGV[2 * i]) then return {i - 1, '0'} end
end
if rest > 0 then
  redis.call('HSET', KEYS[1], 'until', ARGV[2], 'since', ARGV[1], 'trial', '1')
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
for i = 2, #KEYS do
  redis.call('INCR', KEYS[i])
  redis.call('EXPIRE', KEYS[i], ARGV[2 * i + 1])
end
return {0, '0'}
"""
)

# KEYS windows. ARGV for each window what is spent of it and its time to live.
_RAISE = """
for i = 1, #KEYS do
  if tonumber(ARGV[2 * i - 1]) > tonumber(redis.call('GET', KEYS[i]) or '0') then
    redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'EX', ARGV[2 * i])
  end
end
"""

# KEYS breaker. ARGV now, failures to open, first rest, longest rest, time to
# live; all times in seconds. Calls that were under way when it opened change
# nothing: only a trial's failure makes the rest grow.
_FAIL = (
    _REST_OF
    + """
local now, trial = tonumber(ARGV[1]), redis.call('HGET', KEYS[1], 'trial')
local rest = rest_of(KEYS[1], now)
if rest > now and not trial then return end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('EXPIRE', KEYS[1], ARGV[5])
if failures < tonumber(ARGV[2]) then return end
local pause = tonumber(ARGV[3]) * 2 ^ math.min(failures - tonumber(ARGV[2]), 20)
rest = now + math.min(pause, tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'until', string.format('%.3f', rest), 'since', ARGV[1])
redis.call('HDEL', KEYS[1], 'trial')
"""
)

# KEYS breaker. ARGV now, until, time to live. A longer rest is kept.
_REST = (
    _REST_OF
    + """
if tonumber(ARGV[2]) > rest_of(KEYS[1], tonumber(ARGV[1])) then
  redis.call('HSET', KEYS[1], 'until', ARGV[2], 'since', ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
"""
)

# KEYS breaker. ARGV now.
_WELL = (
    _REST_OF
    + """
local rest = rest_of(KEYS[1], tonumber(ARGV[1]))
if rest <= tonumber(ARGV[1]) or redis.call('HGET', KEYS[1], 'trial') then
  redis.call('DEL', KEYS[1])
end
"""
)

# KEYS breaker. ARGV now.
_RESTS = _REST_OF + "return string.format('%.3f', rest_of(KEYS[1], tonumber(ARGV[1])))"


class Quota(NamedTuple):
    """Calls allowed in a second, in five, in a clock minute and a UTC day; 0 = no limit."""

    minute: int = 0
    day: int = 0
    second: int = 0
    five_seconds: int = 0

    @property
    def windows(self) -> dict[int, int]:
        """Calls by length of window, in seconds; shortest first."""
        all_ = {
            SECOND: self.second,
            FIVE_SECONDS: self.five_seconds,
            MINUTE: self.minute,
            DAY: self.day,
        }
        return {length: most for length, most in all_.items() if most}


class Left(NamedTuple):
    """What a window (its length in seconds) still allows."""

    window: int
    left: int
    most: int


class Budget:
    """The bucket of one provider and key. Only a hash of the key is stored."""

    def __init__(self, client: redis.asyncio.Redis, provider: str, key: str, quota: Quota) -> None:
        self._name = f"baige:budget:{provider}:{sha256(key.encode()).hexdigest()[:12]}"
        self._quota = quota
        # redis-py's types say that every answer may also be no coroutine.
        self._redis: Any = client
        self._spend = client.register_script(_SPEND)
        self._raise = client.register_script(_RAISE)
        self._fail = client.register_script(_FAIL)
        self._rest = client.register_script(_REST)
        self._well = client.register_script(_WELL)
        self._rests: Any = client.register_script(_RESTS)

    async def spend(self, *, now: datetime, backfill: bool = False) -> None:
        """Take one call, or raise `Busy` until the window ends or the rest is over.

        After a rest one caller may try; the others wait for how it goes.
        Backfill stops while a fifth of a window is left, for those who wait.
        """
        windows = self._quota.windows
        args: list[float] = []
        for length, most in windows.items():
            reserved = int(most * RESERVED_SHARE) if backfill else 0
            args += [most - reserved, length + _SPARE_TTL]
        full, rest = await self._spend(
            keys=[self._breaker, *self._keys(windows, now)],
            args=[now.timestamp(), (now + TRIAL).timestamp(), _BREAKER_TTL, *args],
        )
        if int(full) < 0:
            until = datetime.fromtimestamp(float(rest), UTC)
            raise Busy("the provider is given a rest", until)
        if int(full) > 0:
            length = list(windows)[int(full) - 1]
            raise Busy(_SPENT[length], next_window(now, length))

    async def believe(self, left: dict[int, int | None], *, now: datetime) -> None:
        """The provider says how many calls are left (by window): never assume more.

        `now` is when the call was spent, so that an answer from the last
        second of a minute says nothing about the next one.
        """
        windows = self._quota.windows
        spent = {
            length: windows[length] - said
            for length, said in left.items()
            if length in windows and said is not None
        }
        await self._at_least(spent, now=now)

    async def exhaust(self, window: int, *, now: datetime) -> None:
        """The provider answered 429: nothing more in this window, whatever we counted."""
        if window in self._quota.windows:
            await self._at_least({window: _ALL}, now=now)
        else:
            await self.rest(next_window(now, window), now=now)

    async def rest(self, until: datetime, *, now: datetime) -> None:
        """The provider asks for a pause (`Retry-After`)."""
        args = [now.timestamp(), until.timestamp(), _BREAKER_TTL]
        await self._rest(keys=[self._breaker], args=args)

    async def failed(self, *, now: datetime) -> None:
        """One unusable answer; after `FAILURES_TO_OPEN` in a row the provider rests.

        Each failed trial doubles the rest, from `FIRST_REST` to `LONGEST_REST`.
        """
        first, longest = FIRST_REST.total_seconds(), LONGEST_REST.total_seconds()
        await self._fail(
            keys=[self._breaker],
            args=[now.timestamp(), FAILURES_TO_OPEN, first, longest, _BREAKER_TTL],
        )

    async def succeeded(self, *, now: datetime) -> None:
        """The provider is well: it answered in its own way, be it yes or no.

        A pause it has asked for in the meantime stays.
        """
        await self._well(keys=[self._breaker], args=[now.timestamp()])

    async def left(self, *, now: datetime) -> list[Left]:
        """What each window still allows."""
        windows = self._quota.windows
        spent = await self._redis.mget(self._keys(windows, now)) if windows else []
        return [
            Left(length, max(0, most - int(count or 0)), most)
            for (length, most), count in zip(windows.items(), spent, strict=True)
        ]

    async def rests_until(self, *, now: datetime) -> datetime | None:
        """The end of the rest it is given, if it is."""
        until = float(await self._rests(keys=[self._breaker], args=[now.timestamp()]))
        return datetime.fromtimestamp(until, UTC) if until > now.timestamp() else None

    async def _at_least(self, spent: dict[int, int], *, now: datetime) -> None:
        if not spent:
            return
        args = [each for length, count in spent.items() for each in (count, length + _SPARE_TTL)]
        await self._raise(keys=self._keys(spent, now), args=args)

    @property
    def _breaker(self) -> str:
        return f"{self._name}:breaker"

    def _keys(self, windows: dict[int, int], now: datetime) -> list[str]:
        return [f"{self._name}:{length}:{int(now.timestamp()) // length}" for length in windows]


_SPENT = {
    SECOND: "this second's calls are spent",
    FIVE_SECONDS: "these five seconds' calls are spent",
    MINUTE: "this minute's calls are spent",
    DAY: "today's calls are spent",
}


def next_window(now: datetime, length: int) -> datetime:
    """When the window after the one of `now` begins; days begin at 00:00 UTC."""
    return datetime.fromtimestamp((int(now.timestamp()) // length + 1) * length, UTC)
