"""Public pages kept as bytes until something on them changes.

A page names the live topics it shows. The feed drops it when one of them
changes, so between two changes thousands of visitors cost no rendering and
no query. While the feed is down nothing is kept (`close`).
"""

import gzip
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from typing import NamedTuple

MOST_PAGES = 500
MOST_SIGNATURES = 10_000
LONGEST_SIGNATURE = 600

# All of a request that a stranger's page depends on: path, query, the cookie
# and the Accept-Language header, as they came.
Signature = tuple[bytes, bytes, bytes, bytes]


class Page(NamedTuple):
    body: bytes
    gzipped: bytes
    etag: str


def page(body: bytes) -> Page:
    """Compress once, and name the bytes by their hash."""
    return Page(body, gzip.compress(body, 6, mtime=0), f'W/"{sha256(body).hexdigest()[:20]}"')


class PageCache:
    """Rendered public pages of one web process, by key and by topic."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self._asked: dict[Signature, str] = {}
        self._keys: dict[str, set[str]] = {}
        self._drops = 0
        self.is_open = False

    def open(self) -> None:
        """Keep pages from now on; none from before."""
        self._clear()
        self.is_open = True

    def close(self) -> None:
        """Forget everything and keep nothing more until opened."""
        self.is_open = False
        self._clear()

    def remember(self, signature: Signature, key: str) -> None:
        """A stranger's request with exactly this signature gets that page."""
        if sum(map(len, signature)) > LONGEST_SIGNATURE:
            return
        if len(self._asked) >= MOST_SIGNATURES:
            self._asked.clear()
        self._asked[signature] = key

    def answer_to(self, signature: Signature) -> Page | None:
        """The kept page for a request that was answered before, or None."""
        key = self._asked.get(signature)
        return self._pages.get(key) if key else None

    def drop(self, topic: str) -> None:
        self._drops += 1
        for key in self._keys.pop(topic, ()):
            self._pages.pop(key, None)

    async def get(
        self, key: str, topics: Iterable[str], build: Callable[[], Awaitable[bytes]]
    ) -> Page:
        """The kept page, or a new one from `build`."""
        if kept := self._pages.get(key):
            return kept
        before = self._drops
        made = page(await build())
        # Something changed while we rendered: this page may be old already.
        if self.is_open and before == self._drops:
            self._keep(key, topics, made)
        return made

    def _keep(self, key: str, topics: Iterable[str], made: Page) -> None:
        if len(self._pages) >= MOST_PAGES:
            self._clear()
        self._pages[key] = made
        for topic in topics:
            self._keys.setdefault(topic, set()).add(key)

    def _clear(self) -> None:
        self._drops += 1
        self._pages.clear()
        self._keys.clear()
