"""Calls to the world outside: one careful request, limited in time and size.

Redirects are not followed, the answer's size and the whole call's time are
bounded, and an error never holds the address (it may hold a key).
"""

import asyncio
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import metadata

import httpx

USER_AGENT = f"Baige/{metadata.version('baige')} (+self-hosted)"
LARGEST_ANSWER = 5 * 1024 * 1024
# One read may take this long ...
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# ... and the whole answer this long: one that drips is no answer either.
WHOLE_SECONDS = 20.0


class NoAnswer(Exception):
    """The call gave no complete answer; the text names no address."""


class Answer:
    """A complete answer: status, headers, and at most `LARGEST_ANSWER` bytes."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: httpx.Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


def client() -> httpx.AsyncClient:
    """A client for calls on behalf of many people: it keeps no cookies."""
    return httpx.AsyncClient(cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])))


async def fetch(
    http: httpx.AsyncClient,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    seconds: float = WHOLE_SECONDS,
    largest: int = LARGEST_ANSWER,
) -> Answer:
    """GET, or POST when there is a `form`; raises `NoAnswer`."""
    request = http.build_request(
        "GET" if form is None else "POST",
        url,
        params=params,
        data=form,
        headers={"user-agent": USER_AGENT, "accept": "application/json", **(headers or {})},
        timeout=TIMEOUT,
    )
    try:
        async with asyncio.timeout(seconds):
            return await _read(http, request, largest)
    except (httpx.TimeoutException, TimeoutError):
        raise NoAnswer("no answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The error's own text may hold the address.
        raise NoAnswer(f"the connection failed ({type(error).__name__})") from None


async def _read(http: httpx.AsyncClient, request: httpx.Request, largest: int) -> Answer:
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > largest:
                raise NoAnswer("the answer is too large")
        return Answer(response.status_code, response.headers, bytes(body))
    finally:
        await response.aclose()
