"""The two OpenDota calls we need, with its habits handled.

Source: odota/core (limits, headers, error bodies). Limits without a key are
60 a minute and 3,000 a day for one address; with a key 300 a minute. A 429
has no Retry-After: the minute window is the clock's, the day ends at 00:00
UTC. An unknown league is a 200 with an empty body; an unknown or not yet
known match is a 404.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import httpx
import msgspec
import redis.asyncio

from integrations.base import Answer, Broken, Busy, NotYet, ProviderError, Refused, fetch
from integrations.budget import Budget, Quota, next_day, next_minute

NAME = "opendota"
WITHOUT_KEY = Quota(minute=60, day=3_000)
WITH_KEY = Quota(minute=300, day=0)

# Match ids are 64-bit numbers.
LONGEST_ID = 19

T = TypeVar("T")


class OpenDota:
    """A client for one base address and key; `clock` says what time it is.

    Each call raises `NotYet`, `Busy`, `Broken` or `Refused` instead of answering.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        client: redis.asyncio.Redis,
        *,
        base_url: str,
        key: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        # In a header, not in the address: addresses end up in logs.
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._clock = clock
        self._budget = Budget(client, NAME, key or self._base_url, WITH_KEY if key else WITHOUT_KEY)

    async def match(self, match_id: str) -> bytes:
        """One match as raw JSON; `NotYet` while OpenDota does not have it."""
        _check_id(match_id)

        def read(body: bytes) -> bytes:
            if _is_nothing(body):
                raise NotYet("the match is not known")
            found = _json(body)
            if not isinstance(found, dict) or str(found.get("match_id")) != str(int(match_id)):
                raise Broken("the answer is not the match asked for")
            return body

        return await self._get(f"/matches/{match_id}", read)

    async def league_match_ids(self, league_id: str) -> tuple[str, ...]:
        """Match ids of a league, each once, oldest first; none for an unknown league."""
        _check_id(league_id)
        return await self._get(f"/leagues/{league_id}/matchIds", _ids)

    async def _get(self, path: str, read: Callable[[bytes], T]) -> T:
        spent_at = self._clock()
        await self._budget.spend(now=spent_at)
        try:
            answer = await fetch(self._http, self._base_url + path, headers=self._headers)
            await self._note_quota(answer, spent_at)
            await self._check(answer)
            content = read(answer.body)
        except Broken:
            await self._budget.failed(now=self._clock())
            raise
        except ProviderError:
            # A clear no is a healthy provider's answer.
            await self._budget.succeeded()
            raise
        await self._budget.succeeded()
        return content

    async def _note_quota(self, answer: Answer, spent_at: datetime) -> None:
        await self._budget.believe(
            minute=_number(answer.headers.get("x-rate-limit-remaining-minute")),
            day=_number(answer.headers.get("x-rate-limit-remaining-day")),
            now=spent_at,
        )

    async def _check(self, answer: Answer) -> None:
        match answer.status:
            case 200:
                return
            case 404:
                # Only OpenDota's own: a proxy's or a wrong address's is a page.
                _json(answer.body or b"null")
                raise NotYet("the match is not known")
            case 429:
                await self._exhaust(answer)
            case 400 if b"api key" not in answer.body.lower():
                # About the id, which a person typed: no reason to stop for everybody.
                raise NotYet("no such id is known")
            case 400 | 401 | 403:
                raise Refused(f"OpenDota refuses us ({answer.status})")
            case status:
                raise Broken(f"OpenDota answered {status}")

    async def _exhaust(self, answer: Answer) -> None:
        now, day = self._clock(), b"daily" in answer.body
        await self._budget.exhaust(day=day, now=now)
        raise Busy("OpenDota's limit is reached", next_day(now) if day else next_minute(now))


def _check_id(given: str) -> None:
    # People type ids: nothing but digits may become part of an address.
    if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_ID):
        raise NotYet("no such id is known")


def _is_nothing(body: bytes) -> bool:
    return body.strip() in (b"", b"null")


def _ids(body: bytes) -> tuple[str, ...]:
    found = [] if _is_nothing(body) else _json(body)
    try:
        ids = msgspec.convert(found, list[int | None], strict=False)
    except msgspec.ValidationError:
        raise Broken("the list of matches has another shape") from None
    return tuple(str(each) for each in sorted({each for each in ids if each}))


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise Broken("the answer is no JSON") from None
