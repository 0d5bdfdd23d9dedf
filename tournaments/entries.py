"""The places that somebody's clans have in tournaments, and what can be done about them."""

import msgspec

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from clans.access import clans_led_by, roles_of
from tournaments.departures import doors
from tournaments.tables import Entrant


class Entry(msgspec.Struct, frozen=True):
    """`door` says whether it can leave a running tournament."""

    entrant: int
    clan: int
    name: str
    door: bool


async def of_leader(viewer: Viewer | None, tournament: Row) -> list[Entry]:
    """The entrants that the viewer speaks for in this tournament."""
    led = await clans_led_by(viewer) if viewer else []
    if not led or tournament["state"] not in ("open", "closed", "running"):
        return []
    rows = await (
        Entrant.select(Entrant.id, Entrant.clan, Entrant.name)
        .where((Entrant.tournament == tournament["id"]) & one_of(Entrant.clan, led))
        .order_by(Entrant.id)
    )
    open_ = await doors(tournament) if rows else {}
    return [
        Entry(row["id"], row["clan"], row["name"], open_.get(row["id"]) == "leave") for row in rows
    ]


async def of_member(viewer: Viewer) -> list[Row]:
    """The tournaments that the viewer's clans have entered and that are not over."""
    rows: list[Row] = await (
        Entrant.select(
            Entrant.name.as_alias("clan"),
            Entrant.tournament.name.as_alias("name"),
            Entrant.tournament.slug.as_alias("slug"),
            Entrant.tournament.state.as_alias("state"),
            Entrant.tournament.starts_at.as_alias("starts_at"),
            Entrant.tournament.timezone.as_alias("timezone"),
        )
        .where(
            one_of(Entrant.clan, await roles_of(viewer))
            & one_of(Entrant.tournament.state, ["open", "closed", "running"])
        )
        .order_by(Entrant.tournament.starts_at)
    )
    return rows
