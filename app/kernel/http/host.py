"""What a request says of the host it is meant for is read before anything is made of it."""

import re

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from app.kernel.http import plain

# A name, an IPv4 address, or an IPv6 address in brackets (RFC 3986).
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?")
LARGEST_PORT = 65_535
REFUSED = b"The Host header of this request is no host.\n"


class HostRead:
    """An ASGI application that refuses a Host no address can be made of (RFC 9112, 3.2).

    Links to this site are made of it, and the page that tells of an error has some.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or _is_readable(scope):
            await self._app(scope, receive, send)
        else:
            await plain.answer(send, 400, REFUSED)


def _is_readable(scope: HTTPScope) -> bool:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        # HTTP/1.0 needs none; of two nobody knows which is meant.
        return not hosts
    found = _HOST.fullmatch(hosts[0])
    return found is not None and int(found[1] or 0) <= LARGEST_PORT
