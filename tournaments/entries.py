"""The places that somebody's clans have in tournaments, and what can be done about them."""

import msgspec

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from clans.access import clans_led_by, roles_of
from tournaments.tables import Entrant


class Entry(msgspec.Struct, frozen=True):
    """`door` says whether it can leave a running tournament."""

    entrant: int
    clan: int
    name: str
    door: bool


async def of_leader(viewer: Viewer | None, shown: Row) -> list[Entry]:
    """Of a tournament's page, as it was read for everybody, what the viewer speaks for."""
    if viewer is None or shown["t"]["state"] not in ("open", "closed", "running"):
        return []
    led = await clans_led_by(viewer)
    return [
        Entry(each.id, each.clan, each.name, shown["doors"].get(each.id) == "leave")
        for each in shown["entrants"]
        if each.clan in led
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
