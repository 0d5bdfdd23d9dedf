"""How many streams one household may hold open: each takes a connection and a file.

Counted in each web process. Who has too many is told when to try again, and the page
says so instead of pretending to be live.
"""

from collections import Counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from app.kernel.http import plain
from app.kernel.http.networks import Networks
from app.kernel.http.ratelimit import household

PATH = "/live/"
# A café or a school has one address; an office that watches a final has a LAN setting.
MOST = 100
RETRY_SECONDS = 60
REFUSED = b"Too many pages of this site are open in your network.\n"


class OpenStreams:
    """An ASGI application that counts the streams of each household; `local` is not counted."""

    def __init__(self, app: ASGIApp, local: Networks, *, most: int = MOST) -> None:
        self._app = app
        self._local = local
        self.most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(PATH):
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope["client"] else ""
        if address in self._local:
            await self._app(scope, receive, send)
            return
        who = household(address)
        if self._open[who] >= self.most:
            await plain.answer(send, 429, REFUSED, (b"retry-after", str(RETRY_SECONDS).encode()))
            return
        self._open[who] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]
