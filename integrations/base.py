"""What every provider's client shares: how a call can fail, and one careful fetch."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata

import httpx

USER_AGENT = f"Baige/{metadata.version('baige')} (+self-hosted)"
LARGEST_ANSWER = 5 * 1024 * 1024
# One read may take this long ...
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# ... and the whole answer this long: one that drips is no answer either.
WHOLE_SECONDS = 20.0


class ProviderError(Exception):
    """A call that gave no answer. The text names no key and no full address."""


class NotYet(ProviderError):
    """The provider does not have it, now. Its age decides what that means."""


class Busy(ProviderError):
    """A quota is used up or the provider is given a rest, until `until` (UTC)."""

    def __init__(self, why: str, until: datetime) -> None:
        self.until = until
        super().__init__(why)


class Broken(ProviderError):
    """No usable answer: time-out, 5xx, cut off, too large, HTML instead of JSON."""


class Refused(ProviderError):
    """The provider will not serve us (401, 403, bad key): stop and tell the operator."""


class Answer:
    """A complete answer: status, headers, and at most `LARGEST_ANSWER` bytes."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: httpx.Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


async def fetch(
    http: httpx.AsyncClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float = WHOLE_SECONDS,
) -> Answer:
    """GET without following redirects, limited in time and size; or `Broken`.

    A key belongs in `headers`, never in `url`: httpx logs every address.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(http, url, headers or {})
    except (httpx.TimeoutException, TimeoutError):
        raise Broken("no answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The error's own text may hold the address.
        raise Broken(f"the connection failed ({type(error).__name__})") from None


async def _read(http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> Answer:
    ours = {"user-agent": USER_AGENT, "accept": "application/json", **headers}
    async with http.stream(
        "GET", url, headers=ours, timeout=TIMEOUT, follow_redirects=False
    ) as response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise Broken("the answer is too large")
        return Answer(response.status_code, response.headers, bytes(body))
