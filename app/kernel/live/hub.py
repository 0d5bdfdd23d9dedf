"""Live pages: a ring of recent messages for each topic, read by SSE streams.

Every web process has one `Hub`, fed by one Redis subscription. A topic's
messages are kept in a ring and each stream only remembers how far it has
read, so a stream costs a few bytes, a slow one cannot hold memory, and one
that reconnects gets exactly what it missed. Whoever cannot be served from the
ring (too slow, too long away, another epoch) is told to `resync`: the browser
then fetches its page again.

Message ids are `epoch-number`; the relay takes the numbers from Redis, so all
web processes agree on them.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import NamedTuple

RING = 128
UNREAD_TOPICS = 500
PING_SECONDS = 15.0
PING = b": ping\n\n"


class Sent(NamedTuple):
    number: int
    data: bytes


class Topic:
    """The recent messages of one topic in one language.

    `floor` is the number up to which messages may be missing here.
    """

    def __init__(self, floor: int) -> None:
        self.floor = floor
        self.ring: deque[Sent] = deque()
        self.changed = asyncio.Event()
        self.readers = 0

    def add(self, sent: Sent) -> None:
        self.ring.append(sent)
        if len(self.ring) > RING:
            self.floor = self.ring.popleft().number
        self.wake()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    def since(self, number: int) -> list[Sent] | None:
        """What came after `number`; None when some of it is gone."""
        if number < self.floor:
            return None
        return [sent for sent in self.ring if sent.number > number]


class Hub:
    """All topics of one web process."""

    def __init__(self) -> None:
        self.epoch = "0"
        self.number = 0
        self.floor = 0
        self.closed = False
        self._pings = 0
        self._topics: dict[str, Topic] = {}

    @property
    def position(self) -> str:
        """The id a page rendered now continues from."""
        return f"{self.epoch}-{self.number}"

    @property
    def streams(self) -> int:
        return sum(topic.readers for topic in self._topics.values())

    def begin(self, epoch: str, number: int) -> None:
        """Start (again) after (re)subscribing: nothing up to `number` is known here."""
        if epoch != self.epoch or number > self.number:
            self.epoch, self.number, self.floor = epoch, max(number, 0), number
            for topic in self._topics.values():
                topic.ring.clear()
                topic.floor = number
                topic.wake()

    def publish(self, topic: str, number: int, html: str) -> None:
        """Hand one message to the topic's streams. `html` must hold no newline."""
        self.number = max(self.number, number)
        data = f"id: {self.epoch}-{number}\ndata: {html}\n\n".encode()
        self._topic(topic).add(Sent(number, data))

    def close(self) -> None:
        """End all streams; the server can then shut down at once."""
        self.closed = True
        for topic in self._topics.values():
            topic.wake()

    async def ping_for_ever(self) -> None:
        # One task for all: a timer in each stream costs more than the messages.
        while True:
            await asyncio.sleep(PING_SECONDS)
            self._pings += 1
            self._prune()
            for topic in self._topics.values():
                topic.wake()

    async def stream(self, name: str, last_id: str) -> AsyncIterator[bytes]:
        """SSE bytes of one topic from `last_id` on, until the hub closes."""
        topic = self._topic(name)
        epoch, position = _parse(last_id)
        topic.readers += 1
        try:
            yield PING
            pings = self._pings
            while not self.closed:
                changed = topic.changed
                if epoch != self.epoch:
                    # Numbers of another epoch mean nothing here.
                    epoch, position = self.epoch, -1
                missed = topic.since(position)
                if missed is None:
                    position = max(self.number, topic.floor)
                    yield self._resync(position)
                elif missed:
                    position = missed[-1].number
                    yield b"".join(sent.data for sent in missed)
                elif pings != self._pings:
                    pings = self._pings
                    yield PING
                else:
                    await changed.wait()
        finally:
            topic.readers -= 1
            self._forget(name, topic)

    def _resync(self, position: int) -> bytes:
        return f"id: {self.epoch}-{position}\nevent: resync\ndata: \n\n".encode()

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            self._topics[name] = Topic(self.floor)
        return self._topics[name]

    def _prune(self) -> None:
        unread = [name for name, topic in self._topics.items() if not topic.readers]
        if len(unread) <= UNREAD_TOPICS:
            return
        for name in unread:
            del self._topics[name]
        # What a dropped ring held is lost here: newer topics start from now.
        self.floor = self.number

    def _forget(self, name: str, topic: Topic) -> None:
        if not topic.readers and not topic.ring:
            self._topics.pop(name, None)


def _parse(last_id: str) -> tuple[str, int]:
    epoch, _, number = last_id.rpartition("-")
    return epoch, int(number) if number.isdecimal() and len(number) < 19 else -1
