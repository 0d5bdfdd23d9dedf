"""What captains do in a match: report the score, agree or disagree, hand in a game."""

from datetime import datetime
from typing import Literal

from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound
from tournaments import claims, results
from tournaments.evidence import reports_of
from tournaments.people.access import to_match
from tournaments.play import Play, open_play
from tournaments.series import is_final_score
from tournaments.settling import settle
from tournaments.tables import Match, Report, Tournament

Said = Literal["reported", "confirmed", "disputed", "agreed", "decided"]


async def report_score(
    tx: Transaction, viewer: Viewer, match_id: int, typed: tuple[str, str], *, now: datetime
) -> Said:
    """A captain's claim. `reported`: the other captain is asked; `confirmed`: both
    agree; `disputed`: somebody says otherwise; `agreed`: with the result there is
    already; `decided`: by a ruling, so that nothing is changed."""
    play, match, side = await _enter(tx, viewer, "match.report", match_id)
    if await _is_ruled(match_id):
        return "decided"
    score = checked_score(
        match["best_of"], typed, match["head_start"], draws=play.state.format.draws
    )
    return await _say(tx, play, match, side, score, viewer, now=now)


async def confirm_report(
    tx: Transaction, viewer: Viewer, match_id: int, report_id: int, *, now: datetime
) -> Said:
    """The other captain agrees with exactly this report."""
    play, match, side = await _enter(tx, viewer, "match.confirm", match_id)
    theirs = await _open_report(match, 1 - side)
    if theirs is None or theirs["id"] != report_id:
        raise Conflict(N_("The other captain has changed the report. Look at it again."))
    score = (theirs["score_a"], theirs["score_b"])
    return await _say(tx, play, match, side, score, viewer, now=now)


async def hand_in_game(
    tx: Transaction, viewer: Viewer, match_id: int, typed: str, *, now: datetime
) -> None:
    """Ask for a game of this match to be looked for at its provider."""
    play, match, side = await _enter(tx, viewer, "match.hand_in_game", match_id)
    game_id = await claims.hand_in(tx, viewer, play, match, side, typed, now=now)
    await Match.update({Match.flag: match["flag"] or "live"}).where(Match.id == match_id)
    await play.touch(now=now)
    await results.push(tx, play.tournament, [match_id], now=now)
    await _trace(tx, play, match, viewer, "match.game_handed_in", now=now, game=game_id)


async def _say(
    tx: Transaction,
    play: Play,
    match: Row,
    side: int,
    score: tuple[int, int],
    viewer: Viewer,
    *,
    now: datetime,
) -> Said:
    if await _is_ruled(match["id"]):
        return "decided"
    standing = await results.standing_result(match["id"])
    if await _has_said(match, side, score):
        return _so_it_is(match, standing)
    await _insert(match, side, score, viewer, now=now)
    await _trace(tx, play, match, viewer, "match.reported", now=now, score=score)
    await _tell(match, side, score, viewer, now=now)
    await settle(tx, play, match, now=now)
    now_is = await Match.select().where(Match.id == match["id"]).first()
    assert now_is is not None, "its stage is locked"
    return _so_it_is(now_is, standing)


def _so_it_is(match: Row, before: Row | None) -> Said:
    """What has come of a captain's word; `before` is the result that stood then."""
    if match["flag"] == "disputed":
        return "disputed"
    if before is not None:
        return "agreed"
    return "confirmed" if match["state"] == "decided" else "reported"


async def _is_ruled(match: int) -> bool:
    standing = await results.standing_result(match)
    return standing is not None and standing["authority"] == results.RULING


async def _has_said(match: Row, side: int, score: tuple[int, int]) -> bool:
    mine = await _open_report(match, side)
    return mine is not None and (mine["score_a"], mine["score_b"]) == score


async def _insert(
    match: Row, side: int, score: tuple[int, int], viewer: Viewer, *, now: datetime
) -> None:
    await Report.update({Report.state: "closed"}).where(
        (Report.match == match["id"]) & (Report.side == side) & (Report.state == "open")
    )
    await Report.insert(
        Report(
            match=match["id"],
            side=side,
            entrant_a=match["entrant_a"],
            entrant_b=match["entrant_b"],
            account=viewer.account,
            score_a=score[0],
            score_b=score[1],
            state="open",
            created_at=now,
        )
    )


def checked_score(
    best_of: int, typed: tuple[str, str], head_start: int = 0, *, draws: bool = False
) -> tuple[int, int]:
    """The score as numbers, or `Invalid` on field `score`."""
    if all(text.strip().isdecimal() and len(text) < 4 for text in typed):
        score = (int(typed[0]), int(typed[1]))
        if is_final_score(best_of, score, head_start, draws=draws):
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


async def _enter(
    tx: Transaction, viewer: Viewer, action: str, match_id: int
) -> tuple[Play, Row, int]:
    """Lock the stage, and find the match and the viewer's side of it."""
    known = await Match.select(Match.stage).where(Match.id == match_id).first()
    if known is None:
        raise NotFound
    play = await open_play(tx, known["stage"])
    match = await Match.select().where(Match.id == match_id).first()
    if match is None:
        raise NotFound
    row = await Tournament.select().where(Tournament.id == play.tournament).first()
    assert row is not None, "a stage belongs to a tournament"
    thing = await to_match(viewer, match, row)
    require(viewer, action, thing)
    assert thing.side is not None, "only captains of a side may"
    if row["state"] not in ("running", "finished"):
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    if match["state"] not in ("ready", "decided"):
        raise Conflict(N_("This match cannot be played yet."))
    if play.state.match(match["key"]).given:
        raise Conflict(N_("A clan has left, so this match is not played."))
    return play, match, thing.side


async def _open_report(match: Row, side: int) -> Row | None:
    return next((row for row in await reports_of(match) if row["side"] == side), None)


async def _tell(
    match: Row, side: int, score: tuple[int, int], viewer: Viewer, *, now: datetime
) -> None:
    theirs = await _open_report(match, 1 - side)
    if theirs and (theirs["score_a"], theirs["score_b"]) == score:
        message = Message(N_("Both captains agree: {a}:{b}."), a=score[0], b=score[1])
        await results.tell(match["id"], "captains", message, now=now)
        return
    message = Message(
        N_("{captain} reported {a}:{b}."), captain=viewer.nickname, a=score[0], b=score[1]
    )
    await results.tell(match["id"], "reported", message, now=now)


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
