"""What captains do in a match: report the score, agree or disagree, hand in a game."""

from datetime import datetime

import brackets
from app.accounts.sessions import Viewer
from app.kernel.db import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound, UserError
from tournaments import access, results
from tournaments.play import Play, open_play
from tournaments.series import is_final_score, winner_of
from tournaments.tables import Claim, Match, Report, Tournament

MOST_CLAIMS = 5


async def report_score(
    tx: Transaction, viewer: Viewer, match_id: int, typed: tuple[str, str], *, now: datetime
) -> str:
    """A captain's claim: `reported`, `confirmed` (both agree), `disputed`, `decided` before."""
    play, match, side = await _enter(tx, viewer, match_id)
    score = checked_score(match["best_of"], typed, match["head_start"])
    if match["state"] == "decided":
        return "decided"
    await Report.update({Report.state: "closed"}).where(
        (Report.match == match_id) & (Report.side == side) & (Report.state == "open")
    )
    theirs = await _open_report(match_id, 1 - side)
    await Report.insert(
        Report(
            match=match_id,
            side=side,
            account=viewer.account,
            score_a=score[0],
            score_b=score[1],
            state="open",
            created_at=now,
        )
    )
    await _trace(tx, play, match, viewer, "match.reported", now=now, score=score)
    if theirs is None:
        await _say_reported(match, viewer, score, now=now)
        await _flag(tx, play, match, "reported", now=now)
        return "reported"
    if (theirs["score_a"], theirs["score_b"]) == score:
        await _agree(tx, play, match, score, viewer, now=now)
        return "confirmed"
    await _open_dispute(tx, play, match, score, theirs, now=now)
    return "disputed"


async def confirm_report(
    tx: Transaction, viewer: Viewer, match_id: int, report_id: int, *, now: datetime
) -> str:
    """The other captain agrees with exactly this report."""
    play, match, side = await _enter(tx, viewer, match_id)
    if match["state"] == "decided":
        return "decided"
    theirs = await _open_report(match_id, 1 - side)
    if theirs is None or theirs["id"] != report_id:
        raise Conflict(N_("The other captain has changed the report. Look at it again."))
    await _agree(tx, play, match, (theirs["score_a"], theirs["score_b"]), viewer, now=now)
    return "confirmed"


async def hand_in_game(
    tx: Transaction, viewer: Viewer, match_id: int, game_id: str, *, now: datetime
) -> None:
    """Ask for a Dota 2 game, by its match id, to be looked for."""
    play, match, _ = await _enter(tx, viewer, match_id)
    game_id = game_id.strip()
    if not (game_id.isascii() and game_id.isdecimal() and 8 <= len(game_id) <= 19):
        raise Invalid({"game_id": Message(N_("A Dota 2 match id is a number like 7490235544."))})
    if match["state"] == "decided":
        raise Conflict(N_("This match is decided."))
    tournament = (
        await Tournament.select(Tournament.game).where(Tournament.id == play.tournament).first()
    )
    if tournament is None or tournament["game"] != "dota2":
        raise UserError(N_("Only Dota 2 games can be looked up by their id."))
    looking = await Claim.count().where((Claim.match == match_id) & (Claim.state == "looking"))
    if looking >= MOST_CLAIMS:
        # Each costs calls of a quota that all tournaments share.
        raise Invalid(
            {"game_id": Message(N_("Enough games are being looked for. Wait for these."))}
        )
    claim = await _claim(viewer, match_id, game_id, now=now)
    await tx.later("claim", now=now, claim=claim)
    await _flag(tx, play, match, match["flag"] or "live", now=now)
    await _trace(tx, play, match, viewer, "match.game_handed_in", now=now, game=game_id)


def checked_score(best_of: int, typed: tuple[str, str], head_start: int = 0) -> tuple[int, int]:
    """The score as numbers, or `Invalid` on field `score`."""
    if all(text.strip().isdecimal() and len(text) < 4 for text in typed):
        score = (int(typed[0]), int(typed[1]))
        if is_final_score(best_of, score, head_start):
            return score
    raise Invalid({"score": _wrong_score(best_of, head_start)})


def _wrong_score(best_of: int, head_start: int) -> Message:
    wins = best_of // 2 + 1
    if best_of % 2 == 0:
        return Message(
            N_("In a best of {best_of} one clan wins all games, or it is a draw."), best_of=best_of
        )
    if head_start:
        return Message(
            N_("The first clan begins at 1:0; the winner of this best of {best_of} has {wins}."),
            best_of=best_of,
            wins=wins,
        )
    return Message(
        N_("In a best of {best_of} the winner has {wins} and the loser fewer."),
        best_of=best_of,
        wins=wins,
    )


async def _enter(tx: Transaction, viewer: Viewer, match_id: int) -> tuple[Play, Row, int]:
    """Lock the stage, and find the match and the viewer's side of it."""
    known = await Match.select(Match.stage).where(Match.id == match_id).first()
    if known is None:
        raise NotFound
    play = await open_play(tx, known["stage"])
    match = await Match.select().where(Match.id == match_id).first()
    if match is None:
        raise NotFound
    side = await access.require_captain(viewer, match)
    await _require_running(play.tournament)
    if match["state"] not in ("ready", "decided"):
        raise Conflict(N_("This match cannot be played yet."))
    return play, match, side


async def _require_running(tournament: int) -> None:
    row = await Tournament.select(Tournament.state).where(Tournament.id == tournament).first()
    if row is None or row["state"] not in ("running", "finished"):
        raise Conflict(N_("The tournament has moved on since this page was shown."))


async def _open_report(match: int, side: int) -> Row | None:
    row: Row | None = await (
        Report.select()
        .where((Report.match == match) & (Report.side == side) & (Report.state == "open"))
        .first()
    )
    return row


async def _agree(
    tx: Transaction,
    play: Play,
    match: Row,
    score: tuple[int, int],
    viewer: Viewer,
    *,
    now: datetime,
) -> None:
    await Report.update({Report.state: "confirmed"}).where(
        (Report.match == match["id"]) & (Report.state == "open")
    )
    decision = results.Decision(
        brackets.Outcome(winner=winner_of(score), kind="played", score=score),
        authority="captains",
        source="captains",
        account=viewer.account,
    )
    message = Message(N_("Both captains agree: {a}:{b}."), a=score[0], b=score[1])
    await results.tell(match["id"], "captains", message, now=now)
    await results.decide(tx, play, match, decision, now=now)


async def _open_dispute(
    tx: Transaction, play: Play, match: Row, score: tuple[int, int], theirs: Row, *, now: datetime
) -> None:
    message = Message(
        N_("The captains report different scores: {a}:{b} and {c}:{d}."),
        a=theirs["score_a"],
        b=theirs["score_b"],
        c=score[0],
        d=score[1],
    )
    await results.tell(match["id"], "dispute", message, now=now)
    await results.notify(play.tournament, message, source="captains", match=match["id"], now=now)
    await _flag(tx, play, match, "disputed", now=now)


async def _say_reported(
    match: Row, viewer: Viewer, score: tuple[int, int], *, now: datetime
) -> None:
    message = Message(
        N_("{captain} reported {a}:{b}."), captain=viewer.nickname, a=score[0], b=score[1]
    )
    await results.tell(match["id"], "reported", message, now=now)


async def _flag(tx: Transaction, play: Play, match: Row, flag: str, *, now: datetime) -> None:
    await Match.update({Match.flag: flag}).where(Match.id == match["id"])
    await play.touch(now=now)
    await results.push(tx, play.tournament, [match["id"]], now=now)


async def _claim(viewer: Viewer, match: int, game_id: str, *, now: datetime) -> int:
    await Claim.insert(
        Claim(
            match=match,
            provider="opendota",
            external_id=game_id,
            account=viewer.account,
            state="looking",
            created_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    row = await (
        Claim.select(Claim.id)
        .where((Claim.match == match) & (Claim.external_id == game_id))
        .first()
    )
    if row is None:
        raise NotFound
    await Claim.update({Claim.state: "looking", Claim.reason: None}).where(
        (Claim.id == row["id"]) & (Claim.state != "taken")
    )
    return int(row["id"])


async def _trace(
    tx: Transaction,
    play: Play,
    match: Row,
    viewer: Viewer,
    action: str,
    *,
    now: datetime,
    **data: object,
) -> None:
    await tx.audit(
        action,
        f"match:{match['id']}",
        actor=viewer.account,
        now=now,
        tournament=play.tournament,
        **data,
    )
