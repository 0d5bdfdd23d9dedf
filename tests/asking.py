"""Asking an ASGI application directly: any bytes, as no client library would send them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def ask(
    app: Any,
    path: str | bytes,
    *,
    method: str = "GET",
    headers: list[tuple[bytes, bytes]] = [],  # noqa: B006  never changed
    body: list[bytes | None] | bytes = b"",
    host: bytes | None = b"baige.example",
) -> Answer | None:
    """The whole answer, None where there was none. A body in pieces; None: the client left."""
    raw, _, query = (path.encode() if isinstance(path, str) else path).partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        # As the server gives it.
        "path": unquote(raw.decode("utf-8", "replace")),
        "raw_path": raw,
        "query_string": query,
        "root_path": "",
        "headers": [*([] if host is None else [(b"host", host)]), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    pieces = list(body) if isinstance(body, list) else [body]
    sent: list[Any] = []

    async def receive() -> Any:
        piece = pieces.pop(0) if pieces else None
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return None
    named = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], named, b"".join(each.get("body", b"") for each in sent[1:]))
