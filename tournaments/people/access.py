"""What a viewer is to a tournament, to its entrants and to its matches."""

from app.accounts.permissions import NOTHING, Thing, require
from app.accounts.sessions import Viewer, again
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from clans.access import clans_led_by, to_clan
from tournaments.tables import Entrant


def to_tournament(viewer: Viewer | None, tournament: Row) -> Thing:
    """By what was read with this request: for pages."""
    return Thing(organiser=viewer is not None and viewer.account == tournament["organiser"])


async def to_tournament_now(viewer: Viewer | None, tournament: Row) -> Thing:
    """Whether they organise it, and still may organise here: for commands."""
    thing = to_tournament(viewer, tournament)
    if viewer is None or not thing.organiser:
        return NOTHING
    return Thing(organiser=(await again(viewer)).is_organiser)


def require_published(viewer: Viewer | None, tournament: Row) -> None:
    """`NotFound` for a draft of somebody else's."""
    if tournament["state"] == "draft":
        require(viewer, "draft.see", to_tournament(viewer, tournament))


async def to_entrant(viewer: Viewer | None, tournament: Row, clan: int) -> Thing:
    """To this clan's place in the tournament."""
    organiser = (await to_tournament_now(viewer, tournament)).organiser
    return Thing(role=(await to_clan(viewer, clan)).role, organiser=organiser)


async def to_match(viewer: Viewer | None, match: Row, tournament: Row) -> Thing:
    organiser = (await to_tournament_now(viewer, tournament)).organiser
    return Thing(side=await side_of(viewer, match), organiser=organiser)


async def side_of(viewer: Viewer | None, match: Row) -> int | None:
    """Which side (0 or 1) of the match the viewer is a captain of, or None.

    Who leads both clans speaks for the first.
    """
    sides = [match["entrant_a"], match["entrant_b"]]
    known = [entrant for entrant in sides if entrant is not None]
    led = await clans_led_by(viewer) if viewer and known else []
    if not led:
        return None
    rows = await Entrant.select(Entrant.id).where(
        one_of(Entrant.id, known) & one_of(Entrant.clan, led)
    )
    return min((sides.index(row["id"]) for row in rows), default=None)
