"""Every delivery, raw, before anything is made of it; and what is made of it then.

A delivery lands in one short transaction that also promises the work. The work
translates everything ever delivered about its subject, together, so that it
makes no difference in which order, how often or how late things came.
"""

from datetime import datetime
from typing import Any

import structlog

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Database, Row, Transaction, encode
from integrations import landing
from integrations.base import Delivery, Unusable
from integrations.provider import Provider
from integrations.registry import BY_NAME, sharing_ids_with
from integrations.tables import InboxDelivery, Subject
from tournaments import recording, results
from tournaments.attaching import ByHand, Refused
from tournaments.tables import Claim

Payload = dict[str, Any]
MOST_ROUNDS = 8

log = structlog.get_logger()


class Inbox:
    """Takes deliveries, once each, and works on their subjects."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # -- landing -----------------------------------------------------------

    async def land(
        self,
        provider: str,
        delivery: Delivery,
        tournament: int | None,
        *,
        now: datetime,
        claim: int | None = None,
        polled: bool = False,
    ) -> bool:
        """Keep a delivery; whether it is news. With `claim` its subject is worked on again.

        `polled`: we have asked, so this is what holds now, even if it was said before
        and taken back since; what is sent to us may be an old message once more.
        """
        async with self._db.transaction() as tx:
            subject = await landing.subject_of(
                tx, provider, delivery.subject, tournament, claim, now=now
            )
            new = await landing.keep(subject["id"], provider, delivery, polled=polled, now=now)
            if new or claim is not None or subject["state"] == "new":
                await tx.later("delivered", now=now, subject=subject["id"])
        return new

    async def known(self, provider: str, subjects: list[str]) -> set[str]:
        """Of these subjects, those that need no more asking, whoever told of them."""
        rows = await Subject.select(Subject.external_id).where(
            one_of(Subject.provider, sharing_ids_with(provider))
            & one_of(Subject.external_id, subjects)
            & one_of(Subject.state, ["new", "recorded", "waiting", "refused", "ignored"])
        )
        return {row["external_id"] for row in rows}

    # -- working -----------------------------------------------------------

    async def delivered(self, payloads: list[Payload], *, now: datetime) -> None:
        """The outbox's handler: work on each subject once."""
        for subject in dict.fromkeys(payload["subject"] for payload in payloads):
            await self.work(subject, now=now)

    async def work(self, subject: int, *, now: datetime) -> None:
        """Translate all that was delivered about a subject, and record what it tells."""
        tournament = await self._work(subject, now=now)
        rounds = 0
        while tournament is not None and rounds < MOST_ROUNDS:
            # What came before its match could be played may fit now.
            waiting = await _waiting_in(tournament)
            states = [await self._work(each, now=now) for each in waiting]
            rounds += 1
            if not any(states):
                break

    async def reconsider(self, payloads: list[Payload], *, now: datetime) -> None:
        """The outbox's handler: what was refused in a tournament may be known now."""
        tournaments = {payload["tournament"] for payload in payloads}
        rows = await (
            Subject.select(Subject.id)
            .where(one_of(Subject.tournament, tournaments) & (Subject.state == "refused"))
            .order_by(Subject.id)
        )
        for row in rows:
            await self.work(row["id"], now=now)

    async def replay(self, provider: str | None = None, *, now: datetime) -> int:
        """Run today's translations over everything there is; how many subjects."""
        rows = await Subject.select(Subject.id, Subject.provider).order_by(Subject.id)
        chosen = [row["id"] for row in rows if provider in (None, row["provider"])]
        for subject in chosen:
            await self.work(subject, now=now)
        return len(chosen)

    async def _work(self, subject: int, *, now: datetime) -> int | None:
        """The tournament in which something new counts now, or None."""
        async with self._db.transaction() as tx:
            row = await tx.lock(Subject, subject)
            if row is None or row["provider"] not in BY_NAME:
                return None
            provider = BY_NAME[row["provider"]]
            outcome = await self._tell(tx, provider, row, now=now)
            if row["claim"] is not None:
                await _settle_claim(tx, row, outcome, now=now)
        return row["tournament"] if isinstance(outcome, recording.Recorded) else None

    async def _tell(
        self, tx: Transaction, provider: Provider, row: Row, *, now: datetime
    ) -> recording.Outcome | None:
        try:
            told = provider.translate(await deliveries_of(row))
        except Unusable as error:
            # Still being written down at the provider: asked for again.
            await _mark(row, provider, "unusable", reason=str(error)[:300])
            return None
        if row["tournament"] is None:
            await _mark(row, provider, "ignored")
            return None
        outcome = await recording.record(
            tx, row["tournament"], told, now=now, claim=row["claim"], by_hand=_by_hand(row)
        )
        await _settle(row, provider, outcome)
        return outcome


async def was_delivered(provider: str, subject: str, part: str) -> bool:
    """Whether this message has come before, with whatever bytes."""
    return bool(
        await InboxDelivery.exists().where(
            (InboxDelivery.provider == provider)
            & (InboxDelivery.external_id == subject)
            & (InboxDelivery.part == part)
        )
    )


async def deliveries_of(subject: Row) -> list[Delivery]:
    """All that was delivered about a subject, in the order of arrival."""
    rows = await (
        InboxDelivery.select()
        .where(InboxDelivery.subject == subject["id"])
        .order_by(InboxDelivery.received_at, InboxDelivery.id)
    )
    return [
        Delivery(
            subject=subject["external_id"],
            body=row["body"].encode(),
            part=row["part"],
            received_at=row["received_at"],
        )
        for row in rows
    ]


def _by_hand(row: Row) -> ByHand | None:
    if row["first_entrant"] is None or row["match"] is None:
        return None
    return ByHand(row["match"], row["first_entrant"], just_now=row["state"] == "new")


async def _waiting_in(tournament: int) -> list[int]:
    rows = await (
        Subject.select(Subject.id)
        .where((Subject.tournament == tournament) & (Subject.state == "waiting"))
        .order_by(Subject.id)
    )
    return [row["id"] for row in rows]


async def _settle(row: Row, provider: Provider, outcome: recording.Outcome | None) -> None:
    match outcome:
        case None:
            await _mark(row, provider, "ignored")
        case Refused(reason=reason, match=match, early=early):
            await _mark(
                row,
                provider,
                "waiting" if early else "refused",
                match=match,
                reason=reason.text,
                params=reason.params,
            )
        case _:
            await _mark(row, provider, "recorded", match=outcome.match)


async def _mark(
    row: Row,
    provider: Provider,
    state: str,
    *,
    match: int | None = None,
    reason: str | None = None,
    params: object = None,
) -> None:
    await Subject.update(
        {
            Subject.state: state,
            # What an organiser has said is not forgotten.
            Subject.match: row["match"] if row["first_entrant"] is not None else match,
            Subject.reason: reason,
            Subject.reason_params: encode(params) if params else None,
            Subject.parser: provider.parser,
        }
    ).where(Subject.id == row["id"])


async def _settle_claim(
    tx: Transaction, row: Row, outcome: recording.Outcome | None, *, now: datetime
) -> None:
    """Tell the captains what came of the game they named."""
    claim = await Claim.select().where(Claim.id == row["claim"]).first()
    if claim is None or outcome is None:
        return
    if isinstance(outcome, Refused):
        await recording.refuse_claim(claim["id"], outcome.reason)
    else:
        await recording.take_claim(claim["id"])
    await results.push(tx, row["tournament"], [claim["match"]], now=now)
