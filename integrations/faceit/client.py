"""The FACEIT calls we need, with its habits handled.

Source: FACEIT Data API v4 and recordings of it. Ten calls a second for each
key, said in `ratelimit-*` headers; a 429 has `ratelimit-reset` (seconds) and no
`Retry-After`. Pages have no total and name the requested `end`, not the real
one: a page with fewer items than asked for is the last.
"""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from integrations.api import Api, decoded, number
from integrations.base import Broken, Connection, Delivery, NotYet
from integrations.budget import SECOND, Quota
from integrations.faceit.reading import (
    DETAILS,
    FINAL,
    MATCH_ID,
    NAME,
    STATS,
    TITLE,
    UUID,
    Match,
    Page,
    Player,
    Results,
    Score,
    read_match,
    was_started,
)
from integrations.provider import Follow, Known

QUOTA = Quota(second=10)

PAGE = 100
# An answer that never ends is no list of matches.
MOST_PAGES = 100
HUB = "hub:"
# How long before we began to look a match of a hub may have ended and be ours.
MARGIN = timedelta(minutes=30)

_STEAM_ID = re.compile(r"7656[0-9]{13}")


Said = tuple[str | None, str | None, int | None, int | None]


class FaceitPlayer(msgspec.Struct, frozen=True):
    """Who a Steam account is at FACEIT."""

    player_id: str
    nickname: str


class Faceit:
    """A client for one base address and key.

    Each call raises `NotYet`, `Busy`, `Broken` or `Refused` instead of answering.
    """

    def __init__(self, to: Connection) -> None:
        key = to.settings.faceit_key
        self.api = Api(
            to,
            name=NAME,
            title=TITLE,
            base_url=to.settings.faceit_url,
            key=key,
            quota=QUOTA,
            headers={"authorization": f"Bearer {key}"} if key else {},
            left=lambda headers: {SECOND: number(headers.get("ratelimit-remaining"))},
            full_window=lambda _: SECOND,
            reset_header="ratelimit-reset",
        )
        # Where a list was broken off because the second's calls were spent.
        self._offsets: dict[str, int] = {}
        # What each match of a list said last: lists bring corrections for nothing.
        self._said: dict[str, Said] = {}

    async def ask(self, follow: Follow, known: Known) -> AsyncIterator[Delivery]:
        """A competition's matches that are over, or one match with its maps."""
        if follow.kind == "game":
            async for delivery in self._match(follow.ref):
                yield delivery
            return
        async for page in self._pages(follow):
            over = {match.match_id: (match, raw) for match, raw in page if _is_over(match)}
            settled = await known(over)
            for match_id, (match, raw) in over.items():
                corrected = self._is_corrected(match)
                if match_id in settled and not corrected:
                    continue
                if not _is_older(match, follow.since):
                    yield Delivery(
                        subject=match_id, part=DETAILS, body=raw, unfinished=was_started(match)
                    )

    def _is_corrected(self, match: Match) -> bool:
        """It says something else than when this worker saw it last."""
        results = match.results or Results()
        score = results.score or Score()
        said = (match.status, results.winner, score.faction1, score.faction2)
        before = self._said.get(match.match_id)
        self._said[match.match_id] = said
        return before is not None and before != said

    async def match(self, match_id: str) -> bytes:
        """One match as raw JSON, whatever its status."""
        _check(MATCH_ID, match_id)

        def read(body: bytes) -> bytes:
            if _nothing(body):
                raise NotYet("the match is not known")
            if (found := read_match(body)) is None or found.match_id != match_id:
                raise Broken("the answer is not the match asked for")
            return body

        return await self.api.get(f"/matches/{match_id}", read)

    async def stats(self, match_id: str) -> bytes:
        """A match's maps as raw JSON; `NotYet` until FACEIT has counted them."""
        _check(MATCH_ID, match_id)

        def read(body: bytes) -> bytes:
            found = None if _nothing(body) else decoded(body)
            if found is None:
                raise NotYet("its maps are not there yet")
            if not isinstance(found, dict) or not isinstance(found.get("rounds"), list):
                raise Broken("the answer has no maps")
            if not found["rounds"]:
                raise NotYet("its maps are not there yet")
            return body

        return await self.api.get(f"/matches/{match_id}/stats", read)

    async def player_by_steam_id(self, steam_id: str) -> FaceitPlayer | None:
        """The account that plays with this SteamID64, or None when there is none."""
        if not _STEAM_ID.fullmatch(steam_id):
            return None

        def read(body: bytes) -> FaceitPlayer:
            return _player(body, steam_id)

        try:
            params = {"game": "cs2", "game_player_id": steam_id}
            return await self.api.get("/players", read, params=params)
        except NotYet:
            return None

    # -- one match ---------------------------------------------------------

    async def _match(self, match_id: str) -> AsyncIterator[Delivery]:
        body = await self.match(match_id)
        match = read_match(body)
        assert match is not None, "it was read before"
        if not _is_over(match):
            raise NotYet("the match is not over")
        yield Delivery(subject=match_id, part=DETAILS, body=body)
        if was_started(match):
            yield Delivery(subject=match_id, part=STATS, body=await self.stats(match_id))

    # -- a competition -----------------------------------------------------

    async def _pages(self, follow: Follow) -> AsyncIterator[list[tuple[Match, bytes]]]:
        """Page after page; goes on where the last poll ran out of calls."""
        offset = self._offsets.get(follow.ref, 0)
        for _ in range(MOST_PAGES):
            self._offsets[follow.ref] = offset
            items = await self._page(follow, offset)
            yield list(_matches(items))
            # A hub's newest come first, and it may be years old.
            if len(items) < PAGE or (follow.ref.startswith(HUB) and _all_older(items, follow)):
                break
            offset += PAGE
        self._offsets.pop(follow.ref, None)

    async def _page(self, follow: Follow, offset: int) -> Sequence[msgspec.Raw]:
        competition = follow.ref.removeprefix(HUB)
        _check(UUID, competition)
        params = {"offset": str(offset), "limit": str(PAGE)}
        path = f"/hubs/{competition}/matches"
        if competition == follow.ref:
            path, params["type"] = f"/championships/{competition}/matches", "all"
        return await self.api.get(path, _items, params=params, backfill=follow.backfill)


def _check(shape: re.Pattern[str], given: str) -> None:
    # People type ids: nothing else may become part of an address.
    if not shape.fullmatch(given):
        raise NotYet("no such id is known")


def _nothing(body: bytes) -> bool:
    return body.strip() in (b"", b"null")


def _items(body: bytes) -> Sequence[msgspec.Raw]:
    try:
        return msgspec.json.decode(body, type=Page).items or ()
    except (msgspec.DecodeError, RecursionError):
        raise Broken("the list of matches has another shape") from None


def _matches(items: Sequence[msgspec.Raw]) -> list[tuple[Match, bytes]]:
    """Those that can be read, with their exact bytes."""
    read = [(read_match(bytes(raw)), bytes(raw)) for raw in items]
    return [(match, raw) for match, raw in read if match and MATCH_ID.fullmatch(match.match_id)]


def _is_over(match: Match) -> bool:
    return match.status in FINAL


def _is_older(match: Match, since: datetime | None) -> bool:
    """It ended before anybody here looked for it (a hub lives longer than a cup)."""
    if since is None or match.competition_type != "hub" or not match.finished_at:
        return False
    return match.finished_at < (since.astimezone(UTC) - MARGIN).timestamp()


def _all_older(items: Sequence[msgspec.Raw], follow: Follow) -> bool:
    return all(_is_older(match, follow.since) for match, _ in _matches(items))


def _player(body: bytes, steam_id: str) -> FaceitPlayer:
    try:
        found = msgspec.json.decode(body, type=Player, strict=False)
    except (msgspec.DecodeError, RecursionError):
        raise Broken("the answer is no player") from None
    if not found.player_id or not found.nickname or steam_id not in found.steam_ids:
        raise Broken("the answer is not the player asked for")
    return FaceitPlayer(found.player_id, found.nickname)
