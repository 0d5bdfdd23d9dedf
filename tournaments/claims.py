"""A captain hands in a game by the provider's id: "this was our game, please look"."""

from datetime import datetime, timedelta
from math import ceil

from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound, TooOften, UserError
from app.kernel.http.ratelimit import TOO_OFTEN
from tournaments.play import Play
from tournaments.sources import Claiming, claimable
from tournaments.tables import Claim, Tournament

# Of one side of a match, and within what time; refused ones too.
MOST_CLAIMS, WITHIN = 5, timedelta(hours=1)
# A public game is there by then; what is not is probably not public.
LATE = timedelta(minutes=30)


async def hand_in(
    tx: Transaction, viewer: Viewer, play: Play, match: Row, side: int, typed: str, *, now: datetime
) -> str:
    """Ask for the game to be looked for; its id as understood."""
    row = await Tournament.select(Tournament.game).where(Tournament.id == play.tournament).first()
    source = claimable(row["game"]) if row else None
    if source is None or source.claiming is None:
        raise UserError(N_("Games cannot be looked up here. Report the score instead."))
    game_id = _checked(source.claiming, typed)
    if match["state"] == "decided":
        raise Conflict(N_("This match is decided."))
    entrant = match["entrant_b" if side else "entrant_a"]
    await _not_too_often(match["id"], entrant, now=now)
    claim = await _claim(viewer, match["id"], entrant, source.name, game_id, now=now)
    await tx.later("claim", now=now, claim=claim)
    return game_id


async def _not_too_often(match: int, entrant: int, *, now: datetime) -> None:
    """Each costs calls of a quota that all tournaments share. Counted by side: what one
    captain invents must not take the other's turn."""
    latest: list[Row] = await (
        Claim.select(Claim.created_at)
        .where(
            (Claim.match == match) & (Claim.entrant == entrant) & (Claim.created_at > now - WITHIN)
        )
        .order_by(Claim.created_at, ascending=False)
        .limit(MOST_CLAIMS)
    )
    if len(latest) == MOST_CLAIMS:
        wait = latest[-1]["created_at"] + WITHIN - now
        minutes = ceil(wait / timedelta(minutes=1))
        raise TooOften({"game_id": Message(TOO_OFTEN, minutes=minutes)})


def _checked(claiming: Claiming, typed: str) -> str:
    if (found := claiming.parse(typed.strip())) is None:
        raise Invalid({"game_id": Message(claiming.wrong)})
    return found


async def _claim(
    viewer: Viewer, match: int, entrant: int, provider: str, game_id: str, *, now: datetime
) -> int:
    await Claim.insert(
        Claim(
            match=match,
            provider=provider,
            external_id=game_id,
            account=viewer.account,
            entrant=entrant,
            state="looking",
            created_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    row = await (
        Claim.select(Claim.id)
        .where(
            (Claim.match == match) & (Claim.provider == provider) & (Claim.external_id == game_id)
        )
        .first()
    )
    if row is None:
        raise NotFound
    await Claim.update({Claim.state: "looking", Claim.reason: None, Claim.created_at: now}).where(
        (Claim.id == row["id"]) & (Claim.state != "taken")
    )
    return int(row["id"])


async def still_looking(claim: int, *, now: datetime) -> bool:
    """The provider does not have it yet; whether it has just become late."""
    row = await Claim.select(Claim.state, Claim.created_at).where(Claim.id == claim).first()
    if row is None or row["state"] != "looking" or now - row["created_at"] < LATE:
        return False
    await Claim.update({Claim.state: "late"}).where(Claim.id == claim)
    return True
