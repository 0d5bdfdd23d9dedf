"""How live messages travel from the relay to every web process's hub."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import redis.asyncio

from app.kernel.live.channels import channel, subscribed
from app.kernel.live.hub import Hub

CHANNEL = "live"
EPOCH_KEY = "baige:live:epoch"
NUMBER_KEY = "baige:live:number"
# The topic of every page that shows people's own pictures; nobody streams it.
PICTURES = "pictures"

# KEYS epoch, number. ARGV an epoch if there is none, the channel, then messages.
# Numbered and published in one step: of two senders neither overtakes the other,
# so a page that has seen a number has seen all before it.
_SEND = """
redis.call('SET', KEYS[1], ARGV[1], 'NX')
for i = 3, #ARGV do
  local number = redis.call('INCR', KEYS[2])
  redis.call('PUBLISH', ARGV[2], string.format('%d', number) .. ' ' .. ARGV[i])
end
"""


class LiveMessage(msgspec.Struct, array_like=True, frozen=True):
    """One change: the topic, and the markup for each language that has readers."""

    topic: str
    html: Mapping[str, str]


class Position(NamedTuple):
    epoch: str
    number: int


async def position(client: redis.asyncio.Redis) -> Position:
    """Where the numbering stands; makes an epoch when Redis is new or was emptied."""
    await client.set(EPOCH_KEY, secrets.token_hex(4), nx=True)
    epoch, number = await client.mget(EPOCH_KEY, NUMBER_KEY)
    return Position(epoch.decode(), int(number or 0))


async def send(client: redis.asyncio.Redis, *messages: LiveMessage) -> None:
    """Publish changes to all hubs, in this order, under the next numbers."""
    if messages:
        # redis-py's types say that the answer may also be no coroutine.
        to: Any = client
        packed = [msgspec.msgpack.encode(_one_line(each)) for each in messages]
        where = channel(client, CHANNEL)
        await to.eval(_SEND, 2, EPOCH_KEY, NUMBER_KEY, secrets.token_hex(4), where, *packed)


def _one_line(message: LiveMessage) -> LiveMessage:
    # A line break of either kind would end the SSE field in the middle.
    html = {locale: " ".join(text.splitlines()) for locale, text in message.html.items()}
    return LiveMessage(message.topic, html)


class Feed:
    """One web process's subscription.

    `changed(topic)` is told of every message, `up` and `down` of the feed
    itself: while it is down nothing that was kept can be trusted.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        hub: Hub,
        changed: Callable[[str], None],
        up: Callable[[], None],
        down: Callable[[], None],
    ) -> None:
        self._redis = client
        self._hub = hub
        self._changed = changed
        self._up = up
        self._down = down
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Listen until the connection is lost; begun again, streams are told to resync."""
        try:
            await self._listen()
        finally:
            self._hub.lose()
            self._down()

    async def _listen(self) -> None:
        async with subscribed(self._redis, CHANNEL) as messages:
            self._hub.begin(*await position(self._redis))
            self._up()
            self.ready.set()
            while True:
                self._deliver(await messages.next())

    def _deliver(self, data: bytes) -> None:
        number, _, packed = data.partition(b" ")
        message = msgspec.msgpack.decode(packed, type=LiveMessage)
        self._changed(message.topic)
        self._hub.publish(message.topic, int(number), message.html)
