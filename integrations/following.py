"""What we follow at providers: leagues being played, and games captains named."""

import random
from datetime import datetime
from typing import Any

import structlog

from app.kernel.db import Database, Row
from integrations import polling
from integrations.base import Busy, NotYet, ProviderError, Refused
from integrations.inbox import Inbox
from integrations.opendota.client import NAME, OpenDota
from integrations.tables import Following, InboxEntry
from tournaments.tables import Claim, Match, Stage, Tournament

Payload = dict[str, Any]
log = structlog.get_logger()
AT_ONCE = 20


class Follower:
    """Starts, runs and ends what is followed."""

    def __init__(self, db: Database, opendota: OpenDota, inbox: Inbox, *, base: float) -> None:
        self._db = db
        self._opendota = opendota
        self._inbox = inbox
        self._base = base

    # -- from the outbox ---------------------------------------------------

    async def started(self, payloads: list[Payload], *, now: datetime) -> None:
        """Tournaments began: follow the league of each that has one."""
        for payload in payloads:
            row = (
                await Tournament.select(Tournament.league_id, Tournament.game)
                .where(Tournament.id == payload["tournament"])
                .first()
            )
            if row and row["league_id"] and row["game"] == "dota2":
                await _follow("league", row["league_id"], payload["tournament"], None, now=now)

    async def claimed(self, payloads: list[Payload], *, now: datetime) -> None:
        """Captains named games: look for each at once."""
        for payload in payloads:
            row = await Claim.select().where(Claim.id == payload["claim"]).first()
            if row is None or row["state"] != "looking":
                continue
            match = await Match.select(Match.stage).where(Match.id == row["match"]).first()
            stage = (
                await Stage.select(Stage.tournament).where(Stage.id == match["stage"]).first()
                if match
                else None
            )
            if stage:
                await _follow("game", row["external_id"], stage["tournament"], row["id"], now=now)

    # -- polling -----------------------------------------------------------

    async def due(self, *, now: datetime) -> list[int]:
        """What is to be asked now: named games first (somebody waits), then leagues."""
        rows = await (
            Following.select(Following.id)
            .where(Following.next_at <= now)
            .order_by(Following.kind)
            .order_by(Following.next_at)
            .limit(AT_ONCE)
        )
        return [row["id"] for row in rows]

    async def poll(self, following: int, *, now: datetime) -> None:
        """Ask once, take what is new, and say when to ask again."""
        row = await Following.select().where(Following.id == following).first()
        if row is None or row["next_at"] is None or row["next_at"] > now:
            return
        if not await _is_played(row["tournament"]):
            await _end(following)
            return
        try:
            found = await self._ask(row, now=now)
        except ProviderError as error:
            await self._put_off(row, error, now=now)
            return
        if row["kind"] == "game":
            await _end(following)
            return
        tries = 0 if found else row["tries"] + 1
        next_at = polling.next_for_league(tries, now=now, base=self._base, jitter=_jitter())
        await _save(following, tries, next_at, None, now=now)

    async def _ask(self, row: Row, *, now: datetime) -> int:
        """How many new games there were."""
        if row["kind"] == "game":
            await self._take(row["external_id"], row["tournament"], row["claim"], now=now)
            return 1
        ids = await self._opendota.league_match_ids(row["external_id"])
        rows = await InboxEntry.select(InboxEntry.external_id).where(
            (InboxEntry.provider == NAME)
            & InboxEntry.external_id.is_in(list(ids) or [""])
            & (InboxEntry.state != "unusable")
        )
        known = {each["external_id"] for each in rows}
        new = [each for each in ids if each not in known]
        taken = 0
        for match_id in new:
            try:
                await self._take(match_id, row["tournament"], None, now=now)
                taken += 1
            except NotYet:
                # Listed but not served or finished yet: the next poll meets it again.
                continue
        if taken:
            await self._inbox.retry_waiting(row["tournament"], now=now)
        return taken

    async def _take(
        self, match_id: str, tournament: int, claim: int | None, *, now: datetime
    ) -> None:
        body = await self._opendota.match(match_id)
        await self._inbox.take(NAME, match_id, body, tournament, claim=claim, now=now)

    async def _put_off(self, row: Row, error: ProviderError, *, now: datetime) -> None:
        tries = row["tries"] + 1
        next_at: datetime | None
        if isinstance(error, Busy):
            tries, next_at = row["tries"], error.until
        elif isinstance(error, Refused):
            log.error("a provider refuses us", provider=NAME, why=str(error))
            next_at = polling.next_for_league(99, now=now, base=self._base)
        elif row["kind"] == "league":
            next_at = polling.next_for_league(tries, now=now, base=self._base, jitter=_jitter())
        else:
            next_at = polling.next_for_game(
                row["tries"], row["since"], now=now, base=self._base, jitter=_jitter()
            )
        await _save(row["id"], tries, next_at, str(error), now=now)
        if next_at is None and row["claim"] is not None:
            await self._inbox.lose_claim(row["claim"], now=now)


def _jitter() -> float:
    return random.random()  # noqa: S311  spreads load, guards nothing


async def _is_played(tournament: int) -> bool:
    # A game may arrive after its tournament was decided by hand; a day is enough.
    row = await Tournament.select(Tournament.state).where(Tournament.id == tournament).first()
    return bool(row and row["state"] == "running")


async def _follow(
    kind: str, ref: str, tournament: int, claim: int | None, *, now: datetime
) -> None:
    await Following.insert(
        Following(
            provider=NAME,
            kind=kind,
            external_id=ref,
            tournament=tournament,
            claim=claim,
            since=now,
            next_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    # Followed before (handed in once more): ask again, now.
    await Following.update(
        {Following.next_at: now, Following.since: now, Following.tries: 0, Following.claim: claim}
    ).where(
        (Following.provider == NAME)
        & (Following.kind == kind)
        & (Following.external_id == ref)
        & (Following.tournament == tournament)
        & Following.next_at.is_null()
    )


async def _end(following: int) -> None:
    await Following.update({Following.next_at: None}).where(Following.id == following)


async def _save(
    following: int, tries: int, next_at: datetime | None, error: str | None, *, now: datetime
) -> None:
    await Following.update(
        {
            Following.tries: tries,
            Following.next_at: next_at,
            Following.last_at: now,
            Following.last_error: error[:200] if error else None,
        }
    ).where(Following.id == following)
