"""How a match is decided, by whom, and what a later word may change.

Authorities, weakest first: a provider's games and both captains stand equal,
a ruling stands above both and is never overwritten by either.
"""

from datetime import datetime
from typing import NamedTuple

import brackets
from app.kernel.db import Row, Transaction, encode
from app.kernel.errors import N_, Message
from tournaments.play import Play, outcome_of
from tournaments.reports import PROVIDERS
from tournaments.tables import Event, Match, Notice, Report, Result

RULING = "ruling"


class Decision(NamedTuple):
    """Somebody's word on a match. `authority` is games, captains or ruling."""

    outcome: brackets.Outcome
    authority: str
    source: str
    account: int | None = None
    reason: str | None = None


async def standing_result(match: int) -> Row | None:
    """The result that counts now, or None."""
    row: Row | None = await (
        Result.select().where((Result.match == match) & Result.voided_at.is_null()).first()
    )
    return row


async def decide(
    tx: Transaction, play: Play, match: Row, decision: Decision, *, now: datetime
) -> str:
    """Apply a decision: `decided`, `agreed`, `corrected` or `contradicted`.

    A weaker or equal word that disagrees changes nothing but the score's
    details; it is put before the organiser instead.
    """
    standing = await standing_result(match["id"])
    if standing is None:
        await _insert(play, match, decision, now=now)
        play.apply(match["key"], decision.outcome)
        await _announce(tx, play, match, decision, now=now)
        return "decided"
    if outcome_of(standing) == decision.outcome:
        # The score stays, but the page now knows one more source.
        await push(tx, play.tournament, [match["id"]], now=now)
        return "agreed"
    if decision.authority == RULING or _may_refine(standing, decision):
        await _replace(tx, play, match, decision, standing, now=now)
        return "corrected"
    await _put_before_organiser(play, match, decision, now=now)
    await push(tx, play.tournament, [match["id"]], now=now)
    return "contradicted"


def _may_refine(standing: Row, decision: Decision) -> bool:
    """The same authority may add a late game that does not change the winner."""
    return (
        bool(standing["authority"] == decision.authority == "games")
        and standing["winner"] == decision.outcome.winner
    )


async def take_back(
    tx: Transaction,
    play: Play,
    match: Row,
    *,
    actor: int | None,
    reason: str,
    now: datetime,
) -> list[str]:
    """Void a match's result and all that followed from it; the keys, latest first."""
    gone = play.undo(match["key"])
    await _void(play, gone, reason, now=now)
    await tx.audit(
        "match.result_voided",
        f"match:{match['id']}",
        actor=actor,
        now=now,
        tournament=play.tournament,
        reason=reason,
        matches=gone,
    )
    return gone


async def _void(play: Play, keys: list[str], reason: str, *, now: datetime) -> None:
    rows = await Match.select(Match.id).where(
        (Match.stage == play.stage["id"]) & Match.key.is_in(keys)
    )
    ids = [row["id"] for row in rows]
    await Result.update({Result.voided_at: now, Result.voided_because: reason}).where(
        Result.match.is_in(ids) & Result.voided_at.is_null()
    )
    await Report.update({Report.state: "closed"}).where(
        Report.match.is_in(ids) & (Report.state != "closed")
    )


async def _replace(
    tx: Transaction, play: Play, match: Row, decision: Decision, standing: Row, *, now: datetime
) -> None:
    """Put another result in place; later results fall only if the winner changes."""
    reason = decision.reason or decision.source
    if standing["winner"] == decision.outcome.winner:
        play.state.amend(match["key"], decision.outcome)
        play.changed[match["key"]] = None
        await _void_one(standing["id"], reason, now=now)
    else:
        await take_back(tx, play, match, actor=decision.account, reason=reason, now=now)
        play.apply(match["key"], decision.outcome)
    await _insert(play, match, decision, now=now)
    await _announce(tx, play, match, decision, now=now)


async def _void_one(result: int, reason: str, *, now: datetime) -> None:
    await Result.update({Result.voided_at: now, Result.voided_because: reason}).where(
        Result.id == result
    )


async def _insert(play: Play, match: Row, decision: Decision, *, now: datetime) -> None:
    score = decision.outcome.score or (None, None)
    await Result.insert(
        Result(
            stage=play.stage["id"],
            match=match["id"],
            kind=decision.outcome.kind,
            winner=decision.outcome.winner,
            score_a=score[0],
            score_b=score[1],
            authority=decision.authority,
            source=decision.source,
            account=decision.account,
            reason=decision.reason,
            created_at=now,
        )
    )
    await Report.update({Report.state: "closed"}).where(
        (Report.match == match["id"]) & (Report.state == "open")
    )
    await Notice.update({Notice.settled_at: now}).where(
        (Notice.match == match["id"]) & Notice.settled_at.is_null()
    )


async def _announce(
    tx: Transaction, play: Play, match: Row, decision: Decision, *, now: datetime
) -> None:
    ids = await play.save(now=now)
    await Match.update({Match.source: decision.source, Match.decided_at: now}).where(
        Match.id == match["id"]
    )
    await tx.audit(
        "match.decided",
        f"match:{match['id']}",
        actor=decision.account,
        now=now,
        tournament=play.tournament,
        outcome=decision.outcome,
        source=decision.source,
        reason=decision.reason,
    )
    await push(tx, play.tournament, ids, now=now)


async def push(tx: Transaction, tournament: int, matches: list[int], *, now: datetime) -> None:
    """Promise that the pages of these matches are brought up to date."""
    await tx.later("matches", now=now, tournament=tournament, matches=matches)


async def tell(
    match: int, kind: str, message: Message, *, now: datetime, url: str | None = None
) -> None:
    """Add a public line to the match's "How we know the score"."""
    await Event.insert(
        Event(
            match=match,
            at=now,
            kind=kind,
            text=message.text,
            params=encode(message.params),
            url=url,
        )
    )


async def notify(
    tournament: int,
    message: Message,
    *,
    source: str,
    now: datetime,
    match: int | None = None,
    external_id: str = "",
    url: str | None = None,
) -> None:
    """Put something before the organiser."""
    await Notice.insert(
        Notice(
            tournament=tournament,
            match=match,
            at=now,
            source=source,
            external_id=external_id,
            text=message.text,
            params=encode(message.params),
            url=url,
        )
    )


async def _put_before_organiser(
    play: Play, match: Row, decision: Decision, *, now: datetime
) -> None:
    score = decision.outcome.score or ("", "")
    message = Message(
        N_("{source} says {a}:{b}, which is not the result that stands."),
        source=PROVIDERS.get(decision.source, decision.source),
        a=score[0],
        b=score[1],
    )
    await notify(play.tournament, message, source=decision.source, match=match["id"], now=now)
    await tell(match["id"], "dispute", message, now=now)


async def strengthen(match: Row, decision: Decision) -> None:
    """A ruling that says what stands already makes it the organiser's word."""
    await Result.update(
        {
            Result.authority: decision.authority,
            Result.account: decision.account,
            Result.reason: decision.reason,
        }
    ).where((Result.match == match["id"]) & Result.voided_at.is_null())
