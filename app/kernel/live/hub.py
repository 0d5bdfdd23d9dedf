"""Live pages: a ring of recent messages for each topic, read by SSE streams.

Every web process has one `Hub`, fed by one Redis subscription. A topic's
messages are kept in a ring and each stream only remembers how far it has
read, so a stream costs a few bytes, a slow one cannot hold memory, and one
that reconnects gets exactly what it missed. Whoever cannot be served from the
ring (too slow, too long away, another epoch, a change that was rendered for
nobody) is told to `resync`: the browser then fetches its page again.

Message ids are `epoch-number`; Redis gives the numbers, so all web processes
agree on them.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping

from app.kernel.live.wire import GZIP_HEADER, Sent, deflated
from app.kernel.text.i18n import LOCALES

RING = 128
UNREAD_TOPICS = 500
UNRENDERED = 5_000
PING_SECONDS = 15.0
# Named, so that pages hear it: where none comes for two of them, the stream has stalled.
PING = b"event: ping\n\n"
PING_DEFLATED = deflated(PING)
# Opens a stream that would not hear of changes: only pings say that it does.
OPENING = b":\n\n"
OPENING_DEFLATED = deflated(OPENING)


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

    def lack(self, number: int) -> None:
        """There was a message of this number, but nothing of it came here."""
        self.ring.clear()
        self.floor = number
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
    """All topics of one web process. A stream's name is `topic:language`.

    `first_reader` is called with the name of a stream that nobody here read before.
    """

    def __init__(self, first_reader: Callable[[str], None] = lambda _: None) -> None:
        self._epoch, self._note = "0", ""
        self.number = 0
        self.floor = 0
        self.closed = False
        self.is_fed = False
        self.first_reader = first_reader
        self._pings = 0
        self._topics: dict[str, Topic] = {}
        # Changes of topics that were not rendered in every language, by topic.
        self._unrendered: dict[str, int] = {}

    @property
    def epoch(self) -> str:
        """Numbers of one mean nothing in another."""
        return self._epoch + self._note

    @property
    def position(self) -> str:
        """The id a page rendered now continues from."""
        return f"{self.epoch}-{self.number}"

    @property
    def streams(self) -> int:
        return sum(topic.readers for topic in self._topics.values())

    @property
    def read(self) -> list[str]:
        """The names of the streams that have readers here."""
        return [name for name, topic in self._topics.items() if topic.readers]

    def begin(self, epoch: str, number: int) -> None:
        """Start (again) after (re)subscribing: nothing up to `number` is known here."""
        self.is_fed = True
        # At once: who has heard nothing for long takes us for stalled.
        self._ping()
        if epoch != self._epoch or number > self.number:
            self._epoch, self.number, self.floor = epoch, max(number, 0), number
            self._unrendered.clear()
            for topic in self._topics.values():
                topic.lack(number)

    def lose(self) -> None:
        """The subscription is lost: until the next `begin` no stream is told that it is live."""
        self.is_fed = False

    def publish(self, topic: str, number: int, html: Mapping[str, str]) -> None:
        """Hand one change to the topic's streams: markup by language, without newlines.

        Streams of a language that is missing are told to resync.
        """
        self.number = max(self.number, number)
        for locale in LOCALES:
            name = f"{topic}:{locale}"
            if locale in html:
                data = f"id: {self.epoch}-{number}\ndata: {html[locale]}\n\n".encode()
                self._topic(name).add(Sent(number, data))
            elif name in self._topics:
                self._topics[name].lack(number)
        if len(html) < len(LOCALES):
            self._unrendered[topic] = number
            self._forget_unrendered()

    def note(self, note: str) -> None:
        """Every page says something else from now on, and no change brings it: each one that
        was made while `note` was another fetches itself again."""
        self._note = note
        for topic in self._topics.values():
            topic.wake()

    def close(self) -> None:
        """End all streams; the server can then shut down at once."""
        self.closed = True
        for topic in self._topics.values():
            topic.wake()

    async def ping_for_ever(self) -> None:
        # One task for all: a timer in each stream costs more than the messages.
        while True:
            await asyncio.sleep(PING_SECONDS)
            self._prune()
            if self.is_fed:
                self._ping()

    def _ping(self) -> None:
        self._pings += 1
        for topic in self._topics.values():
            topic.wake()

    async def stream(
        self, name: str, last_id: str, *, gzipped: bool = False
    ) -> AsyncIterator[bytes]:
        """SSE bytes of one topic from `last_id` on, until the hub closes."""
        topic = self._topic(name)
        epoch, position = _parse(last_id)
        topic.readers += 1
        if topic.readers == 1:
            self.first_reader(name)
        ping = PING_DEFLATED if gzipped else PING
        silent = OPENING_DEFLATED if gzipped else OPENING
        try:
            yield (GZIP_HEADER if gzipped else b"") + (ping if self.is_fed else silent)
            pings = self._pings
            while not self.closed:
                changed = topic.changed
                if epoch != self.epoch:
                    # Numbers of another epoch mean nothing here.
                    epoch, position = self.epoch, -1
                missed = topic.since(position)
                if missed is None:
                    position = max(self.number, topic.floor)
                    resync = self._resync(position)
                    yield deflated(resync) if gzipped else resync
                elif missed:
                    position = missed[-1].number
                    yield b"".join(sent.deflated if gzipped else sent.data for sent in missed)
                elif pings != self._pings:
                    pings = self._pings
                    yield ping
                else:
                    await changed.wait()
        finally:
            topic.readers -= 1
            self._forget(name, topic)

    def _resync(self, position: int) -> bytes:
        return f"id: {self.epoch}-{position}\nevent: resync\ndata: \n\n".encode()

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            unrendered = self._unrendered.get(name.rpartition(":")[0], 0)
            self._topics[name] = Topic(max(self.floor, unrendered))
        return self._topics[name]

    def _prune(self) -> None:
        unread = [name for name, topic in self._topics.items() if not topic.readers]
        if len(unread) <= UNREAD_TOPICS:
            return
        for name in unread:
            del self._topics[name]
        # What a dropped ring held is lost here: newer topics start from now.
        self.floor = self.number

    def _forget_unrendered(self) -> None:
        if len(self._unrendered) > UNRENDERED:
            self._unrendered.clear()
            self.floor = self.number

    def _forget(self, name: str, topic: Topic) -> None:
        if not topic.readers and not topic.ring:
            self._topics.pop(name, None)


def _parse(last_id: str) -> tuple[str, int]:
    epoch, _, number = last_id.rpartition("-")
    return epoch, int(number) if number.isdecimal() and len(number) < 19 else -1
