"""Who may do what in a clan."""

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.errors import N_, Forbidden
from clans.tables import Member

ROLES = ("owner", "captain", "player", "substitute", "coach")
LEADERS = ("owner", "captain")


async def role_in(viewer: Viewer | None, clan: int) -> str | None:
    """The viewer's role in the clan, or None."""
    if viewer is None:
        return None
    row = await (
        Member.select(Member.role)
        .where((Member.clan == clan) & (Member.player == viewer.player) & Member.left_at.is_null())
        .first()
    )
    return str(row["role"]) if row else None


async def require_captain(viewer: Viewer, clan: int) -> str:
    """The viewer's role, or `Forbidden` unless it is captain or owner."""
    role = await role_in(viewer, clan)
    if role not in LEADERS:
        raise Forbidden(N_("Only the clan's captains may do this."))
    return str(role)


async def clans_led_by(viewer: Viewer) -> list[int]:
    rows = await Member.select(Member.clan).where(
        (Member.player == viewer.player) & one_of(Member.role, LEADERS) & Member.left_at.is_null()
    )
    return [row["clan"] for row in rows]
