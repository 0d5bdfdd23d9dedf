"""What a provider tells becomes evidence in a match, or is refused with a reason.

One transaction does it all: attach the sides, lock the stage, put the evidence
down (once for ever, a correction in its place), and settle the match.
"""

from datetime import datetime
from typing import Any

import msgspec

from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Message
from tournaments import games, results, told_series
from tournaments.attaching import ByHand, Place, Refused, place
from tournaments.evidence import told_alike
from tournaments.fitness import is_shared, unfit, unfit_for_match, unfit_series
from tournaments.live_games import hide_live, show_live
from tournaments.play import Play, open_play
from tournaments.reports import GameReport, LiveReport, SeriesReport, Told
from tournaments.ruled_out import ruled_out
from tournaments.settling import settle
from tournaments.tables import Claim, Game, Match, Notice, ToldSeries, Tournament


class Recorded(msgspec.Struct, frozen=True):
    """It is evidence now. `match` is its row; `decided`: the match has a result."""

    match: int
    decided: bool


class AlreadyRecorded(msgspec.Struct, frozen=True):
    """It was here before; nothing changed."""

    match: int


Outcome = Recorded | AlreadyRecorded | Refused
ELSEWHERE = Message(N_("It counts in another match already."))
Report = GameReport | SeriesReport | LiveReport


async def record(
    tx: Transaction,
    tournament: int,
    told: Told,
    *,
    now: datetime,
    claim: int | None = None,
    by_hand: ByHand | None = None,
) -> Outcome | None:
    """Take all that is told of one subject; with `claim`, one that a captain named.

    None when nothing is told yet. Of several games the first refusal is given,
    the others are taken all the same.
    """
    row = await Tournament.select().where(Tournament.id == tournament).first()
    if row is None:
        return None
    outcomes: list[Outcome] = []
    for report in _reports(told):
        outcome = await _take(tx, row, report, told.match, claim, by_hand, now=now)
        outcomes.append(outcome)
        if not isinstance(outcome, Refused):
            await _withdraw_refusals(report)
            continue
        await _say_refused(tx, row, report, outcome, now=now)
        if isinstance(report, SeriesReport):
            # Its games are of the same people, and no evidence of their own.
            break
    if told.match is not None and told.live is None and told.games:
        await hide_live(told.match, max(game.started_at for game in told.games))
    return _sum(outcomes)


def _reports(told: Told) -> list[Report]:
    """The series first: what becomes of it is said once, and not for each of its games."""
    series: list[Report] = [told.series] if told.series else []
    live: list[Report] = [told.live] if told.live else []
    return [*series, *told.games, *live]


def _sum(outcomes: list[Outcome]) -> Outcome | None:
    refused = [each for each in outcomes if isinstance(each, Refused)]
    recorded = [each for each in outcomes if isinstance(each, Recorded)]
    return next(iter([*refused, *recorded[::-1], *outcomes]), None)


async def _take(
    tx: Transaction,
    tournament: Row,
    report: Report,
    match: int | None,
    claim: int | None,
    by_hand: ByHand | None,
    *,
    now: datetime,
) -> Outcome:
    if tournament["state"] not in ("running", "finished"):
        return Refused(Message(N_("The tournament has not started.")), early=True)
    if reason := _unfit(report, tournament, by_hand=by_hand is not None):
        return Refused(reason)
    started_at = None if isinstance(report, LiveReport) else report.started_at
    kept = await _kept_in(report)
    found = await place(
        tournament, report.sides, started_at, match=match, claim=claim, by_hand=by_hand, kept=kept
    )
    if isinstance(found, Refused):
        return found
    if kept not in (None, found.match["id"]):
        return Refused(ELSEWHERE, found.match["id"])
    says_so = by_hand is not None and by_hand.just_now
    if kept is None and not says_so and (refused := await _put_aside(report, found, claim)):
        return refused
    play = await open_play(tx, found.match["stage"])
    row = await Match.select().where(Match.id == found.match["id"]).first()
    if row is None or row["state"] not in ("ready", "decided"):
        return Refused(Message(N_("This match cannot be played yet.")), early=True)
    if by_hand is None and (reason := unfit_for_match(report, row)):
        return Refused(reason, row["id"])
    named = says_so or claim is not None
    return await _put_down(
        tx, play, tournament, Place(row, found.attached), report, named=named, now=now
    )


async def _put_aside(report: Report, found: Place, claim: int | None) -> Refused | None:
    """Why it is not to count again. What merely tells once more of itself may go on, and
    the ruling is of one match: a captain may say that another was played."""
    if isinstance(report, LiveReport) or (out := await ruled_out(report)) is None:
        return None
    allowed = out.told_before if claim is None else out.match != found.match["id"]
    return None if allowed else Refused(out.word, out.match)


async def _kept_in(report: Report) -> int | None:
    """The match in which this very game or series counts already, whoever told of it."""
    if isinstance(report, LiveReport):
        return None
    return await _match_of(*told_alike(report))


async def _match_of(table: Any, where: Any) -> int | None:
    row = await table.select(table.match).where(where & table.voided_at.is_null()).first()
    return int(row["match"]) if row else None


async def counts_elsewhere(source: str, external_id: str, claim: Row) -> bool:
    """Whether the game that a captain has named counts in another match than this claim's."""
    of_game = (Game.source == source) & (Game.external_id == external_id)
    of_series = (ToldSeries.source == source) & (ToldSeries.external_id == external_id)
    kept = await _match_of(Game, of_game) or await _match_of(ToldSeries, of_series)
    return kept not in (None, claim["match"])


def _unfit(report: Report, tournament: Row, *, by_hand: bool) -> Message | None:
    if isinstance(report, GameReport):
        return unfit(report, tournament, by_hand=by_hand)
    if isinstance(report, SeriesReport):
        return unfit_series(report, tournament)
    return None


async def _put_down(
    tx: Transaction,
    play: Play,
    tournament: Row,
    found: Place,
    report: Report,
    *,
    named: bool,
    now: datetime,
) -> Outcome:
    match = found.match
    if isinstance(report, LiveReport):
        changed = await show_live(match, found.attached, report, now=now)
    elif isinstance(report, SeriesReport):
        changed = await told_series.put_down(found, report, tournament, named=named, now=now)
    else:
        changed = await games.put_down(found, report, tournament, named=named, now=now)
    if not changed:
        return AlreadyRecorded(match["id"])
    settled = await settle(tx, play, match, now=now)
    if isinstance(report, GameReport):
        await _pass_on(tx, play, match, now=now)
    return Recorded(match["id"], decided=settled in ("decided", "corrected", "agreed"))


async def _pass_on(tx: Transaction, play: Play, match: Row, *, now: datetime) -> None:
    """Games beyond the end of a match may be those of the pair's next one."""
    for other in await games.pass_on(play, match):
        await settle(tx, play, other, now=now)


async def _withdraw_refusals(report: Report) -> None:
    """What was refused before and counts now needs nobody's attention."""
    await Notice.delete().where(
        (Notice.source == report.source)
        & (Notice.external_id == report.external_id)
        & Notice.settled_at.is_null()
    )


async def _say_refused(
    tx: Transaction, tournament: Row, report: Report, refused: Refused, *, now: datetime
) -> None:
    if isinstance(report, LiveReport):
        # The game itself will be refused too, when it is over.
        return
    if refused.strangers and is_shared(tournament):
        return
    await Notice.delete().where(
        (Notice.source == report.source)
        & (Notice.external_id == report.external_id)
        & Notice.settled_at.is_null()
        & (Notice.text != refused.reason.text)
    )
    await results.notify(
        tournament["id"],
        refused.reason,
        source=report.source,
        external_id=report.external_id,
        match=refused.match,
        url=report.url,
        now=now,
    )
    await tx.later("tournament", now=now, tournament=tournament["id"])


async def refuse_claim(claim: int, reason: Message) -> None:
    """Tell the captains why the game they handed in does not count."""
    await Claim.update(
        {
            Claim.state: "refused",
            Claim.reason: reason.text,
            Claim.reason_params: msgspec.json.encode(reason.params).decode(),
        }
    ).where(Claim.id == claim)


async def take_claim(claim: int) -> None:
    """The game that a captain handed in counts."""
    await Claim.update({Claim.state: "taken"}).where(Claim.id == claim)
