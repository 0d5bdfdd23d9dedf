"""Every account of a game that ever reached us, raw, before anything is made of it."""

from datetime import datetime
from typing import Any

import msgspec

from app.kernel.db import Database, Transaction
from integrations.base import NotYet
from integrations.opendota.translate import PARSER_VERSION, Unusable, translate
from integrations.tables import InboxEntry
from tournaments import results
from tournaments.games import AlreadyRecorded, Outcome, Recorded, Refused, record_game
from tournaments.tables import Claim


class Inbox:
    """Takes deliveries, once each."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(
        self,
        provider: str,
        external_id: str,
        body: bytes,
        tournament: int,
        *,
        now: datetime,
        claim: int | None = None,
    ) -> None:
        """Keep the delivery and record its game. A second one changes nothing,
        unless a captain has named a game that was refused before, or the first
        was no account of a finished game (then `NotYet` is raised)."""
        rows = await (
            InboxEntry.insert(
                InboxEntry(
                    provider=provider,
                    external_id=external_id,
                    tournament=tournament,
                    received_at=now,
                    parser=PARSER_VERSION,
                    body=body.decode(errors="replace"),
                    state="new",
                )
            )
            .on_conflict(action="DO NOTHING")
            .returning(InboxEntry.id)
        )
        if not rows and claim is None and not await _is_unsettled(provider, external_id):
            return
        if not rows:
            await InboxEntry.update({InboxEntry.body: body.decode(errors="replace")}).where(
                (InboxEntry.provider == provider) & (InboxEntry.external_id == external_id)
            )
        await self._record(provider, external_id, body, tournament, claim, now=now)

    async def _record(
        self,
        provider: str,
        external_id: str,
        body: bytes,
        tournament: int,
        claim: int | None,
        *,
        now: datetime,
    ) -> None:
        try:
            report = translate(body)
        except Unusable as error:
            # A game still being written down: kept as it is, and asked for again.
            await _mark(provider, external_id, "unusable", reason=str(error)[:300])
            raise NotYet(str(error)) from None
        async with self._db.transaction() as tx:
            outcome = await record_game(tx, tournament, report, now=now, claim=claim)
            await _settle(provider, external_id, outcome)
            if claim is not None:
                await _show_claim(tx, tournament, claim, now=now)

    async def retry_waiting(self, tournament: int, *, now: datetime) -> None:
        """Games that came before their match could be played may fit now."""
        rows = await (
            InboxEntry.select()
            .where((InboxEntry.tournament == tournament) & (InboxEntry.state == "waiting"))
            .order_by(InboxEntry.external_id)
        )
        for row in rows:
            await self._record(
                row["provider"],
                row["external_id"],
                row["body"].encode(),
                tournament,
                None,
                now=now,
            )

    async def lose_claim(self, claim: int, *, now: datetime) -> None:
        """A day has passed and the provider never had the game."""
        # Piccolo's types end at the second join.
        stage: Any = Claim.match.stage
        row = await (
            Claim.select(stage.tournament.id.as_alias("tournament"))
            .where(Claim.id == claim)
            .first()
        )
        if row is None:
            return
        async with self._db.transaction() as tx:
            await Claim.update({Claim.state: "lost"}).where(Claim.id == claim)
            await _show_claim(tx, row["tournament"], claim, now=now)


async def _is_unsettled(provider: str, external_id: str) -> bool:
    """Whether the first delivery was kept but came to nothing (unusable, or we died)."""
    return bool(
        await InboxEntry.exists().where(
            (InboxEntry.provider == provider)
            & (InboxEntry.external_id == external_id)
            & InboxEntry.state.is_in(["new", "unusable"])
        )
    )


async def _settle(provider: str, external_id: str, outcome: Outcome) -> None:
    match outcome:
        case Recorded(match=row) | AlreadyRecorded(match=row):
            await _mark(provider, external_id, "recorded", match=row)
        case Refused(reason=reason, match=row, early=early):
            await _mark(
                provider,
                external_id,
                "waiting" if early else "refused",
                match=row,
                reason=reason.text,
                params=reason.params,
            )


async def _mark(
    provider: str,
    external_id: str,
    state: str,
    *,
    match: int | None = None,
    reason: str | None = None,
    params: object = None,
) -> None:
    await InboxEntry.update(
        {
            InboxEntry.state: state,
            InboxEntry.match: match,
            InboxEntry.reason: reason,
            InboxEntry.reason_params: msgspec.json.encode(params).decode() if params else None,
        }
    ).where((InboxEntry.provider == provider) & (InboxEntry.external_id == external_id))


async def _show_claim(tx: Transaction, tournament: int, claim: int, *, now: datetime) -> None:
    row = await Claim.select(Claim.match).where(Claim.id == claim).first()
    if row:
        await results.push(tx, tournament, [row["match"]], now=now)
