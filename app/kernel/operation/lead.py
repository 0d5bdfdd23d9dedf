"""One at a time among all processes: a lead in Redis that ends by itself with its holder."""

import asyncio
import contextlib
import secrets
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

# KEYS lead. ARGV our name, its time to live in milliseconds. 1 when it is ours.
# A lead that lives longer than anybody gives it comes from before the clock was set
# back: it is cut to length, and whoever leads renews it in time.
_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

# KEYS lead. ARGV our name.
_LEAVE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class LeadLost(Exception):
    """Somebody else leads now."""


class Lead:
    """A lead that one process has, for as long as it renews it."""

    def __init__(self, client: redis.asyncio.Redis, key: str, *, milliseconds: int) -> None:
        self._key = key
        self._milliseconds = milliseconds
        self._name = secrets.token_hex(8)
        self._take: Any = client.register_script(_TAKE)
        self._leave: Any = client.register_script(_LEAVE)

    async def take(self) -> bool:
        """Take or renew it; whether it is ours."""
        return bool(await self._take(keys=[self._key], args=[self._name, self._milliseconds]))

    async def keep(self) -> None:
        """Renew it for ever; `LeadLost` once it is somebody else's."""
        while True:
            if not await self.take():
                raise LeadLost(self._key)
            await asyncio.sleep(self._milliseconds / 4_000)

    async def leave(self) -> None:
        """Give it up, so that nobody has to wait for its end."""
        with contextlib.suppress(RedisError, OSError):
            await asyncio.shield(self._leave(keys=[self._key], args=[self._name]))
