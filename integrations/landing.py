"""Every delivery lands raw, once, before anything is made of it."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from app.kernel.db.database import Row, Transaction
from integrations.base import Delivery
from integrations.registry import BY_NAME
from integrations.tables import InboxDelivery, Subject
from tournaments import recording, results
from tournaments.match_queries import match_by_id
from tournaments.tables import Claim


async def subject_of(
    tx: Transaction,
    provider: str,
    external_id: str,
    tournament: int | None,
    claim: int | None,
    *,
    now: datetime,
) -> Row:
    """The subject's row, locked; made when it is first heard of."""
    await Subject.insert(
        Subject(
            provider=provider,
            external_id=external_id,
            tournament=tournament,
            claim=claim,
            state="new",
            seen_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    known = await (
        Subject.select(Subject.id)
        .where((Subject.provider == provider) & (Subject.external_id == external_id))
        .first()
    )
    assert known is not None, "it was just made"
    row = await tx.lock(Subject, known["id"])
    assert row is not None, "it was just found"
    changed: dict[Any, Any] = {Subject.seen_at: now}
    if claim is not None and await _is_taken(tx, row, claim, now=now):
        return row
    if claim is not None:
        changed |= {Subject.claim: claim, Subject.tournament: tournament}
    elif row["tournament"] is None and tournament is not None:
        changed |= {Subject.tournament: tournament, Subject.state: "new"}
        row["state"] = "new"
    await Subject.update(changed).where(Subject.id == row["id"])
    return row


async def _is_taken(tx: Transaction, subject: Row, claim: int, *, now: datetime) -> bool:
    """Whether it counts in another match, which keeps it; the captains are told."""
    named = await Claim.select().where(Claim.id == claim).first()
    if named is None or not await recording.counts_elsewhere(
        subject["provider"], subject["external_id"], named
    ):
        return False
    await recording.refuse_claim(claim, recording.ELSEWHERE)
    _, tournament = await match_by_id(named["match"])
    await results.push(tx, tournament["id"], [named["match"]], now=now)
    return True


async def keep(
    subject: int, provider: str, delivery: Delivery, *, polled: bool, now: datetime
) -> bool:
    """Whether these bytes are news; the same ones again are counted."""
    digest = sha256(delivery.body).hexdigest()
    part = (InboxDelivery.subject == subject) & (InboxDelivery.part == delivery.part)
    known = await (
        InboxDelivery.select(InboxDelivery.id, InboxDelivery.digest, InboxDelivery.received_at)
        .where(part)
        .order_by(InboxDelivery.received_at, ascending=False)
        .order_by(InboxDelivery.id, ascending=False)
    )
    # The last word is the one that came last, also where the clock was set back since.
    now = max([now, *(row["received_at"] + timedelta(milliseconds=1) for row in known[:1])])
    if same := [row for row in known if row["digest"] == digest]:
        said_again = polled and same[0]["id"] != known[0]["id"]
        changed: dict[Any, Any] = {InboxDelivery.times: InboxDelivery.times + 1}
        if said_again:
            changed[InboxDelivery.received_at] = now
        await InboxDelivery.update(changed).where(InboxDelivery.id == same[0]["id"])
        return said_again
    await InboxDelivery.insert(
        InboxDelivery(
            subject=subject,
            provider=provider,
            external_id=delivery.subject,
            part=delivery.part,
            digest=digest,
            received_at=now,
            parser=BY_NAME[provider].parser,
            # PostgreSQL keeps no NUL in text.
            body=delivery.body.decode(errors="replace").replace("\0", "\ufffd"),
        )
    )
    return True
