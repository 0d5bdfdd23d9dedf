"""How a result is entered, replaced and taken back, with all that hangs on it.

Who is believed is decided before: by `verdict` over what providers and captains
say, or by the organiser's ruling, which nothing else overwrites.
"""

from datetime import datetime
from typing import NamedTuple

import brackets
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction, encode
from app.kernel.errors import N_, Conflict, Message
from tournaments.play import Play, outcome_of
from tournaments.stages import is_closed
from tournaments.tables import Event, Game, LiveGame, Match, Notice, Report, Result, ToldSeries

RULING = "ruling"


class Decision(NamedTuple):
    """Somebody's word on a match. `authority` is games, captains or ruling.

    `flag` is how sure it is: empty for final, else single or disputed.
    """

    outcome: brackets.Outcome
    authority: str
    source: str
    account: int | None = None
    reason: str | None = None
    flag: str = ""


async def standing_result(match: int) -> Row | None:
    """The result that counts now, or None."""
    row: Row | None = await (
        Result.select().where((Result.match == match) & Result.voided_at.is_null()).first()
    )
    return row


async def enter(
    tx: Transaction, play: Play, match: Row, decision: Decision, *, now: datetime
) -> None:
    """The first result of a match: the bracket moves on."""
    await _insert(match, decision, stage=play.stage["id"], now=now)
    play.apply(match["key"], decision.outcome)
    await _announce(tx, play, match, decision, now=now)


async def overrule(
    tx: Transaction, play: Play, match: Row, decision: Decision, *, now: datetime
) -> None:
    """The organiser's word, whatever stood before."""
    standing = await standing_result(match["id"])
    if standing is None:
        await enter(tx, play, match, decision, now=now)
    elif outcome_of(standing) != decision.outcome:
        await replace(tx, play, match, decision, standing, now=now)
    else:
        await _strengthen(match, decision)
        await tx.audit(
            "match.result_upheld",
            f"match:{match['id']}",
            actor=decision.account,
            now=now,
            tournament=play.tournament,
            reason=decision.reason,
        )
        await push(tx, play.tournament, [match["id"]], now=now)


def falls_with(play: Play, match: Row, standing: Row, outcome: brackets.Outcome) -> list[str]:
    """The later results that would fall if `outcome` replaced the standing one."""
    if same_end(standing, outcome):
        return []
    return brackets.rebuild(play.state, outcomes={match["key"]: outcome}).fallen


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
    await play_again(play, gone, now=now)
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
        (Match.stage == play.stage["id"]) & one_of(Match.key, keys)
    )
    ids = [row["id"] for row in rows]
    await Result.update({Result.voided_at: now, Result.voided_because: reason}).where(
        one_of(Result.match, ids) & Result.voided_at.is_null()
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


async def play_again(play: Play, keys: list[str], *, now: datetime) -> None:
    """These matches are played again: what was known of them counts no more."""
    rows = await Match.select(Match.id).where(
        (Match.stage == play.stage["id"]) & one_of(Match.key, keys)
    )
    ids = [row["id"] for row in rows]
    await Game.update({Game.voided_at: now}).where(
        one_of(Game.match, ids) & Game.voided_at.is_null()
    )
    await ToldSeries.update({ToldSeries.voided_at: now}).where(
        one_of(ToldSeries.match, ids) & ToldSeries.voided_at.is_null()
    )
    await Report.update({Report.state: "closed"}).where(
        one_of(Report.match, ids) & (Report.state != "closed")
    )
    await LiveGame.delete().where(one_of(LiveGame.match, ids))


async def replace(
    tx: Transaction, play: Play, match: Row, decision: Decision, standing: Row, *, now: datetime
) -> None:
    """Put another result in place; later results fall only where others meet now."""
    await require_open(play)
    reason = decision.reason or decision.source
    if same_end(standing, decision.outcome):
        play.amend(match["key"], decision.outcome)
        await _void_one(standing["id"], reason, now=now)
    else:
        made = brackets.rebuild(play.state, outcomes={match["key"]: decision.outcome})
        play.become(made)
        gone = [*made.fallen[::-1], match["key"]]
        await _void(tx, play, match, gone, actor=decision.account, reason=reason, now=now)
        await play_again(play, made.fallen, now=now)
    await _insert(match, decision, stage=play.stage["id"], now=now)
    await _announce(tx, play, match, decision, now=now)


def same_end(standing: Row, outcome: brackets.Outcome) -> bool:
    """Whether the same side went on; then only the score's details change."""
    known = outcome_of(standing)
    return known.winner == outcome.winner and known.drawn == outcome.drawn


async def _void_one(result: int, reason: str, *, now: datetime) -> None:
    await Result.update({Result.voided_at: now, Result.voided_because: reason}).where(
        Result.id == result
    )


async def _insert(match: Row, decision: Decision, *, stage: int, now: datetime) -> None:
    score = decision.outcome.score or (None, None)
    await Result.insert(
        Result(
            stage=stage,
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
    await LiveGame.delete().where(LiveGame.match == match["id"])
    await withdraw_notices(match["id"], of_games=True)


async def withdraw_notices(match: int, *, of_games: bool) -> None:
    """What waited for the organiser about this match needs nobody any more.

    `of_games`: also what was said of single games that did not count.
    """
    where = (Notice.match == match) & Notice.settled_at.is_null()
    await Notice.delete().where(where if of_games else where & (Notice.external_id == ""))


async def _announce(
    tx: Transaction, play: Play, match: Row, decision: Decision, *, now: datetime
) -> None:
    ids = await play.save(now=now)
    await Match.update(
        {Match.source: decision.source, Match.decided_at: now, Match.flag: decision.flag}
    ).where(Match.id == match["id"])
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
) -> bool:
    """Put something before the organiser, once: what it has seen does not come back."""
    params = encode(message.params)
    if await Notice.exists().where(
        (Notice.tournament == tournament)
        & (Notice.source == source)
        & (Notice.external_id == external_id)
        & (Notice.text == message.text)
        & (Notice.params == params)
        & ((Notice.match == match) if match else Notice.match.is_null())
    ):
        return False
    await Notice.insert(
        Notice(
            tournament=tournament,
            match=match,
            at=now,
            source=source,
            external_id=external_id,
            text=message.text,
            params=params,
            url=url,
        )
    )
    return True


async def _strengthen(match: Row, decision: Decision) -> None:
    """A ruling that says what stands already makes it the organiser's word."""
    await Result.update(
        {
            Result.authority: decision.authority,
            Result.account: decision.account,
            Result.reason: decision.reason,
            Result.source: decision.source,
        }
    ).where((Result.match == match["id"]) & Result.voided_at.is_null())
    await Match.update({Match.flag: "", Match.source: decision.source}).where(
        Match.id == match["id"]
    )
