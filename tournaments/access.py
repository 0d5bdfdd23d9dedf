"""Who may do what in a tournament."""

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Forbidden, NotFound
from clans.access import clans_led_by
from tournaments.tables import Entrant


def is_organiser(viewer: Viewer | None, tournament: Row) -> bool:
    return viewer is not None and viewer.account == tournament["organiser"]


def require_organiser(viewer: Viewer, tournament: Row) -> None:
    if not is_organiser(viewer, tournament):
        raise Forbidden(N_("Only the organiser of this tournament may do this."))


def require_published(viewer: Viewer | None, tournament: Row) -> None:
    """`NotFound` for a draft of somebody else's."""
    if tournament["state"] == "draft" and not is_organiser(viewer, tournament):
        raise NotFound


async def side_of(viewer: Viewer | None, match: Row) -> int | None:
    """Which side (0 or 1) of the match the viewer is a captain of, or None."""
    if viewer is None:
        return None
    led = await clans_led_by(viewer)
    entrants = [match["entrant_a"], match["entrant_b"]]
    known = [entrant for entrant in entrants if entrant is not None]
    if not led or not known:
        return None
    rows = await Entrant.select(Entrant.id).where(
        one_of(Entrant.id, known) & one_of(Entrant.clan, led)
    )
    return entrants.index(rows[0]["id"]) if rows else None


async def require_captain(viewer: Viewer, match: Row) -> int:
    """The viewer's side of the match, or `Forbidden`."""
    side = await side_of(viewer, match)
    if side is None:
        raise Forbidden(N_("Only the captains of this match may do this."))
    return side
