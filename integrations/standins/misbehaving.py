"""What all stand-ins have in common: they count, keep limits, and misbehave on demand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from litestar import Request, Response

from app.kernel import clock

SLOW_SECONDS = 30.0

# What goes wrong everywhere: (status, body). `cut`, `slow` and `drop` need more than that.
FAULTS: dict[str, tuple[int, bytes] | None] = {
    "error": (500, b'{"error":"Internal Server Error"}'),
    "html": (200, b"<!doctype html><title>Just a moment...</title>"),
    "empty": (200, b""),
    "null": (200, b"null"),
    "unauthorized": (401, b'{"error":"Unauthorized"}'),
    "redirect": (302, b""),
    "cut": None,
    "drop": None,
    "slow": None,
}


class Fault(msgspec.Struct):
    """One way to misbehave, on paths that begin with `path`, `times` times or for ever."""

    kind: str
    path: str = "/"
    times: int | None = None


class Misbehaving:
    """A stand-in's world: how it misbehaves, and what it was asked.

    `faults` maps the beginning of a path to a kind; the longest wins. `calls`
    counts calls by the first word of their path, `refused` those over a limit
    (a client that keeps to its budget causes none). `KINDS` are the faults of
    all stand-ins and the provider's own; `LIMITS` names those that are limits.
    """

    KINDS: ClassVar[Mapping[str, tuple[int, bytes] | None]] = FAULTS
    LIMITS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        self.faults: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.refused = 0
        self.slow_seconds = SLOW_SECONDS
        self._times: dict[str, int] = {}
        self._now = now

    def fault(self, kind: str, path: str = "/", times: int | None = None) -> None:
        """Misbehave from now on, `times` times or for ever; see `faults`."""
        if kind not in self.KINDS:
            raise ValueError(f"no such fault: {kind}")
        self.faults[path] = kind
        self._times.pop(path, None)
        if times is not None:
            self._times[path] = times

    def heal(self) -> None:
        """Behave again."""
        self.faults.clear()
        self._times.clear()

    def next_fault(self, path: str) -> str:
        """The fault this call meets, or nothing; a counted one wears off."""
        begins = max((each for each in self.faults if path.startswith(each)), key=len, default=None)
        if begins is None:
            return ""
        kind = self.faults[begins]
        if begins in self._times:
            self._times[begins] -= 1
            if self._times[begins] <= 0:
                del self.faults[begins], self._times[begins]
        return kind

    async def answer(
        self,
        path: str,
        found: Callable[[], tuple[int, Any]],
        *,
        headers: Mapping[str, str] | None = None,
        over: str = "",
    ) -> Response[bytes]:
        """What a call gets: its fault, the limit it is `over`, or what is `found`.

        `found` gives a status and content: None for no body, bytes as they are,
        anything else as JSON.
        """
        self.calls[path.split("/")[1]] += 1
        given = dict(headers or {})
        fault = self.next_fault(path) or over
        self.refused += fault in self.LIMITS
        if canned := self.KINDS.get(fault):
            return respond(*canned, given)
        status, content = found()
        body = content if isinstance(content, bytes) else b""
        if content is not None and not isinstance(content, bytes):
            body = msgspec.json.encode(content)
        if fault == "slow":
            await asyncio.sleep(self.slow_seconds)
        if fault == "cut":
            body = body[: len(body) // 2]
        if fault == "drop":
            # Promises more than it sends, as a connection that breaks does.
            given["content-length"] = str(len(body) + 1_000)
        return respond(status, body, given)


def respond(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An answer as the provider would send it; pages are said to be pages."""
    headers = headers or {}
    if status == 302:
        headers["location"] = "/elsewhere"
    media = "text/html" if body[:1] == b"<" else "application/json"
    return Response(body, status_code=status, headers=headers, media_type=media)


def bearer(request: Request[Any, Any, Any]) -> str:
    """The key in the Authorization header, or nothing."""
    return str(request.headers.get("authorization", "")).removeprefix("Bearer ")
