"""The yardsticks: the same bytes from a bare ASGI application and from a bare Litestar
route, each under stock uvicorn in a process of its own. `BARE_BODY` names the file."""

import os
from pathlib import Path

from litestar import Litestar, Response, get

BODY = Path(os.environ["BARE_BODY"]).read_bytes()
HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-encoding", b"gzip"),
    (b"content-length", str(len(BODY)).encode()),
]


async def asgi(scope, receive, send):
    """As little as an application can do."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


@get("/")
async def page() -> Response[bytes]:
    return Response(BODY, headers={"content-encoding": "gzip"}, media_type="text/html")


litestar = Litestar([page], openapi_config=None, logging_config=None)
