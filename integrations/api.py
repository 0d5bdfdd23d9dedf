"""One provider's HTTP API: budget, breaker, and the meaning of a status, in one place.

A client names what is its own (address, key, quota headers, what a 404 is);
everything every provider shares happens here, once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from app.kernel.http.outbound import Answer, NoAnswer, fetch
from integrations.base import Broken, Busy, Connection, NotYet, ProviderError, Refused
from integrations.budget import MINUTE, Budget, Quota, next_window
from integrations.health import Health

LONGEST_RETRY_AFTER = timedelta(hours=24)

T = TypeVar("T")


class Api:
    """Calls of one provider with one key.

    `headers` and `params` carry the key and are never logged. `left` reads the
    provider's own quota headers, by window in seconds; `full_window` says which
    one a 429 without `Retry-After` is about, `reset_header` which header says in
    seconds when it ends. `title` is what people read in errors.
    """

    def __init__(
        self,
        to: Connection,
        *,
        name: str,
        title: str,
        base_url: str,
        key: str,
        quota: Quota,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        left: Callable[[Mapping[str, str]], dict[int, int | None]] = lambda _: {},
        full_window: Callable[[Answer], int] = lambda _: MINUTE,
        reset_header: str = "",
    ) -> None:
        self._http = to.http
        self._clock = to.clock
        self._base_url = base_url.rstrip("/")
        self._headers = headers or {}
        self._params = params or {}
        self._left = left
        self._full_window = full_window
        self._reset_header = reset_header
        self.title = title
        self.budget = Budget(to.redis, name, key or self._base_url, quota)
        self.health = Health(to.redis, name, key or self._base_url, title=title)

    async def get(
        self,
        path: str,
        read: Callable[[bytes], T],
        *,
        params: Mapping[str, str] | None = None,
        backfill: bool = False,
    ) -> T:
        """`read` of the answer's bytes; raises a `ProviderError` instead of answering.

        `read` may raise `NotYet` or `Broken` for bytes that are no answer.
        """
        await self.health.check()
        spent_at = self._clock()
        await self.budget.spend(now=spent_at, backfill=backfill)
        try:
            answer = await self._fetch(path, params or {})
            await self.budget.believe(self._left(answer.headers), now=spent_at)
            await self._check(answer)
            content = read(answer.body)
        except Broken as error:
            await self.budget.failed(now=self._clock())
            await self.health.failed(str(error), now=self._clock())
            raise
        except Refused as error:
            await self.health.stop(str(error), now=self._clock())
            raise
        except Busy as error:
            await self.health.failed(str(error), now=self._clock())
            raise
        except ProviderError:
            # A clear no is a healthy provider's answer.
            await self._note_success()
            raise
        await self._note_success()
        return content

    async def _note_success(self) -> None:
        now = self._clock()
        await self.budget.succeeded(now=now)
        await self.health.succeeded(now=now)

    async def _fetch(self, path: str, params: Mapping[str, str]) -> Answer:
        try:
            return await fetch(
                self._http,
                self._base_url + path,
                params={**params, **self._params},
                headers=self._headers,
            )
        except NoAnswer as error:
            raise Broken(str(error)) from None

    async def _check(self, answer: Answer) -> None:
        match answer.status:
            case 200:
                return
            case 404:
                # Only the provider's own: a proxy's or a wrong address's is a page.
                decoded(answer.body or b"null")
                raise NotYet("it is not known")
            case 429:
                await self._exhaust(answer)
            case 401 | 403:
                raise Refused(f"{self.title} refuses us ({answer.status})")
            case 400:
                self._bad_request(answer)
            case status:
                raise Broken(f"{self.title} answered {status}")

    def _bad_request(self, answer: Answer) -> None:
        # About the id, which a person typed: no reason to stop for everybody.
        if b"api key" in answer.body.lower():
            raise Refused(f"{self.title} refuses us ({answer.status})")
        raise NotYet("no such id is known")

    async def _exhaust(self, answer: Answer) -> None:
        now = self._clock()
        until = retry_after(answer.headers, now=now) or self._reset(answer, now=now)
        if until is None:
            window = self._full_window(answer)
            until = next_window(now, window)
            await self.budget.exhaust(window, now=now)
        else:
            await self.budget.rest(until, now=now)
        raise Busy(f"{self.title}'s limit is reached", until)

    def _reset(self, answer: Answer, *, now: datetime) -> datetime | None:
        """When the quota begins anew, where that is later than the window's own end."""
        left = _seconds(answer.headers.get(self._reset_header, "").strip())
        window = timedelta(seconds=self._full_window(answer))
        return now + left if left and left > window else None


def _seconds(text: str) -> timedelta | None:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return min(timedelta(seconds=int(text)), LONGEST_RETRY_AFTER)
    return None


def retry_after(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """The `Retry-After` of RFC 9110 (seconds or a date), at most a day away."""
    text = headers.get("retry-after", "").strip()
    if (seconds := _seconds(text)) is not None:
        return now + max(seconds, timedelta(seconds=1))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None or until <= now:
        return None
    return min(until, now + LONGEST_RETRY_AFTER)


def decoded(body: bytes) -> Any:
    """JSON, or `Broken`."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise Broken("the answer is no JSON") from None


def number(text: str | None) -> int | None:
    """A header's number, or None."""
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None
