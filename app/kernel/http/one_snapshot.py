"""One request reads one snapshot, and gives it back before its answer goes out."""

from contextlib import AsyncExitStack

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.db.database import one_snapshot

# What a route says in its `opt` when its handler is not to read from one snapshot: it
# asks for a page that is kept and was read from one of its own, or it asks one thing
# and then streams. (One that writes says so as `writes`.)
KEPT = {"snapshot": "kept"}
STREAMS = {"snapshot": "streams"}

log = structlog.get_logger()


class Reading:
    """The snapshot of one request, from `begin` on; it ends by itself with the answer."""

    def __init__(self) -> None:
        self._stack: AsyncExitStack | None = None

    async def begin(self) -> None:
        """All that is asked from now on sees one state."""
        if self._stack is None:
            stack = AsyncExitStack()
            await stack.enter_async_context(one_snapshot())
            self._stack = stack

    async def end(self) -> None:
        if self._stack is not None:
            stack, self._stack = self._stack, None
            try:
                await stack.aclose()
            except Exception as error:
                # What was asked has been answered; only its connection is lost.
                log.warning("a snapshot did not end well", exc_info=error)


def reading_of(scope: Scope) -> Reading:
    """The request's."""
    reading: Reading = scope["baige_reading"]  # type: ignore[typeddict-item]
    return reading


class OneSnapshot:
    """An ASGI application around one that begins a snapshot when it wants to read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        reading = scope["baige_reading"] = Reading()  # type: ignore[typeddict-unknown-key]

        async def send_when_read(message: Message) -> None:
            await reading.end()
            await send(message)

        try:
            await self._app(scope, receive, send_when_read)
        finally:
            await reading.end()
