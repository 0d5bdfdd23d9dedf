"""Forms of one household are worked on a few at a time, so that nobody else waits for them.

Work on a form is shared out by the event loop among all that are under way, so three
hundred forms sent at once would make everybody wait for three hundred. Here the rest
of them wait, with what was sent already read: who sends it slowly holds nobody's place.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPRequestEvent, Receive, Scope, Send

from app.kernel.http.ratelimit import household

SAFE = ("GET", "HEAD", "OPTIONS")
AT_ONCE = 4


class InTurn:
    """An ASGI application that lets in `at_once` forms of each household, in order.

    Bodies up to `largest` bytes are read before their turn; longer ones are left for
    the application to refuse.
    """

    def __init__(self, app: ASGIApp, *, largest: int, at_once: int = AT_ONCE) -> None:
        self._app = app
        self._largest = largest
        self._at_once = at_once
        self._doors: dict[str, asyncio.Semaphore] = {}
        self._here: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        read = await self._read(receive)
        if read is None:
            # Gone before all was sent: there is nobody to answer.
            return
        async with self._turn(household(scope["client"][0]) if scope["client"] else ""):
            await self._app(scope, _again(read, receive), send)

    async def _read(self, receive: Receive) -> list[HTTPRequestEvent] | None:
        """What was sent, as far as it may be; None when the client has gone."""
        messages: list[HTTPRequestEvent] = []
        length = 0
        while length <= self._largest:
            message = await receive()
            if message["type"] != "http.request":
                return None
            messages.append(message)
            length += len(message["body"])
            if not message["more_body"]:
                break
        return messages

    @asynccontextmanager
    async def _turn(self, who: str) -> AsyncIterator[None]:
        door = self._doors.setdefault(who, asyncio.Semaphore(self._at_once))
        self._here[who] += 1
        try:
            async with door:
                yield
        finally:
            self._here[who] -= 1
            if not self._here[who]:
                del self._here[who], self._doors[who]


def _again(read: list[HTTPRequestEvent], receive: Receive) -> Receive:
    """What was read is told again, then what comes after it."""
    told = iter(read)

    async def tell() -> Any:
        return next(told, None) or await receive()

    return tell
