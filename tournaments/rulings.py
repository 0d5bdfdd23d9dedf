"""The organiser's word on a match: a score, a walkover, or nobody at all."""

from datetime import datetime

import msgspec

import brackets
from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound
from app.kernel.text.names import clean, wrong_text
from tournaments import results
from tournaments.captains import checked_score
from tournaments.people.access import to_tournament_now
from tournaments.play import Play, open_play, outcome_of
from tournaments.ruled_out import KIND
from tournaments.series import winner_of
from tournaments.tables import Match, Notice, Tournament

KINDS = ("score", "walkover_a", "walkover_b", "double_forfeit", "reopen")
LONGEST_REASON = 200


class Ruling(msgspec.Struct, frozen=True):
    """The form, as typed. `seen` lists the later matches the organiser was shown
    to fall with the old result; empty when none was."""

    kind: str
    score: tuple[str, str]
    reason: str
    seen: str

    def outcome(
        self, best_of: int, head_start: int = 0, *, draws: bool = False
    ) -> brackets.Outcome | None:
        """What it makes of the match (None: it is open again), or `Invalid`."""
        if self.kind not in KINDS:
            raise Invalid({"kind": Message(N_("Choose what happened."))})
        if not clean(self.reason):
            raise Invalid({"reason": Message(N_("Give a reason; everybody can read it."))})
        if wrong := wrong_text(self.reason, longest=LONGEST_REASON):
            raise Invalid({"reason": wrong})
        if self.kind == "reopen":
            return None
        if self.kind == "double_forfeit":
            return brackets.Outcome(winner=None, kind="double_forfeit", score=None)
        if self.kind == "score":
            score = checked_score(best_of, self.score, head_start, draws=draws)
            return brackets.Outcome(winner=winner_of(score), kind="played", score=score)
        return brackets.Outcome(
            winner=0 if self.kind == "walkover_a" else 1, kind="walkover", score=None
        )


class NeedsConsent(Conflict):
    """The ruling would undo later results; `keys` must be seen and agreed to first."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(N_("Later results fall with this ruling. Look at them first."))

    @property
    def token(self) -> str:
        return ",".join(self.keys)


async def rule(
    tx: Transaction, viewer: Viewer, match_id: int, ruling: Ruling, *, now: datetime
) -> None:
    """Decide a match by the organiser's word. Raises `NeedsConsent` first when
    later results would fall, until `ruling.seen` names exactly these. The very ruling
    that stands already, a second click, changes nothing."""
    play, match = await _enter(tx, viewer, match_id)
    outcome = ruling.outcome(match["best_of"], match["head_start"], draws=play.state.format.draws)
    falling = _falling(play, match, outcome)
    if falling and ruling.seen != ",".join(falling):
        raise NeedsConsent(falling)
    reason = clean(ruling.reason)
    if outcome is None:
        await _tell(match_id, reason, now=now)
        await results.take_back(tx, play, match, actor=viewer.account, reason=reason, now=now)
        await results.push(tx, play.tournament, await play.save(now=now), now=now)
        return
    decision = results.Decision(
        outcome, authority=results.RULING, source="referee", account=viewer.account, reason=reason
    )
    if not await _stands_by(match_id, decision):
        await _tell(match_id, reason, now=now)
        await results.overrule(tx, play, match, decision, now=now)


async def _tell(match: int, reason: str, *, now: datetime) -> None:
    message = Message(N_("The organiser ruled: {reason}"), reason=reason)
    await results.tell(match, KIND, message, now=now)


async def _stands_by(match: int, decision: results.Decision) -> bool:
    """Whether the result that counts now rests on this very word already."""
    standing = await results.standing_result(match)
    return (
        standing is not None
        and standing["authority"] == decision.authority
        and standing["account"] == decision.account
        and standing["reason"] == decision.reason
        and outcome_of(standing) == decision.outcome
    )


def _falling(play: Play, match: Row, outcome: brackets.Outcome | None) -> list[str]:
    """The later results that fall when this outcome replaces the one there is."""
    view = play.state.match(match["key"])
    if view.given:
        raise Conflict(N_("A clan has left; let it back in to change this match."))
    if view.outcome is None:
        if outcome is None:
            raise Invalid({"kind": Message(N_("There is no result to take back."))})
        return []
    return brackets.rebuild(play.state, outcomes={match["key"]: outcome}).fallen


async def _enter(tx: Transaction, viewer: Viewer, match_id: int) -> tuple[Play, Row]:
    known = await Match.select(Match.stage).where(Match.id == match_id).first()
    if known is None:
        raise NotFound
    play = await open_play(tx, known["stage"])
    row = await Tournament.select().where(Tournament.id == play.tournament).first()
    match = await Match.select().where(Match.id == match_id).first()
    if row is None or match is None:
        raise NotFound
    require(viewer, "match.rule", await to_tournament_now(viewer, row))
    if row["state"] not in ("running", "finished"):
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    if match["state"] not in ("ready", "decided"):
        raise Conflict(N_("This match cannot be decided yet."))
    return play, match


async def settle_notice(tx: Transaction, viewer: Viewer, notice_id: int, *, now: datetime) -> str:
    """The organiser has seen it; it leaves the list. The tournament's slug.

    Seen once more, it changes nothing."""
    notice = await tx.lock(Notice, notice_id)
    if notice is None:
        raise NotFound
    row = await Tournament.select().where(Tournament.id == notice["tournament"]).first()
    if row is None:
        raise NotFound
    require(viewer, "notice.settle", await to_tournament_now(viewer, row))
    if notice["settled_at"] is not None:
        return str(row["slug"])
    await Notice.update({Notice.settled_at: now}).where(Notice.id == notice_id)
    await tx.audit(
        "notice.settled",
        f"notice:{notice_id}",
        actor=viewer.account,
        now=now,
        tournament=row["id"],
    )
    return str(row["slug"])
