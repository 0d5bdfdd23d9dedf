"""A page anyone may see: what is the same for everybody on it, made once a language."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from markupsafe import Markup

from app.kernel.db.database import one_snapshot
from app.kernel.live.hub import Hub
from app.kernel.live.page_cache import PageCache
from app.kernel.text import templating

Context = dict[str, Any]


def everybody(_: Context) -> None:
    """Nobody is turned away."""


class PublicPage(msgspec.Struct, frozen=True):
    """What it takes to make one.

    `address` is its path with the query it understands: its name here, and what
    its own links say. `topics` are the live topics it shows, `read` gives what it
    says, in every language; `blocks` of `template` are the same for everybody.
    `allow` raises for a reading that this visitor may not see.
    """

    template: str
    address: str
    topics: tuple[str, ...]
    read: Callable[[], Awaitable[Context]]
    blocks: tuple[str, ...] = ("body",)
    allow: Callable[[Context], None] = everybody


class Reading(msgspec.Struct, frozen=True):
    """What was read, and the id that live messages after it continue from."""

    since: str
    context: Context


class Parts(msgspec.Struct, frozen=True):
    """A reading with its shared blocks in one language."""

    since: str
    context: Context
    blocks: dict[str, Markup]


class Press:
    """Makes readings and parts of public pages, and keeps them."""

    def __init__(self, kept: PageCache, hub: Hub) -> None:
        self._kept = kept
        self._hub = hub

    async def reading(self, page: PublicPage, *, fresh: bool = False) -> Reading:
        """`fresh`: for somebody who has just changed something, past what is kept."""
        if fresh:
            return await self._read(page)
        return await self._kept.get(
            ("reading", page.address), page.topics, lambda: self._read(page)
        )

    async def _read(self, page: PublicPage) -> Reading:
        # Before the data: the stream may repeat a change, never miss one.
        since = self._hub.position
        async with one_snapshot():
            return Reading(since, await page.read())

    async def parts(self, page: PublicPage, locale: str, *, fresh: bool = False) -> Parts:
        if fresh:
            return await self._render(page, locale, fresh=True)
        return await self._kept.get(
            ("parts", locale, page.address), page.topics, lambda: self._render(page, locale)
        )

    async def _render(self, page: PublicPage, locale: str, *, fresh: bool = False) -> Parts:
        reading = await self.reading(page, fresh=fresh)
        # No viewer here: a block that asks for one is an error, not somebody else's page.
        blocks = {
            name: Markup(  # noqa: S704  Jinja has just escaped it
                templating.render_fragment(
                    locale, page.template, name, **reading.context, oob="", path=page.address
                )
            )
            for name in page.blocks
        }
        return Parts(reading.since, reading.context, blocks)
