"""The two OpenDota calls we need, with its habits handled.

Source: odota/core (limits, headers, error bodies). Limits without a key are
60 a minute and 3,000 a day for one address; with a key 300 a minute. A 429
has no Retry-After: the minute window is the clock's, the day ends at 00:00
UTC. An unknown league is a 200 with an empty body; an unknown or not yet
known match is a 404.
"""

from collections.abc import AsyncIterator, Mapping

import msgspec

from app.kernel.http.outbound import Answer
from integrations.api import Api, decoded, number
from integrations.base import Broken, Connection, Delivery, NotYet
from integrations.budget import DAY, MINUTE, Quota
from integrations.provider import Follow, Known

NAME, TITLE = "opendota", "OpenDota"
WITHOUT_KEY = Quota(minute=60, day=3_000)
WITH_KEY = Quota(minute=300)

# Match ids are 64-bit numbers.
LONGEST_ID = 19


class OpenDota:
    """A client for one base address and key.

    Each call raises `NotYet`, `Busy`, `Broken` or `Refused` instead of answering.
    """

    def __init__(self, to: Connection) -> None:
        key = to.settings.opendota_key
        self.api = Api(
            to,
            name=NAME,
            title=TITLE,
            base_url=to.settings.opendota_url,
            key=key,
            quota=WITH_KEY if key else WITHOUT_KEY,
            # In a header, not in the address: addresses end up in logs.
            headers={"authorization": f"Bearer {key}"} if key else {},
            left=_left,
            full_window=_full_window,
        )

    async def ask(self, follow: Follow, known: Known) -> AsyncIterator[Delivery]:
        """A league's new games, or one game."""
        if follow.kind == "game":
            yield Delivery(subject=follow.ref, body=await self.match(follow.ref))
            return
        ids = await self.league_match_ids(follow.ref)
        settled = await known(ids)
        for match_id in ids:
            if match_id in settled:
                continue
            try:
                yield Delivery(subject=match_id, body=await self.match(match_id))
            except NotYet:
                # Listed but not served yet: the next poll meets it again.
                continue

    async def match(self, match_id: str) -> bytes:
        """One match as raw JSON; `NotYet` while OpenDota does not have it."""
        _check_id(match_id)

        def read(body: bytes) -> bytes:
            if _is_nothing(body):
                raise NotYet("the match is not known")
            found = decoded(body)
            if not isinstance(found, dict) or str(found.get("match_id")) != str(int(match_id)):
                raise Broken("the answer is not the match asked for")
            return body

        return await self.api.get(f"/matches/{match_id}", read)

    async def league_match_ids(self, league_id: str) -> tuple[str, ...]:
        """Match ids of a league, each once, oldest first; none for an unknown league."""
        _check_id(league_id)
        return await self.api.get(f"/leagues/{league_id}/matchIds", _ids)


def _left(headers: Mapping[str, str]) -> dict[int, int | None]:
    return {
        MINUTE: number(headers.get("x-rate-limit-remaining-minute")),
        DAY: number(headers.get("x-rate-limit-remaining-day")),
    }


def _full_window(answer: Answer) -> int:
    return DAY if b"daily" in answer.body else MINUTE


def _check_id(given: str) -> None:
    # People type ids: nothing but digits may become part of an address.
    if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_ID):
        raise NotYet("no such id is known")


def _is_nothing(body: bytes) -> bool:
    return body.strip() in (b"", b"null")


def _ids(body: bytes) -> tuple[str, ...]:
    found = [] if _is_nothing(body) else decoded(body)
    try:
        ids = msgspec.convert(found, list[int | None], strict=False)
    except msgspec.ValidationError:
        raise Broken("the list of matches has another shape") from None
    return tuple(str(each) for each in sorted({each for each in ids if each}))
