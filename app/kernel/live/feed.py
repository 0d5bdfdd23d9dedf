"""How live messages travel from the relay to every web process's hub."""

import asyncio
import secrets
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import redis.asyncio

from app.kernel.live.channels import channel, subscribed
from app.kernel.live.hub import Hub

CHANNEL = "live"
EPOCH_KEY = "baige:live:epoch"
NUMBER_KEY = "baige:live:number"
# The topic of every page that shows people's own pictures; nobody streams it.
PICTURES = "pictures"


class LiveMessage(msgspec.Struct, array_like=True):
    """One push: the topic, its number, and the markup for each language."""

    topic: str
    number: int
    html: dict[str, str]


class Position(NamedTuple):
    epoch: str
    number: int


async def position(client: redis.asyncio.Redis) -> Position:
    """Where the numbering stands; makes an epoch when Redis is new or was emptied."""
    await client.set(EPOCH_KEY, secrets.token_hex(4), nx=True)
    epoch, number = await client.mget(EPOCH_KEY, NUMBER_KEY)
    return Position(epoch.decode(), int(number or 0))


async def send(client: redis.asyncio.Redis, topic: str, html: dict[str, str]) -> None:
    """Publish markup (one language each) to all hubs, under the next number."""
    await position(client)
    number = await client.incr(NUMBER_KEY)
    # A line break of either kind would end the SSE field in the middle.
    one_line = {locale: " ".join(text.splitlines()) for locale, text in html.items()}
    await client.publish(
        channel(client, CHANNEL), msgspec.msgpack.encode(LiveMessage(topic, number, one_line))
    )


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
            self._down()

    async def _listen(self) -> None:
        async with subscribed(self._redis, CHANNEL) as messages:
            self._hub.begin(*await position(self._redis))
            self._up()
            self.ready.set()
            while True:
                self._deliver(await messages.next())

    def _deliver(self, data: bytes) -> None:
        message = msgspec.msgpack.decode(data, type=LiveMessage)
        self._changed(message.topic)
        for locale, html in message.html.items():
            self._hub.publish(f"{message.topic}:{locale}", message.number, html)
