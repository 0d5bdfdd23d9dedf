"""Joining by invite, roles, and leaving."""

from datetime import datetime, timedelta

from app.accounts.permissions import may, require
from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, NotFound, UserError
from app.kernel.http.tokens import hash_of, new_token
from clans.access import ROLES, to_clan, to_member
from clans.tables import Clan, Invite, Member, Roster, RosterPlayer

INVITE_LASTS = timedelta(days=7)
INVITE_USES = 10


async def invite(tx: Transaction, viewer: Viewer, clan: int, *, now: datetime) -> str:
    """A fresh invite link's token, which is nowhere else; the clan's earlier links stop working."""
    await tx.lock(Clan, clan)
    require(viewer, "clan.invite", await to_clan(viewer, clan))
    await Invite.delete().where(Invite.clan == clan)
    token = new_token(12)
    await Invite.insert(
        Invite(
            clan=clan,
            token_hash=hash_of(token),
            created_by=viewer.player,
            created_at=now,
            expires_at=now + INVITE_LASTS,
            uses_left=INVITE_USES,
        )
    )
    await tx.audit("clan.invited", f"clan:{clan}", actor=viewer.account, now=now)
    return token


async def find_invite(token: str, *, now: datetime) -> Row:
    """The invite and its clan, or `NotFound` when it is over."""
    row: Row | None = await (
        Invite.select(
            Invite.id,
            Invite.clan.id.as_alias("clan"),
            Invite.clan.name.as_alias("name"),
            Invite.clan.slug.as_alias("slug"),
        )
        .where(
            (Invite.token_hash == hash_of(token))
            & (Invite.expires_at > now)
            & (Invite.uses_left > 0)
        )
        .first()
    )
    if row is None:
        raise NotFound(N_("This invite no longer works. Ask the captain for a new link."))
    return row


async def join(tx: Transaction, viewer: Viewer, token: str, *, now: datetime) -> Row:
    """Become a player of the clan that the invite is for. Joining twice changes nothing."""
    require(viewer, "clan.join")
    found = await find_invite(token, now=now)
    spent = await (
        Invite.update({Invite.uses_left: Invite.uses_left - 1})
        .where((Invite.id == found["id"]) & (Invite.uses_left > 0))
        .returning(Invite.id)
    )
    if not spent:
        raise NotFound(N_("This invite no longer works. Ask the captain for a new link."))
    joined = await (
        Member.insert(
            Member(clan=found["clan"], player=viewer.player, role="player", joined_at=now)
        )
        .on_conflict(action="DO NOTHING")
        .returning(Member.id)
    )
    if joined:
        await tx.audit("clan.joined", f"clan:{found['clan']}", actor=viewer.account, now=now)
    else:
        await Invite.update({Invite.uses_left: Invite.uses_left + 1}).where(
            Invite.id == found["id"]
        )
    return found


async def change_role(
    tx: Transaction, viewer: Viewer, clan: int, player: int, role: str, *, now: datetime
) -> None:
    """Give a member another role. Handing over `owner` makes the old owner captain."""
    # Two hand-overs at once would leave two owners, or none.
    await tx.lock(Clan, clan)
    thing = await to_clan(viewer, clan)
    require(viewer, "clan.give_role", thing)
    member = await _member(clan, player)
    if role not in ROLES:
        raise UserError(N_("There is no such role."))
    if "owner" in (role, member["role"]):
        require(viewer, "clan.hand_over", thing)
    if member["role"] == "owner" and role != "owner":
        raise UserError(N_("A clan needs an owner. Make somebody else the owner first."))
    if role == "owner":
        await _set_role(clan, viewer.player, "captain")
    await _set_role(clan, player, role)
    await tx.audit(
        "clan.role_changed",
        f"clan:{clan}",
        actor=viewer.account,
        now=now,
        player=player,
        role=role,
    )


async def remove_member(
    tx: Transaction, viewer: Viewer, clan: int, player: int, *, now: datetime
) -> None:
    """Leave (oneself) or remove a member; they also leave the clan's rosters.

    Whoever was removed may still hold the invite link, so it is turned off.
    """
    await tx.lock(Clan, clan)
    thing = await to_member(viewer, clan, player)
    leaves = may(viewer, "clan.leave", thing)
    if not leaves:
        require(viewer, "clan.remove_member", thing)
    member = await _member(clan, player)
    if member["role"] == "owner":
        raise UserError(N_("A clan needs an owner. Make somebody else the owner first."))
    if not leaves:
        await Invite.delete().where(Invite.clan == clan)
    await Member.update({Member.left_at: now}).where(Member.id == member["id"])
    rosters = await Roster.select(Roster.id).where(Roster.clan == clan)
    if rosters:
        await RosterPlayer.delete().where(
            one_of(RosterPlayer.roster, [row["id"] for row in rosters])
            & (RosterPlayer.player == player)
        )
    await tx.audit("clan.left", f"clan:{clan}", actor=viewer.account, now=now, player=player)


async def _member(clan: int, player: int) -> Row:
    row: Row | None = await (
        Member.select(Member.id, Member.role)
        .where((Member.clan == clan) & (Member.player == player) & Member.left_at.is_null())
        .first()
    )
    if row is None:
        raise NotFound(N_("This player is not in the clan."))
    return row


async def _set_role(clan: int, player: int, role: str) -> None:
    await Member.update({Member.role: role}).where(
        (Member.clan == clan) & (Member.player == player) & Member.left_at.is_null()
    )


async def clan_by_slug(slug: str) -> Row:
    """The clan's row, or `NotFound`."""
    row: Row | None = await Clan.select().where(Clan.slug == slug).first()
    if row is None:
        raise NotFound(N_("There is no clan at this address."))
    return row
