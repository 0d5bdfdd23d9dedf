"""What we follow at providers: competitions being played, and games captains named."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Database, Row
from app.kernel.operation.away import is_away
from integrations import polling
from integrations.base import Broken, Busy, ProviderError, Refused, Unread
from integrations.inbox import Inbox
from integrations.late_sources import A_MOMENT, note_answer, note_failure
from integrations.provider import Follow, Poller
from integrations.registry import BY_NAME, PROVIDERS, sharing_ids_with
from integrations.tables import Following
from tournaments import claims, results
from tournaments.tables import Claim, Tournament

Payload = dict[str, Any]
AT_ONCE = 20
# A finished tournament's competition is asked for corrections, seldom, for so long.
AFTERWARDS = timedelta(hours=6)
QUIET = 8 * polling.PATIENCE

log = structlog.get_logger()


class Follower:
    """Starts, runs and ends what is followed."""

    def __init__(
        self, db: Database, pollers: Mapping[str, Poller], inbox: Inbox, *, base: float
    ) -> None:
        self._db = db
        self._pollers = pollers
        self._inbox = inbox
        self._base = base

    # -- from the outbox ---------------------------------------------------

    async def started(self, payloads: list[Payload], *, now: datetime) -> None:
        """Tournaments began: follow what belongs to each, wherever we can ask."""
        for payload in payloads:
            row = await Tournament.select().where(Tournament.id == payload["tournament"]).first()
            if row is None:
                continue
            for provider in PROVIDERS:
                if provider.name in self._pollers:
                    for follow in provider.follows(row):
                        await start_following(provider.name, follow, row["id"], now=now)

    async def catch_up(self, *, now: datetime) -> None:
        """Follow what is being played but was not followed: a key was added since."""
        running = await Tournament.select(Tournament.id).where(Tournament.state == "running")
        await self.started([{"tournament": row["id"]} for row in running], now=now)

    async def claimed(self, payloads: list[Payload], *, now: datetime) -> None:
        """Captains named games: look for each at once."""
        for payload in payloads:
            row = await Claim.select().where(Claim.id == payload["claim"]).first()
            if row is None or row["state"] != "looking":
                continue
            tournament = await _tournament_of_claim(row["id"])
            if row["provider"] not in self._pollers:
                await self._lose(row["id"], now=now)
            elif tournament is not None:
                follow = Follow(kind="game", ref=row["external_id"])
                await start_following(row["provider"], follow, tournament, row["id"], now=now)

    # -- polling -----------------------------------------------------------

    async def due(self, *, now: datetime) -> list[int]:
        """What is to be asked now: named games first (somebody waits), then leagues."""
        rows = await (
            Following.select(Following.id)
            .where(_is_due(now) & one_of(Following.provider, self._pollers))
            .order_by(Following.kind)
            .order_by(Following.next_at)
            .limit(AT_ONCE)
        )
        return [row["id"] for row in rows]

    async def poll(self, following: int, *, now: datetime) -> None:
        """Ask once, take what is new, and say when to ask again."""
        row = await Following.select().where((Following.id == following) & _is_due(now)).first()
        if row is None:
            return
        # Never in the future, or the clock was set back since.
        row["since"] = min(row["since"], now)
        poller = self._pollers.get(row["provider"])
        awaited = await _is_awaited(row, now=now)
        if poller is None or not awaited:
            await end_following(following)
            return
        try:
            found = await self._ask(poller, row, now=now)
        except ProviderError as error:
            await self._put_off(row, error, now=now)
            return
        except Exception as error:
            if is_away(error):
                raise
            # Ours, not the provider's: it is not asked every second for our mistake.
            log.exception("a poll stumbled", provider=row["provider"], what=row["external_id"])
            await self._put_off(row, Unread(f"our own mistake: {type(error).__name__}"), now=now)
            return
        if row["kind"] == "game":
            await end_following(following)
            return
        tries = 0 if found else row["tries"] + 1
        if awaited == "finished":
            tries = max(tries, QUIET)
        next_at = await self._next_for_league(row, tries, now=now)
        await _save(row, tries, next_at, None, now=now)
        await note_answer(self._db, row, now=now)

    async def _ask(self, poller: Poller, row: Row, *, now: datetime) -> int:
        """How many deliveries were new."""

        async def known(subjects: Iterable[str]) -> set[str]:
            return await self._inbox.known(row["provider"], list(subjects))

        found = 0
        follow = Follow(kind=row["kind"], ref=row["external_id"], since=row["since"])
        async for delivery in poller.ask(follow, known):
            found += await self._inbox.land(
                row["provider"],
                delivery,
                row["tournament"],
                claim=row["claim"],
                polled=True,
                now=now,
            )
            if delivery.unfinished and row["kind"] == "league":
                rest = Follow(kind="game", ref=delivery.subject)
                await start_following(row["provider"], rest, row["tournament"], now=now)
        return found

    async def _put_off(self, row: Row, error: ProviderError, *, now: datetime) -> None:
        tries = row["tries"] + 1
        next_at: datetime | None
        if isinstance(error, Busy):
            tries, next_at = row["tries"], error.until
        elif isinstance(error, Refused):
            next_at = polling.next_for_league(99 * polling.PATIENCE, now=now, base=self._base)
        elif row["kind"] == "league":
            next_at = await self._next_for_league(row, tries, now=now)
        else:
            next_at = polling.next_for_game(
                row["tries"], row["since"], now=now, base=self._base, jitter=_jitter()
            )
        await _save(row, tries, next_at, str(error), now=now)
        await note_failure(self._db, row, error, now=now)
        if row["kind"] == "league" and _is_down(error, now=now):
            await _hurry_fallbacks(row, self._base, now=now)
        if row["claim"] is not None:
            await self._tell_captains(row["claim"], given_up=next_at is None, now=now)

    async def _next_for_league(self, row: Row, tries: int, *, now: datetime) -> datetime:
        base = self._base * await _pace_of(row)
        return polling.next_for_league(tries, now=now, base=base, jitter=_jitter())

    async def _tell_captains(self, claim: int, *, given_up: bool, now: datetime) -> None:
        if given_up:
            await self._lose(claim, now=now)
        elif await claims.still_looking(claim, now=now):
            await self._show(claim, now=now)

    async def _lose(self, claim: int, *, now: datetime) -> None:
        """A day has passed and the provider never had the game."""
        await Claim.update({Claim.state: "lost"}).where(
            # One that counts may still have lacked a part.
            (Claim.id == claim) & one_of(Claim.state, ["looking", "late"])
        )
        await self._show(claim, now=now)

    async def _show(self, claim: int, *, now: datetime) -> None:
        row = await Claim.select(Claim.match).where(Claim.id == claim).first()
        tournament = await _tournament_of_claim(claim)
        if row and tournament is not None:
            async with self._db.transaction() as tx:
                await results.push(tx, tournament, [row["match"]], now=now)


def _is_due(now: datetime) -> Any:
    """Its time has come; or it was last asked, or begun, in what is the future by now: the
    clock was set back since, and what was planned by it may be hours away."""
    future = now + A_MOMENT
    return (Following.next_at <= now) | (
        Following.next_at.is_not_null()
        & ((Following.last_at > future) | (Following.since > future))
    )


def _jitter() -> float:
    return random.random()  # noqa: S311  spreads load, guards nothing


def _is_down(error: ProviderError, *, now: datetime) -> bool:
    """Whether a league cannot be asked for now: not merely this second or minute."""
    if isinstance(error, Busy):
        return error.until - now > A_MOMENT
    return isinstance(error, Broken | Refused)


def _beside(row: Row, providers: list[str]) -> Any:
    """The tournament's league as these other providers know it."""
    return (
        (Following.tournament == row["tournament"])
        & (Following.kind == "league")
        & one_of(Following.provider, providers)
        & Following.next_at.is_not_null()
    )


async def _hurry_fallbacks(row: Row, base: float, *, now: datetime) -> None:
    """A provider is down: who stands in for it, and would wait for long, is asked at once."""
    pace = BY_NAME[row["provider"]].pace
    slower = [each for each in sharing_ids_with(row["provider"]) if BY_NAME[each].pace > pace]
    await Following.update({Following.next_at: now}).where(
        _beside(row, slower) & (Following.next_at > now + timedelta(seconds=2 * base * pace))
    )


async def _pace_of(row: Row) -> float:
    """A fallback asks as often as the provider it stands in for, while that one is down."""
    pace = BY_NAME[row["provider"]].pace
    quicker = [each for each in sharing_ids_with(row["provider"]) if BY_NAME[each].pace < pace]
    if not quicker:
        return pace
    down = await Following.select(Following.provider).where(
        _beside(row, quicker) & Following.last_error.is_not_null()
    )
    return min([pace, *(BY_NAME[each["provider"]].pace for each in down)])


async def _tournament_of_claim(claim: int) -> int | None:
    # Piccolo's types end at the second join.
    stage: Any = Claim.match.stage
    row = await (
        Claim.select(stage.tournament.id.as_alias("tournament")).where(Claim.id == claim).first()
    )
    return row["tournament"] if row else None


async def _is_awaited(row: Row, *, now: datetime) -> str:
    """The state of its tournament while anything may still come: the last game, a part
    of one, or for some hours a correction; else nothing."""
    found = await (
        Tournament.select(Tournament.state, Tournament.finished_at)
        .where(Tournament.id == row["tournament"])
        .first()
    )
    if found is None or found["state"] not in ("running", "finished"):
        return ""
    ended = found["finished_at"]
    if row["kind"] == "league" and ended is not None and now - ended > AFTERWARDS:
        return ""
    return str(found["state"])


async def start_following(
    provider: str, follow: Follow, tournament: int, claim: int | None = None, *, now: datetime
) -> None:
    """Ask for it from now on; what was followed before is asked for again, at once."""
    await Following.insert(
        Following(
            provider=provider,
            kind=follow.kind,
            external_id=follow.ref,
            tournament=tournament,
            claim=claim,
            since=now,
            next_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    await Following.update(
        {
            Following.next_at: now,
            Following.since: now,
            Following.tries: 0,
            Following.claim: claim,
            Following.failing_since: None,
            Following.told: False,
            Following.trouble: "",
        }
    ).where(
        (Following.provider == provider)
        & (Following.kind == follow.kind)
        & (Following.external_id == follow.ref)
        & (Following.tournament == tournament)
        & Following.next_at.is_null()
    )


async def ask_at_once(provider: str, follow: Follow, tournament: int, *, now: datetime) -> None:
    """Something has been heard of it: follow it, and wait for no pause."""
    await start_following(provider, follow, tournament, now=now)
    await Following.update({Following.next_at: now}).where(
        (Following.provider == provider)
        & (Following.kind == follow.kind)
        & (Following.external_id == follow.ref)
        & (Following.tournament == tournament)
        & (Following.next_at > now)
    )


async def ask_all_at_once(provider: str, *, now: datetime) -> None:
    """Its trouble is over: all that is asked of it is due."""
    await Following.update({Following.next_at: now}).where(
        (Following.provider == provider) & (Following.next_at > now)
    )


async def followed_in(provider: str, follow: Follow) -> list[int]:
    """The tournaments in which it is or was asked for."""
    rows = await Following.select(Following.tournament).where(
        (Following.provider == provider)
        & (Following.kind == follow.kind)
        & (Following.external_id == follow.ref)
    )
    return sorted({row["tournament"] for row in rows})


async def end_following(following: int) -> None:
    await Following.update({Following.next_at: None}).where(Following.id == following)


async def _save(
    row: Row, tries: int, next_at: datetime | None, error: str | None, *, now: datetime
) -> None:
    await Following.update(
        {
            Following.since: row["since"],
            Following.tries: tries,
            Following.next_at: next_at,
            Following.last_at: now,
            Following.last_error: error[:200] if error else None,
        }
    ).where(Following.id == row["id"])
