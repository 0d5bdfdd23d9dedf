"""What clan pages show."""

from datetime import datetime

import msgspec

from app.accounts.sessions import Viewer
from app.accounts.tables import Account
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.text.names import clean, skeleton
from clans.games import GAMES
from clans.tables import Clan, Invite, Member, Roster, RosterPlayer

PAGE = 48


class ClanCard(msgspec.Struct, frozen=True):
    id: int
    name: str
    tag: str
    slug: str
    game: str
    members: int


class MemberLine(msgspec.Struct, frozen=True):
    player: int
    nickname: str
    role: str
    joined_at: datetime
    avatar: str | None


class RosterLine(msgspec.Struct, frozen=True):
    """`has_steam_id` is all that strangers learn of a Steam id."""

    player: int
    nickname: str
    role: str
    has_steam_id: bool
    avatar: str | None


class RosterView(msgspec.Struct, frozen=True):
    game: str
    game_name: str
    players: list[RosterLine]


class ClanPage(msgspec.Struct, frozen=True):
    id: int
    name: str
    tag: str
    slug: str
    game: str
    languages: list[str]
    about: str
    founded_at: datetime
    members: list[MemberLine]
    rosters: list[RosterView]


class RosterChoice(msgspec.Struct, frozen=True):
    """One member in the captain's roster form.

    `vouched` is the id that Steam says is this player's, or nothing.
    """

    player: int
    nickname: str
    on: bool
    steam_id: str
    avatar: str | None
    vouched: str = ""


async def list_clans(*, search: str = "", page: int = 1) -> tuple[list[ClanCard], bool]:
    """Clans by name, and whether there are more pages. The search is fold- and look-alike-blind."""
    query = Clan.select(Clan.id, Clan.name, Clan.tag, Clan.slug, Clan.game).order_by(Clan.name_key)
    if wanted := skeleton(clean(search)):
        query = query.where(Clan.name_key.like(f"%{wanted}%") | (Clan.tag_key == wanted))
    rows = await query.limit(PAGE + 1).offset((page - 1) * PAGE)
    shown = rows[:PAGE]
    counts = await _member_counts([row["id"] for row in shown])
    cards = [ClanCard(**row, members=counts.get(row["id"], 0)) for row in shown]
    return cards, len(rows) > PAGE


async def _member_counts(clans: list[int]) -> dict[int, int]:
    if not clans:
        return {}
    rows = await Member.select(Member.clan).where(
        one_of(Member.clan, clans) & Member.left_at.is_null()
    )
    counts: dict[int, int] = {}
    for row in rows:
        counts[row["clan"]] = counts.get(row["clan"], 0) + 1
    return counts


async def clan_page(clan: Row) -> ClanPage:
    members = await members_of(clan["id"])
    roles = {member.player: member.role for member in members}
    return ClanPage(
        id=clan["id"],
        name=clan["name"],
        tag=clan["tag"],
        slug=clan["slug"],
        game=clan["game"],
        languages=clan["languages"].split(","),
        about=clan["about"],
        founded_at=clan["founded_at"],
        members=members,
        rosters=await _rosters(clan["id"], roles),
    )


async def members_of(clan: int) -> list[MemberLine]:
    """Current members: owner first, then by when they joined."""
    rows = await (
        Member.select(
            Member.player.id.as_alias("player"),
            Member.player.nickname.as_alias("nickname"),
            Member.role,
            Member.joined_at,
            Member.player.avatar.as_alias("avatar"),
        )
        .where((Member.clan == clan) & Member.left_at.is_null())
        .order_by(Member.joined_at)
    )
    return sorted((MemberLine(**row) for row in rows), key=lambda line: line.role != "owner")


async def _rosters(clan: int, roles: dict[int, str]) -> list[RosterView]:
    rows = await RosterPlayer.select(
        RosterPlayer.player.id.as_alias("player"),
        RosterPlayer.player.nickname.as_alias("nickname"),
        RosterPlayer.player.avatar.as_alias("avatar"),
        RosterPlayer.steam_id,
        RosterPlayer.roster.game.as_alias("game"),
    ).where(RosterPlayer.roster.clan == clan)
    views = []
    for game, rules in GAMES.items():
        lines = [
            RosterLine(
                row["player"],
                row["nickname"],
                roles.get(row["player"], ""),
                bool(row["steam_id"]),
                row["avatar"],
            )
            for row in rows
            if row["game"] == game
        ]
        if lines:
            views.append(RosterView(game, rules.name, lines))
    return views


async def roster_choices(clan: int, game: str) -> list[RosterChoice]:
    """Every member, with the Steam id of the roster, else Steam's; for captains only."""
    roster = (
        await Roster.select(Roster.id).where((Roster.clan == clan) & (Roster.game == game)).first()
    )
    known = {}
    if roster:
        rows = await RosterPlayer.select(RosterPlayer.player, RosterPlayer.steam_id).where(
            RosterPlayer.roster == roster["id"]
        )
        known = {row["player"]: row["steam_id"] for row in rows}
    members = await members_of(clan)
    vouched = await _vouched([line.player for line in members])
    return [
        RosterChoice(
            line.player,
            line.nickname,
            line.player in known,
            known.get(line.player) or vouched.get(line.player, ""),
            line.avatar,
            vouched.get(line.player, ""),
        )
        for line in members
    ]


async def _vouched(players: list[int]) -> dict[int, str]:
    if not players:
        return {}
    rows = await Account.select(Account.player, Account.steam_id).where(
        one_of(Account.player, players) & Account.steam_id.is_not_null()
    )
    return {row["player"]: row["steam_id"] for row in rows}


async def standing_invite(clan: int, *, now: datetime) -> Row | None:
    """The clan's working invite, for its captains: who made it, when, and what is left of it."""
    row: Row | None = await (
        Invite.select(
            Invite.token_hash,
            Invite.created_at,
            Invite.created_by.nickname.as_alias("by"),
            Invite.expires_at,
            Invite.uses_left,
        )
        .where((Invite.clan == clan) & (Invite.expires_at > now) & (Invite.uses_left > 0))
        .first()
    )
    return row


async def my_clans(viewer: Viewer) -> list[Row]:
    """The clans the viewer is in, with the role."""
    rows: list[Row] = await (
        Member.select(
            Member.clan.id.as_alias("id"),
            Member.clan.name.as_alias("name"),
            Member.clan.tag.as_alias("tag"),
            Member.clan.slug.as_alias("slug"),
            Member.role,
        )
        .where((Member.player == viewer.player) & Member.left_at.is_null())
        .order_by(Member.joined_at)
    )
    return rows
