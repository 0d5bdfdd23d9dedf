"""A provider's game becomes part of a match, or is refused with a reason.

One transaction does it all: lock the stage, attach the sides, insert the game
(once for ever), fold the series, and, when the series is decided, the result.
"""

from datetime import datetime, timedelta

import msgspec

import brackets
from app.kernel.db import Row, Transaction
from app.kernel.errors import N_, Message
from tournaments import results
from tournaments.attaching import candidates, match_between
from tournaments.matching import Attached, attach
from tournaments.play import Play, open_play
from tournaments.reports import PROVIDERS, GameReport
from tournaments.series import Played, Side, fold_series
from tournaments.tables import (
    Claim,
    Game,
    Match,
    Notice,
    Stage,
    Tournament,
)

# Results arrive minutes late, so clans may rightly have begun before we knew.
EARLY = timedelta(minutes=30)
SHORTEST = timedelta(minutes=6)
FULL_LOBBY = 10


class Recorded(msgspec.Struct, frozen=True):
    """The game counts. `match` is its row, `decided` whether it ended the series."""

    match: int
    decided: bool


class AlreadyRecorded(msgspec.Struct, frozen=True):
    """The game was here before; nothing changed."""

    match: int


class Refused(msgspec.Struct, frozen=True):
    """The game does not count, for a reason shown to the organiser.

    `early`: its match may become playable when an earlier result arrives.
    """

    reason: Message
    match: int | None = None
    early: bool = False


Outcome = Recorded | AlreadyRecorded | Refused


async def record_game(
    tx: Transaction, tournament: int, report: GameReport, *, now: datetime, claim: int | None = None
) -> Outcome:
    """Take one game of a tournament; with `claim`, one that a captain handed in."""
    stage = await Stage.select(Stage.id).where(Stage.tournament == tournament).first()
    if stage is None:
        return Refused(Message(N_("The tournament has not started.")))
    play = await open_play(tx, stage["id"])
    outcome = await _take(tx, play, report, claim, now=now)
    if isinstance(outcome, Refused):
        await _say_refused(tx, play, report, outcome, claim, now=now)
        return outcome
    await _settle_notices(report, now=now)
    if claim is not None:
        await Claim.update({Claim.state: "taken"}).where(Claim.id == claim)
    return outcome


async def _settle_notices(report: GameReport, *, now: datetime) -> None:
    """What was refused before and counts now needs nobody's attention."""
    await Notice.update({Notice.settled_at: now}).where(
        (Notice.source == report.source)
        & (Notice.external_id == report.external_id)
        & Notice.settled_at.is_null()
    )


async def _take(
    tx: Transaction, play: Play, report: GameReport, claim: int | None, *, now: datetime
) -> Outcome:
    known = (
        await Game.select(Game.match)
        .where((Game.source == report.source) & (Game.external_id == report.external_id))
        .first()
    )
    if known:
        return AlreadyRecorded(known["match"])
    row = await Tournament.select().where(Tournament.id == play.tournament).first()
    assert row is not None, "a stage has a tournament"
    if reason := _unfit(report, row):
        return Refused(reason)
    attached = attach(report, await candidates(play.tournament, report))
    if attached is None:
        return Refused(
            Message(N_("Fewer than three players of each side belong to clans of this tournament."))
        )
    match = await match_between(play, attached, claim)
    if match is None:
        return Refused(
            Message(N_("These two clans have no match to play against each other now.")),
            early=True,
        )
    if reason := _mistimed(report, match):
        return Refused(reason, match["id"])
    return await _count(tx, play, match, report, attached, now=now)


def _unfit(report: GameReport, tournament: Row) -> Message | None:
    """Why this game can belong to no match of the tournament, or None."""
    if report.game != tournament["game"]:
        return Message(N_("The game is not the one this tournament plays."))
    if report.winner is None:
        return Message(N_("The game has no winner."))
    if tournament["league_id"] and report.league_id != tournament["league_id"]:
        return Message(N_("The game was not played in the league of this tournament."))
    if not report.organised:
        return Message(
            N_("The lobby or its mode is not one for tournament play ({mode})."), mode=report.mode
        )
    if report.humans < FULL_LOBBY:
        return Message(N_("Only {count} of 10 players were people."), count=report.humans)
    if timedelta(seconds=report.duration) < SHORTEST:
        return Message(
            N_("The game lasted {seconds} seconds, which is too short to count by itself."),
            seconds=report.duration,
        )
    return None


def _mistimed(report: GameReport, match: Row) -> Message | None:
    if match["ready_at"] is not None and report.started_at < match["ready_at"] - EARLY:
        return Message(N_("The game began before its match could be played."))
    return None


async def _count(
    tx: Transaction,
    play: Play,
    match: Row,
    report: GameReport,
    attached: Attached,
    *,
    now: datetime,
) -> Outcome:
    earlier = await Game.select(Game.started_at, Game.winner).where(Game.match == match["id"])
    played = [Played(game["started_at"], game["winner"]) for game in earlier]
    this = Played(report.started_at, _winner(match, report, attached))
    series = fold_series(match["best_of"], [*played, this], match["head_start"])
    if series.over and sorted([*played, this]).index(this) >= series.counted:
        return Refused(Message(N_("The match was over before this game.")), match["id"])
    if not await _insert(match, report, attached, now=now):
        return AlreadyRecorded(match["id"])
    await _tell(match, report, attached, now=now)
    if not series.over:
        await _show_progress(tx, play, match, series.score, now=now)
        return Recorded(match["id"], decided=False)
    decision = results.Decision(
        brackets.Outcome(winner=series.winner, kind="played", score=series.score),
        authority="games",
        source=report.source,
    )
    await results.decide(tx, play, match, decision, now=now)
    return Recorded(match["id"], decided=True)


def _winner(match: Row, report: GameReport, attached: Attached) -> Side:
    """The match's side that won the game."""
    assert report.winner is not None, "checked by _unfit"
    return 0 if attached.entrants[report.winner] == match["entrant_a"] else 1


async def _insert(match: Row, report: GameReport, attached: Attached, *, now: datetime) -> bool:
    flipped = attached.entrants[0] != match["entrant_a"]
    scores = [side.score for side in report.sides]
    if flipped:
        scores.reverse()
    rows = await (
        Game.insert(
            Game(
                match=match["id"],
                source=report.source,
                external_id=report.external_id,
                winner=_winner(match, report, attached),
                score_a=scores[0],
                score_b=scores[1],
                started_at=report.started_at,
                duration=report.duration,
                matched_by=attached.by,
                matched=attached.matched,
                of_players=attached.of_players,
                url=report.url,
                recorded_at=now,
            )
        )
        .on_conflict(action="DO NOTHING")
        .returning(Game.id)
    )
    return bool(rows)


async def _show_progress(
    tx: Transaction, play: Play, match: Row, score: tuple[int, int], *, now: datetime
) -> None:
    """A series under way: show its score, unless it was decided by other means."""
    if match["state"] == "ready":
        flag = match["flag"] if match["flag"] in ("reported", "disputed") else "live"
        await Match.update(
            {Match.score_a: score[0], Match.score_b: score[1], Match.flag: flag}
        ).where(Match.id == match["id"])
    await play.touch(now=now)
    await results.push(tx, play.tournament, [match["id"]], now=now)


async def _tell(match: Row, report: GameReport, attached: Attached, *, now: datetime) -> None:
    message = Message(
        N_("{provider} knows game {game}: {matched} of {players} players matched, {minutes} min."),
        provider=PROVIDERS.get(report.source, report.source),
        game=report.external_id,
        matched=attached.matched,
        players=attached.of_players,
        minutes=round(report.duration / 60),
    )
    await results.tell(match["id"], "provider", message, now=now, url=report.url)


async def _say_refused(
    tx: Transaction,
    play: Play,
    report: GameReport,
    refused: Refused,
    claim: int | None,
    *,
    now: datetime,
) -> None:
    await _settle_notices(report, now=now)
    await results.notify(
        play.tournament,
        refused.reason,
        source=report.source,
        external_id=report.external_id,
        match=refused.match,
        url=report.url,
        now=now,
    )
    if claim is not None:
        await refuse_claim(claim, refused.reason)
    await tx.later("tournament", now=now, tournament=play.tournament)


async def refuse_claim(claim: int, reason: Message) -> None:
    """Tell the captains why the game they handed in does not count."""
    await Claim.update(
        {
            Claim.state: "refused",
            Claim.reason: reason.text,
            Claim.reason_params: msgspec.json.encode(reason.params).decode(),
        }
    ).where(Claim.id == claim)
