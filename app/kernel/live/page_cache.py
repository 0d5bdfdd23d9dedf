"""What public pages are made of, kept until something on them changes.

Three things are kept, each made from the one before: what a page reads from the
database, its shared parts as markup in one language, and the whole page as a
stranger gets it. Each names the live topics it shows; the feed drops it when one
of them changes, so between two changes thousands of visitors cost no query and
no rendering. While the feed is down nothing is kept (`close`).
"""

import asyncio
import gzip
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar, cast

MOST_KEPT = 1_500
MOST_SIGNATURES = 10_000
LONGEST_SIGNATURE = 600
MOST_TOPICS = 20_000

Thing = TypeVar("Thing")

# All of a request that a stranger's page depends on: path, query, language and theme.
Signature = tuple[str, bytes, str, str]
# What kind of thing, and which page, language and theme it is of.
Key = tuple[str, ...]


class Page(NamedTuple):
    """A whole page, compressed once and named by the hash of its bytes."""

    gzipped: bytes
    etag: str

    @property
    def body(self) -> bytes:
        """For the few who take no gzip."""
        return gzip.decompress(self.gzipped)


def page(body: bytes) -> Page:
    return Page(gzip.compress(body, 6, mtime=0), f'W/"{sha256(body).hexdigest()[:20]}"')


class PageCache:
    """What one web process keeps, by key and by topic; the longest unused goes first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Any] = OrderedDict()
        self._making: dict[Key, asyncio.Future[Any]] = {}
        self._asked: OrderedDict[Signature, Key] = OrderedDict()
        # What is kept or being made, by its topics and the other way round; nothing else.
        self._keys: dict[str, set[Key]] = {}
        self._topics: dict[Key, tuple[str, ...]] = {}
        # How often each topic has changed; all of them at once is another era.
        self._changes: Counter[str] = Counter()
        self._era = 0
        self.is_open = False

    def open(self) -> None:
        """Keep things from now on; none from before."""
        self._clear()
        self.is_open = True

    def close(self) -> None:
        """Forget everything and keep nothing more until opened."""
        self.is_open = False
        self._clear()

    def forget(self) -> None:
        """All that is kept is old; what is made from now on is kept."""
        self._clear()

    def remember(self, signature: Signature, key: Key) -> None:
        """A stranger's request with exactly this signature gets that page."""
        if sum(map(len, signature)) > LONGEST_SIGNATURE:
            return
        self._asked[signature] = key
        if len(self._asked) > MOST_SIGNATURES:
            self._asked.popitem(last=False)

    def answer_to(self, signature: Signature) -> Page | None:
        """The kept page for a request that was answered before, or None."""
        key = self._asked.get(signature)
        found = self._kept.get(key) if key else None
        if found is None or key is None:
            return None
        self._asked.move_to_end(signature)
        self._kept.move_to_end(key)
        return cast("Page", found)

    def drop(self, topic: str) -> None:
        """Something on the pages of this topic has changed."""
        self._changes[topic] += 1
        for key in self._keys.pop(topic, ()):
            self._kept.pop(key, None)
            # Who asks from now on must not get what is being made of the old state.
            self._making.pop(key, None)
            self._strike(key)
        if len(self._changes) > MOST_TOPICS:
            self._clear()

    async def get(
        self, key: Key, topics: Iterable[str], build: Callable[[], Awaitable[Thing]]
    ) -> Thing:
        """The kept thing, or a new one from `build`; who asks meanwhile waits for the same."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return cast("Thing", self._kept[key])
        if not self.is_open:
            return await build()
        making = self._making.get(key)
        if making is None:
            topics = tuple(topics)
            before = self._version(topics)
            making = asyncio.ensure_future(self._make(key, topics, before, build))
            self._making[key] = making
            making.add_done_callback(_heard)
            self._enlist(key, topics)
        # Shielded: one visitor who leaves must not take the page from the others.
        return cast("Thing", await asyncio.shield(making))

    async def _make(
        self,
        key: Key,
        topics: tuple[str, ...],
        before: tuple[int, ...],
        build: Callable[[], Awaitable[Thing]],
    ) -> Thing:
        me = asyncio.current_task()
        try:
            made = await build()
            # A topic that changed while we read: this may be old already.
            if self.is_open and before == self._version(topics):
                self._keep(key, topics, made)
        finally:
            if self._making.get(key) is me:
                del self._making[key]
            # Nothing came of it: an address that leads nowhere leaves nothing behind.
            self._strike(key)
        return made

    def _version(self, topics: tuple[str, ...]) -> tuple[int, ...]:
        return (self._era, *(self._changes[topic] for topic in topics))

    def _keep(self, key: Key, topics: tuple[str, ...], made: Any) -> None:
        self._kept[key] = made
        self._enlist(key, topics)
        if len(self._kept) > MOST_KEPT:
            oldest, _ = self._kept.popitem(last=False)
            self._strike(oldest)

    def _enlist(self, key: Key, topics: tuple[str, ...]) -> None:
        self._topics[key] = topics
        for topic in topics:
            self._keys.setdefault(topic, set()).add(key)

    def _strike(self, key: Key) -> None:
        """It is on no list any more, unless it is kept or being made."""
        if key in self._kept or key in self._making:
            return
        for topic in self._topics.pop(key, ()):
            keys = self._keys.get(topic, set())
            keys.discard(key)
            if not keys:
                self._keys.pop(topic, None)

    def _clear(self) -> None:
        self._era += 1
        self._kept.clear()
        self._making.clear()
        self._keys.clear()
        self._topics.clear()
        self._changes.clear()


def _heard(made: asyncio.Future[Any]) -> None:
    """An error is for whoever waits; when nobody does any more, it is nobody's."""
    if not made.cancelled():
        made.exception()
