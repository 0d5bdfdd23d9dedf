"""Kept pages are answered before the framework wakes up.

A stranger's page depends on nothing but the request's signature. Once it was
made for one, the same request gets the same bytes at the cost of two look-ups;
this is what thousands of spectators send.
"""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from app.kernel.live.page_cache import Page, PageCache
from app.kernel.live.right_of_way import RightOfWay
from app.kernel.live.signature import signature_of

VARY = b"Cookie, Accept-Language, Accept-Encoding"


class KeptFirst:
    """An ASGI application that looks among the kept pages first.

    What a member sends has the right of way before them.
    """

    def __init__(self, app: ASGIApp, pages: PageCache) -> None:
        self._app = app
        self._pages = pages
        self._way = RightOfWay()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
        elif scope["method"] == "GET":
            await self._way.give()
            signature = signature_of(scope)
            kept = self._pages.answer_to(signature) if signature else None
            if kept is None:
                await self._app(scope, receive, send)
            else:
                await _answer(scope, send, kept)
        elif _is_members(scope):
            with self._way.first():
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_members(scope: HTTPScope) -> bool:
    """Whether it may be: who has no session yet decides nothing."""
    return any(name == b"cookie" and b"session=" in value for name, value in scope["headers"])


async def _answer(scope: HTTPScope, send: Send, page: Page) -> None:
    asked = dict(scope["headers"])
    status, body = 200, page.gzipped
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"private, no-cache"),
        (b"vary", VARY),
        (b"etag", page.etag.encode()),
    ]
    if asked.get(b"if-none-match") == page.etag.encode():
        status, body = 304, b""
    elif b"gzip" in asked.get(b"accept-encoding", b""):
        headers.append((b"content-encoding", b"gzip"))
    else:
        body = page.body
    if status == 200:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
