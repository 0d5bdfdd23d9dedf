"""How a match is decided, by whom, and what a later word may change.

Authorities, weakest first: a provider's games and both captains stand equal,
a ruling stands above both and is never overwritten by either.
"""

from datetime import datetime
from typing import NamedTuple

import brackets
from app.kernel.db import Row, Transaction, encode
from app.kernel.errors import N_, Conflict, Message
from tournaments.play import Play, outcome_of
from tournaments.reports import PROVIDERS
from tournaments.stages import is_closed
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
    if decision.authority == RULING or await _may_refine(play, standing, decision):
        await _replace(tx, play, match, decision, standing, now=now)
        return "corrected"
    await _put_before_organiser(play, match, decision, now=now)
    await push(tx, play.tournament, [match["id"]], now=now)
    return "contradicted"


async def _may_refine(play: Play, standing: Row, decision: Decision) -> bool:
    """The same authority may add a late game that does not change the winner."""
    return (
        bool(standing["authority"] == decision.authority == "games")
        and _same_end(standing, decision.outcome)
        and not await is_closed(play.stage)
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
    await require_open(play)
    gone = play.undo(match["key"])
    await _void(tx, play, match, gone, actor=actor, reason=reason, now=now)
    return gone


async def require_open(play: Play) -> None:
    """`Conflict` when a later stage rests on this one."""
    if await is_closed(play.stage):
        raise Conflict(N_("The next stage rests on this result. Take that stage back first."))


async def _void(
    tx: Transaction,
    play: Play,
    match: Row,
    keys: list[str],
    *,
    actor: int | None,
    reason: str,
    now: datetime,
) -> None:
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
    await tx.audit(
        "match.result_voided",
        f"match:{match['id']}",
        actor=actor,
        now=now,
        tournament=play.tournament,
        reason=reason,
        matches=keys,
    )


async def _replace(
    tx: Transaction, play: Play, match: Row, decision: Decision, standing: Row, *, now: datetime
) -> None:
    """Put another result in place; later results fall only where others meet now."""
    await require_open(play)
    reason = decision.reason or decision.source
    if _same_end(standing, decision.outcome):
        play.amend(match["key"], decision.outcome)
        await _void_one(standing["id"], reason, now=now)
    else:
        made = brackets.rebuild(play.state, outcomes={match["key"]: decision.outcome})
        play.become(made)
        gone = [*made.fallen[::-1], match["key"]]
        await _void(tx, play, match, gone, actor=decision.account, reason=reason, now=now)
    await _insert(play, match, decision, now=now)
    await _announce(tx, play, match, decision, now=now)


def _same_end(standing: Row, outcome: brackets.Outcome) -> bool:
    """Whether the same side went on; then only the score's details change."""
    known = outcome_of(standing)
    return known.winner == outcome.winner and known.drawn == outcome.drawn


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
    if play.redrawn:
        await tx.later("tournament", now=now, tournament=play.tournament)
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
