"""Profiles: fetched when their owner asks (linking, signing in, refreshing), for nobody else.

The outbox brings the wish, a job does the asking, and a sweep every hour tries
again what failed, ever more rarely and at most eight times.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import httpx
import structlog

from app.accounts.steam_profile import note_asked, set_avatar
from app.accounts.tables import Account, Player, SteamProfile
from app.kernel.db.database import Database, Row, Transaction
from app.kernel.errors import N_
from app.kernel.http.media import LARGEST_FILE, NoPicture, keep_avatar
from app.kernel.http.outbound import NoAnswer, fetch
from app.kernel.operation.settings import Settings
from integrations.base import Busy, ProviderError
from integrations.provider import Poller
from integrations.steam.answers import Bans, Summary
from integrations.steam.client import Steam

AVATAR_HOSTS = {
    "avatars.steamstatic.com",
    "avatars.akamai.steamstatic.com",
    "avatars.cloudflare.steamstatic.com",
    "steamcdn-a.akamaihd.net",
    "media.steampowered.com",
}
MOST_TRIES = 8
LONGEST_PAUSE = timedelta(days=1)
# In one sweep; each is two calls, of which a minute has sixty.
AT_ONCE = 20

UNREACHABLE = N_("Steam could not be reached. We try again by ourselves.")
UNKNOWN = N_("Steam does not know this account any more.")
NO_PICTURE = N_("The picture could not be fetched from Steam. We try again by ourselves.")

Payload = dict[str, Any]

log = structlog.get_logger()


class Somebody(Protocol):
    """A player as another provider knows them."""

    @property
    def player_id(self) -> str: ...

    @property
    def nickname(self) -> str: ...


@runtime_checkable
class KnowsSteamIds(Protocol):
    """A provider that says who plays there with a Steam id: FACEIT."""

    async def player_by_steam_id(self, steam_id: str) -> Somebody | None:
        """Raises `ProviderError` where it could not be asked."""
        ...


class Profiles:
    """Fetches profiles. One for each worker; does nothing where Steam cannot be asked."""

    def __init__(
        self,
        db: Database,
        http: httpx.AsyncClient,
        settings: Settings,
        pollers: Mapping[str, Poller],
    ) -> None:
        self._db = db
        self._http = http
        self._base = settings.steam_url
        asked = list(pollers.values())
        self._steam = next((each for each in asked if isinstance(each, Steam)), None)
        self._faceit = next((each for each in asked if isinstance(each, KnowsSteamIds)), None)
        # Decoding takes memory.
        self._turn = asyncio.Semaphore(1)

    async def asked(
        self, payloads: list[Payload], enqueue: Callable[[int], Awaitable[None]], *, now: datetime
    ) -> None:
        """The outbox's handler: note that the owner asks, and let a job do it."""
        if self._steam is None:
            return
        for account in sorted({payload["account"] for payload in payloads}):
            if await _steam_id_of(account):
                await note_asked(account, now=now)
                await enqueue(account)

    async def due(self, *, now: datetime) -> list[int]:
        """Accounts whose profile was asked for and is still not there."""
        if self._steam is None:
            return []
        rows = await (
            SteamProfile.select()
            .where((SteamProfile.tries < MOST_TRIES) & SteamProfile.asked_at.is_not_null())
            .order_by(SteamProfile.tried_at)
        )
        return [row["account"] for row in rows if _is_due(row, now=now)][:AT_ONCE]

    async def fetch(self, account: int, *, now: datetime) -> None:
        """Ask Steam (and FACEIT) once, and write down what they say or that they did not."""
        steam_id, row = await _steam_id_of(account), await _row_of(account)
        if self._steam is None or not steam_id or row is None:
            return
        # Counted before: what makes us stumble is not tried for ever.
        await _save(account, {SteamProfile.tries: row["tries"] + 1, SteamProfile.tried_at: now})
        try:
            summary = (await self._steam.summaries([steam_id])).get(steam_id)
            bans = (await self._steam.bans([steam_id])).get(steam_id)
        except Busy:
            # Nobody was asked: this was no try.
            busy = {SteamProfile.error: UNREACHABLE, SteamProfile.tries: row["tries"]}
            await _save(account, busy)
            return
        except ProviderError:
            await _save(account, {SteamProfile.error: UNREACHABLE})
            return
        if summary is None or bans is None:
            await _save(account, {SteamProfile.error: UNKNOWN})
            return
        avatar, error = await self._picture(summary, row["avatar"], now=now)
        said = _said(summary, bans) | await self._of_faceit(steam_id)
        said |= {SteamProfile.avatar: avatar, SteamProfile.error: error}
        said |= {SteamProfile.fetched_at: now}
        if error is None:
            said |= {SteamProfile.tries: 0}
        await self._write(account, steam_id, said, now=now)

    async def _write(
        self, account: int, steam_id: str, said: dict[Any, Any], *, now: datetime
    ) -> None:
        async with self._db.transaction() as tx:
            linked = await tx.lock(Account, account)
            before = await _row_of(account)
            if linked is None or before is None or linked["steam_id"] != steam_id:
                # Unlinked while we asked: nothing is kept.
                return
            await _save(account, said)
            if before["avatar"] and before["avatar"] != said[SteamProfile.avatar]:
                await self._follow_picture(
                    tx, linked["player"], before["avatar"], said[SteamProfile.avatar], now=now
                )

    async def _follow_picture(
        self, tx: Transaction, player: int, before: str, after: str | None, *, now: datetime
    ) -> None:
        """Who lets others see the Steam picture lets them see the new one."""
        if await Player.exists().where((Player.id == player) & (Player.avatar == before)):
            await set_avatar(tx, player, after, now=now)

    async def _picture(
        self, summary: Summary, known: str | None, *, now: datetime
    ) -> tuple[str | None, str | None]:
        """The digest of our own copy, and what went wrong."""
        if not summary.picture:
            return None, None
        try:
            return await self._copy(summary.picture, now=now), None
        except (NoAnswer, NoPicture):
            return known, NO_PICTURE

    async def _copy(self, url: str, *, now: datetime) -> str:
        if not may_fetch(url, self._base):
            log.warning("a picture elsewhere than at Steam", host=_host_of(url))
            raise NoPicture(NO_PICTURE)
        answer = await fetch(self._http, url, headers={"accept": "image/*"}, largest=LARGEST_FILE)
        if answer.status != 200:
            raise NoPicture(NO_PICTURE)
        async with self._turn:
            return await keep_avatar(answer.body, now=now)

    async def _of_faceit(self, steam_id: str) -> dict[Any, Any]:
        """Nothing where FACEIT cannot be asked: what it said before stays."""
        if self._faceit is None:
            return {}
        try:
            found = await self._faceit.player_by_steam_id(steam_id)
        except ProviderError:
            return {}
        return {
            SteamProfile.faceit_id: found.player_id[:40] if found else None,
            SteamProfile.faceit_name: found.nickname[:64] if found else None,
        }


def may_fetch(url: str, api: str) -> bool:
    """Whether a picture may be fetched from there: https at one of Valve's hosts.

    `api` is where we ask Steam: a stand-in serves its pictures itself.
    """
    try:
        parts, base = urlsplit(url), urlsplit(api)
        if parts.username is not None or parts.password is not None:
            return False
        if (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port):
            return True
        return (
            parts.scheme == "https" and parts.port in (None, 443) and _host_of(url) in AVATAR_HOSTS
        )
    except ValueError:
        return False


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _said(summary: Summary, bans: Bans) -> dict[Any, Any]:
    banned = bool(bans.vac or bans.games)
    return {
        SteamProfile.name: _shown(summary.personaname)[:64],
        SteamProfile.vac_bans: _count(bans.vac),
        SteamProfile.game_bans: _count(bans.games),
        SteamProfile.community_banned: bool(bans.community),
        SteamProfile.days_since_ban: _count(bans.days) if banned else None,
    }


def _count(said: int | None) -> int:
    return max(0, min(said or 0, 2**31 - 1))


def _shown(name: str | None) -> str:
    """A name people chose anywhere: no controls, nothing that turns the line around."""
    return "".join(letter for letter in name or "" if letter.isprintable()).strip()


def _is_due(row: Row, *, now: datetime) -> bool:
    there = row["fetched_at"] and row["fetched_at"] >= row["asked_at"] and row["error"] is None
    if there:
        return False
    pause = min(timedelta(hours=2 ** min(row["tries"], 10) / 2), LONGEST_PAUSE)
    tried = row["tried_at"]
    # Tried in the future: the clock was set back since.
    return bool(tried is None or tried + pause <= now or tried > now)


async def _steam_id_of(account: int) -> str:
    row = await Account.select(Account.steam_id).where(Account.id == account).first()
    return str(row["steam_id"] or "") if row else ""


async def _row_of(account: int) -> Row | None:
    row: Row | None = await SteamProfile.select().where(SteamProfile.account == account).first()
    return row


async def _save(account: int, said: dict[Any, Any]) -> None:
    await SteamProfile.update(said).where(SteamProfile.account == account)
