"""Bring a match to what its evidence says: the one door between voices and results.

Whatever arrived (a game, a whole series, a captain's report, a correction), the
evidence is weighed anew and the match follows, as far as nobody's later result
would fall by it. What falls, or contradicts a ruling, waits for the organiser.
"""

from datetime import datetime
from typing import Literal

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Message
from tournaments import results
from tournaments.evidence import games_of, reports_of, series_of, verdict_on
from tournaments.play import Play, outcome_of
from tournaments.sources import source_of
from tournaments.stages import is_closed
from tournaments.tables import LiveGame, Match, Report, Result
from tournaments.verdict import Verdict

# As `match.flag` keeps how sure a result is: a column of 8 letters.
FLAGS = {"final": "", "provisional": "single", "disputed": "disputed"}

Settled = Literal["open", "decided", "agreed", "corrected", "held"]


async def settle(tx: Transaction, play: Play, match: Row, *, now: datetime) -> Settled:
    """Weigh the evidence of the locked stage's match, and do what follows from it."""
    view = play.state.find(match["key"])
    if view is None or view.given or match["state"] not in ("ready", "decided"):
        return "held"
    verdict = await verdict_on(match, draws=play.state.format.draws)
    standing = await results.standing_result(match["id"])
    if standing and standing["authority"] == results.RULING:
        return await _beside_a_ruling(tx, play, match, standing, verdict, now=now)
    if verdict.outcome is None:
        return await _not_decided(tx, play, match, standing, verdict, now=now)
    decision = results.Decision(
        verdict.outcome,
        authority=verdict.authority,
        source=verdict.source,
        flag=FLAGS[verdict.certainty],
    )
    done: Settled = "decided"
    if standing is None:
        await results.enter(tx, play, match, decision, now=now)
    else:
        done = await _again(tx, play, match, standing, decision, now=now)
    await _call_for_a_referee(play, match, verdict, held=done == "held", now=now)
    return done


async def settle_again(tx: Transaction, play: Play, matches: list[int], *, now: datetime) -> None:
    """Of these matches, which their clans can play again, those that evidence has arrived for."""
    rows = await (
        Match.select().where(one_of(Match.id, matches) & (Match.state == "ready"))
    ).order_by(Match.id)
    for row in rows:
        if await games_of(row) or await series_of(row) or await reports_of(row):
            await settle(tx, play, row, now=now)


async def _again(
    tx: Transaction,
    play: Play,
    match: Row,
    standing: Row,
    decision: results.Decision,
    *,
    now: datetime,
) -> Settled:
    """There is a result already: it agrees, is corrected, or is held for the organiser."""
    if outcome_of(standing) == decision.outcome:
        await _know_better(match, standing, decision)
        await _show(tx, play, match, now=now)
        return "agreed"
    falls = results.falls_with(play, match, standing, decision.outcome)
    if falls or await is_closed(play.stage):
        await _flag(match, "disputed")
        await _show(tx, play, match, now=now)
        return "held"
    await results.replace(tx, play, match, decision, standing, now=now)
    return "corrected"


async def _know_better(match: Row, standing: Row, decision: results.Decision) -> None:
    """The same outcome by another word or with another certainty."""
    await Result.update(
        {Result.authority: decision.authority, Result.source: decision.source}
    ).where(Result.id == standing["id"])
    await Match.update({Match.flag: decision.flag, Match.source: decision.source}).where(
        Match.id == match["id"]
    )


async def _not_decided(
    tx: Transaction,
    play: Play,
    match: Row,
    standing: Row | None,
    verdict: Verdict,
    *,
    now: datetime,
) -> Settled:
    """The evidence does not decide it: show how far it is, or hold what stood."""
    if standing is not None:
        await _flag(match, "disputed")
        await _call_for_a_referee(play, match, verdict, held=True, now=now)
        await _show(tx, play, match, now=now)
        return "held"
    score = verdict.score or (None, None)
    await Match.update(
        {
            Match.score_a: score[0],
            Match.score_b: score[1],
            Match.flag: await _stage_of(match, verdict),
        }
    ).where(Match.id == match["id"])
    await _call_for_a_referee(play, match, verdict, held=False, now=now)
    await _show(tx, play, match, now=now)
    return "open"


async def _stage_of(match: Row, verdict: Verdict) -> str:
    """The flag of a match that is not decided."""
    if verdict.certainty == "disputed" or verdict.stuck:
        return "disputed"
    if await Report.exists().where((Report.match == match["id"]) & (Report.state == "open")):
        return "reported"
    under_way = verdict.agreeing or await LiveGame.exists().where(LiveGame.match == match["id"])
    return "live" if under_way or match["flag"] == "live" else ""


async def _beside_a_ruling(
    tx: Transaction,
    play: Play,
    match: Row,
    standing: Row,
    verdict: Verdict,
    *,
    now: datetime,
) -> Settled:
    """A ruling stands whatever is said; the organiser hears of it once."""
    await _show(tx, play, match, now=now)
    if verdict.outcome is None or verdict.outcome == outcome_of(standing):
        return "agreed"
    message = Message(
        N_("{source} says {a}:{b}, which is not the result that stands."),
        source=source_of(verdict.source).title,
        **_score(verdict),
    )
    if verdict.authority == "captains":
        message = Message(
            N_("Both captains say {a}:{b}, which is not the result that stands."), **_score(verdict)
        )
    await _put_before_organiser(play, match, message, verdict.source, now=now)
    return "held"


async def _call_for_a_referee(
    play: Play, match: Row, verdict: Verdict, *, held: bool, now: datetime
) -> None:
    """A contradiction opens a dispute by itself, once; one that is over closes."""
    if message := _trouble(verdict, held=held):
        await _put_before_organiser(play, match, message, verdict.source or "captains", now=now)
    else:
        await results.withdraw_notices(match["id"], of_games=False)


def _trouble(verdict: Verdict, *, held: bool) -> Message | None:
    if verdict.stuck and verdict.outcome is None:
        return Message(
            N_("The match ended without a result: drawn, or called off. Decide it, please.")
        )
    if held:
        return Message(N_("What is known of this match has changed, but later results rest on it."))
    if verdict.certainty != "disputed":
        return None
    if verdict.outcome is None:
        return Message(N_("The captains report different scores."))
    if verdict.authority == "captains":
        return Message(N_("Both captains say {a}:{b}, but not everybody does."), **_score(verdict))
    return Message(
        N_("{source} says {a}:{b}, but not everybody does."),
        source=source_of(verdict.source).title,
        **_score(verdict),
    )


def _score(verdict: Verdict) -> dict[str, object]:
    score = verdict.outcome.score if verdict.outcome else None
    if score is None and verdict.outcome and verdict.outcome.winner is not None:
        score = (1, 0) if verdict.outcome.winner == 0 else (0, 1)
    a, b = score or ("", "")
    return {"a": a, "b": b}


async def _put_before_organiser(
    play: Play, match: Row, message: Message, source: str, *, now: datetime
) -> None:
    new = await results.notify(play.tournament, message, source=source, match=match["id"], now=now)
    if new:
        await results.tell(match["id"], "dispute", message, now=now)


async def _flag(match: Row, flag: str) -> None:
    await Match.update({Match.flag: flag}).where(Match.id == match["id"])


async def _show(tx: Transaction, play: Play, match: Row, *, now: datetime) -> None:
    await play.touch(now=now)
    await results.push(tx, play.tournament, [match["id"]], now=now)
