"""HEAD is GET without the body (RFC 9110): uptime monitors and link previews ask so."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

STREAMS = "/live/"


class HeadToo:
    """An ASGI application that answers HEAD wherever it answers GET.

    The server leaves the body out; it knows from its own scope what was asked.
    A stream has no end to wait for, so it stays GET's alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD" and _ends(scope["path"]):
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


def _ends(path: str) -> bool:
    return not path.startswith(STREAMS)
