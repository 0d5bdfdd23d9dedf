"""Answers in plain words, where no page is made: to machines, floods, and the last resort."""

from litestar.types import Send


async def answer(send: Send, status: int, words: bytes, *more: tuple[bytes, bytes]) -> None:
    """The whole answer; `more` are headers beside those that it needs."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(words)).encode()),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words, "more_body": False})
