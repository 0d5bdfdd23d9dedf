"""What a viewer is to a clan, and to its members' places in it."""

from app.accounts.permissions import LEADERS, NOTHING, Thing
from app.accounts.sessions import Viewer
from clans.tables import Member

# The owner's first: it is the one to be handed over.
ROLES = ("owner", "captain", "player", "substitute", "coach")


async def to_clan(viewer: Viewer | None, clan: int) -> Thing:
    role = (await roles_of(viewer)).get(clan) if viewer else None
    return Thing(own=True, role=role) if role else NOTHING


async def to_member(viewer: Viewer, clan: int, player: int) -> Thing:
    """To a player's place in the clan."""
    role = (await to_clan(viewer, clan)).role
    return Thing(own=player == viewer.player, role=role)


async def roles_of(viewer: Viewer) -> dict[int, str]:
    """The viewer's role in each of their clans."""
    rows = await Member.select(Member.clan, Member.role).where(
        (Member.player == viewer.player) & Member.left_at.is_null()
    )
    return {row["clan"]: row["role"] for row in rows}


async def clans_led_by(viewer: Viewer) -> list[int]:
    return [clan for clan, role in (await roles_of(viewer)).items() if role in LEADERS]
