"""The calls of Steam's Web API that we need, with its habits handled.

Source: odota/core and Valve's terms. A key may call 100,000 times a day, and
look-ups by sequence number only about once in five seconds. A bad key gets a
403 and too many calls a 429, both as HTML; what Steam cannot find out is a 500
`{}`. GetMatchDetails has answered so for every match since May 2024 and is
never called: a league's history gives a sequence number for each match, and
the match is looked up by that.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from integrations.api import Api
from integrations.base import Busy, Connection, Delivery, NotYet
from integrations.budget import Quota
from integrations.provider import Follow, Known
from integrations.steam import answers
from integrations.steam.answers import Bans, Listed, LiveGame, Summary

NAME, TITLE = "steam", "Steam"
# Together below the 100,000 a day that a key has.
CALLS, LOOK_UPS = Quota(minute=60, day=80_000), Quota(five_seconds=1, day=17_280)
PAGE = 100
# More games than any league of clans has; Steam itself ends earlier.
MOST_PAGES = 10
MOST_IDS = 100
RETRY_LATER = timedelta(seconds=30)
# How long a game that was listed, but not served, waits for its next turn.
MISSED = timedelta(minutes=10)
# By then nobody waits for it any more.
NEVER = timedelta(days=30)
LARGEST_ID = 2**63

DOTA = "/IDOTA2Match_570"
USER = "/ISteamUser"

T = TypeVar("T")


class Steam:
    """A client for one base address and key.

    Each call raises `NotYet`, `Busy`, `Broken` or `Refused` instead of answering.
    """

    def __init__(self, to: Connection) -> None:
        self._clock = to.clock
        self.api = _api(to, NAME, CALLS)
        self._look_ups = _api(to, f"{NAME}_look_ups", LOOK_UPS)
        # One key: whoever refuses it here refuses it there.
        self._look_ups.health = self.api.health
        self._missed: dict[str, datetime] = {}

    async def ask(self, follow: Follow, known: Known) -> AsyncIterator[Delivery]:
        """A league's games that nobody has told of yet, the newest first."""
        if follow.kind != "league":
            # Nothing looks up a match by its id.
            raise NotYet("Steam cannot be asked for a match by its id")
        listed = await self.league(follow.ref)
        settled = await known([each.id for each in listed])
        for each in listed:
            if each.id in settled or not self._may_try(each.id):
                continue
            try:
                yield Delivery(subject=each.id, body=await self.match(each))
            except answers.Never:
                self._missed[each.id] = self._clock() + NEVER
            except NotYet:
                # Others wait behind it, and there is one look-up in five seconds.
                self._missed[each.id] = self._clock() + MISSED

    def _may_try(self, match_id: str) -> bool:
        if self._missed.get(match_id, self._clock()) > self._clock():
            return False
        self._missed.pop(match_id, None)
        return True

    # -- matches -----------------------------------------------------------

    async def league(self, league_id: str) -> list[Listed]:
        """All games of a league that Steam lists, each once, the newest first."""
        found: dict[str, Listed] = {}
        start = ""
        for _ in range(MOST_PAGES):
            page, remaining = await self.history(_digits(league_id), start)
            new = [each for each in page if each.id not in found]
            found |= {each.id: each for each in new}
            if not new or not remaining:
                break
            # Once more the last one: nothing is missed, whichever way it is meant.
            start = min((each.id for each in new), key=int)
        return sorted(found.values(), key=lambda each: int(each.id), reverse=True)

    async def history(self, league_id: str, start_at: str = "") -> tuple[list[Listed], int]:
        """One page of a league's history, and how many games follow it."""
        params = {"league_id": league_id, "matches_requested": str(PAGE)}
        if start_at:
            params["start_at_match_id"] = start_at
        read = self._retrying(answers.history)
        return await self.api.get(f"{DOTA}/GetMatchHistory/v1", read, params=params)

    async def match(self, listed: Listed) -> bytes:
        """The match object itself, byte by byte; `NotYet` where another one is served."""
        params = {"start_at_match_seq_num": listed.sequence, "matches_requested": "1"}
        path = f"{DOTA}/GetMatchHistoryBySequenceNum/v1"
        read = self._retrying(lambda body: answers.match_in(body, listed.id))
        return await self._look_ups.get(path, read, params=params)

    async def live_league_games(self, league_id: str = "") -> list[LiveGame]:
        """What is being played with a league ticket now; a game that ends just vanishes."""
        params = {"league_id": _digits(league_id)} if league_id else {}
        return await self.api.get(
            f"{DOTA}/GetLiveLeagueGames/v1", answers.live_games, params=params
        )

    # -- people: only as they themselves ask -------------------------------

    async def summaries(self, steam_ids: Sequence[str]) -> dict[str, Summary]:
        """What profiles say, by Steam id; who is unknown is missing."""
        return await self._of_people("GetPlayerSummaries/v2", steam_ids, answers.summaries)

    async def bans(self, steam_ids: Sequence[str]) -> dict[str, Bans]:
        """Bans by Steam id; who is unknown is missing."""
        return await self._of_people("GetPlayerBans/v1", steam_ids, answers.bans)

    async def _of_people(
        self, call: str, steam_ids: Sequence[str], read: Callable[[bytes], dict[str, T]]
    ) -> dict[str, T]:
        found: dict[str, T] = {}
        for first in range(0, len(steam_ids), MOST_IDS):
            ids = ",".join(_digits(each) for each in steam_ids[first : first + MOST_IDS])
            # Results come first: profiles leave them a share of every minute.
            params = {"steamids": ids}
            found |= await self.api.get(f"{USER}/{call}", read, params=params, backfill=True)
        return found

    async def steam_id_of(self, vanity: str) -> str:
        """The Steam id behind a profile's own address; `NotYet` where nobody has it."""
        path = f"{USER}/ResolveVanityURL/v1"
        return await self.api.get(path, answers.vanity, params={"vanityurl": vanity[:64]})

    def _retrying(self, read: Callable[[bytes], T]) -> Callable[[bytes], T]:
        """`read`, where Steam may ask for another try instead of answering."""

        def or_later(body: bytes) -> T:
            try:
                return read(body)
            except answers.TryLater as error:
                raise Busy(str(error), self._clock() + RETRY_LATER) from None

        return or_later


def _api(to: Connection, name: str, quota: Quota) -> Api:
    key = to.settings.steam_key
    return Api(
        to,
        name=name,
        title=TITLE,
        base_url=to.settings.steam_url,
        key=key,
        quota=quota,
        params={"key": key},
    )


def _digits(given: str) -> str:
    """An id as it may become part of an address, or `NotYet`: people type ids."""
    if not (given.isascii() and given.isdecimal() and len(given) < 20 and int(given) < LARGEST_ID):
        raise NotYet("no such id is known")
    return given
