"""Who is in the demo world, and what waits to be played in it."""

import secrets

from app.accounts.demo_accounts import DOMAIN
from app.accounts.sessions import Viewer, real_email
from app.accounts.tables import Account
from app.kernel.db.database import Row
from clans.tables import Clan
from tournaments.tables import Match

ORGANISER = "organiser@demo.example"
CAPTAIN = "captain@demo.example"
PLAYER = "player@demo.example"


async def viewer_of(account: int) -> Viewer:
    """The person behind an account, as if signed in."""
    row = await (
        Account.select(
            Account.email,
            Account.language,
            Account.organiser,
            Account.player.id.as_alias("player"),
            Account.player.nickname.as_alias("nickname"),
        )
        .where(Account.id == account)
        .first()
    )
    if row is None:
        raise LookupError(account)
    return Viewer(
        account=account,
        player=row["player"],
        nickname=row["nickname"],
        email=real_email(row["email"]),
        language=row["language"],
        is_organiser=row["organiser"],
        session=0,
    )


async def owner_of(clan: int) -> Viewer:
    """The person who owns a clan, as if signed in."""
    row = await Clan.raw(
        "SELECT account.id FROM account JOIN member ON member.player = account.player "
        "WHERE member.clan = {} AND member.role = 'owner' AND member.left_at IS NULL",
        clan,
    )
    return await viewer_of(row[0]["id"])


def new_password() -> str:
    """A demo password nobody can know beforehand: the laptop may be on a LAN."""
    return f"baige-{secrets.token_hex(4)}"


async def ready_matches(tournament: int) -> list[Row]:
    rows: list[Row] = await (
        Match.select()
        .where((Match.stage.tournament == tournament) & (Match.state == "ready"))
        .order_by(Match.id)
    )
    return rows


async def demo_clans(game: str) -> list[Row]:
    """The demo's clans with their roster players."""
    rows = await Clan.raw(
        "SELECT roster.clan AS clan, roster_player.player AS player FROM roster_player "
        "JOIN roster ON roster.id = roster_player.roster WHERE roster.game = {} "
        # Of people who are here nobody is entered by us.
        "AND roster.clan IN (SELECT member.clan FROM member JOIN account "
        "ON account.player = member.player WHERE member.role = 'owner' "
        "AND member.left_at IS NULL AND account.email LIKE {} ORDER BY member.clan LIMIT 16) "
        "ORDER BY roster_player.id",
        game,
        f"%{DOMAIN}",
    )
    clans: dict[int, list[int]] = {}
    for row in rows:
        clans.setdefault(row["clan"], []).append(row["player"])
    return [{"id": clan, "players": players} for clan, players in clans.items()]
