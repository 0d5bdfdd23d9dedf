"""What Steam says of one's own account: asked for, shown to oneself, and shown to others or not."""

from datetime import datetime, timedelta

import msgspec

from app.accounts.bans import Bans, bans_of
from app.accounts.sessions import Viewer
from app.accounts.tables import Account, Player, SteamProfile
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.db.tables import Image
from app.kernel.errors import N_, NotFound, TooMany, UserError

PAUSE = timedelta(minutes=1)
# How long the page waits for the answer before it says that there is none yet.
PATIENCE = timedelta(seconds=30)
MANY = 500


class SteamSays(msgspec.Struct, frozen=True, kw_only=True):
    """A linked account as its owner sees it. `shown`: others see the picture too.

    `pending`: asked a moment ago. `error` is a message, or None.
    """

    name: str
    avatar: str | None
    shown: bool
    bans: Bans | None
    faceit_name: str | None
    fetched_at: datetime | None
    error: str | None
    pending: bool


async def steam_says(account: int, *, now: datetime) -> SteamSays | None:
    """None where no Steam account is linked."""
    linked = await (
        Account.select(Account.steam_id, Account.player.avatar.as_alias("avatar"), Account.player)
        .where(Account.id == account)
        .first()
    )
    if linked is None or not linked["steam_id"]:
        return None
    row = await SteamProfile.select().where(SteamProfile.account == account).first()
    if row is None:
        return _nothing_yet()
    return SteamSays(
        name=row["name"],
        avatar=row["avatar"],
        shown=bool(row["avatar"] and linked["avatar"] == row["avatar"]),
        bans=bans_of(row, now=now),
        faceit_name=row["faceit_name"],
        fetched_at=row["fetched_at"],
        error=row["error"],
        pending=_is_pending(row, now=now),
    )


def _nothing_yet() -> SteamSays:
    return SteamSays(
        name="",
        avatar=None,
        shown=False,
        bans=None,
        faceit_name=None,
        fetched_at=None,
        error=None,
        pending=False,
    )


def _is_pending(row: Row, *, now: datetime) -> bool:
    asked, tried = row["asked_at"], row["tried_at"]
    if asked is None or now - asked > PATIENCE:
        return False
    return bool(tried is None or tried < asked or (row["error"] is None and not _is_fresh(row)))


def _is_fresh(row: Row) -> bool:
    """Whether the answer is of the latest time it was asked for."""
    asked, fetched = row["asked_at"], row["fetched_at"]
    return bool(fetched and (asked is None or fetched >= asked))


async def ask_again(tx: Transaction, viewer: Viewer, *, now: datetime) -> None:
    """The owner wants it fetched anew: at most once a minute."""
    account = await tx.lock(Account, viewer.account)
    if account is None or not account["steam_id"]:
        raise NotFound(N_("No Steam account is linked to yours."))
    mine = SteamProfile.account == viewer.account
    row = await SteamProfile.select(SteamProfile.asked_at).where(mine).first()
    # Asked in the future: the clock was set back since.
    if row and row["asked_at"] and timedelta(0) <= now - row["asked_at"] < PAUSE:
        raise TooMany(N_("Steam was asked less than a minute ago. Wait a moment, please."))
    await note_asked(viewer.account, now=now)
    await tx.later("steam_linked", now=now, account=viewer.account)


async def note_asked(account: int, *, now: datetime) -> None:
    """It is to be fetched, as its owner asked: kept until it has been."""
    await SteamProfile.insert(SteamProfile(account=account, asked_at=now)).on_conflict(
        target=SteamProfile.account, action="DO NOTHING"
    )
    await SteamProfile.update(
        {SteamProfile.asked_at: now, SteamProfile.tries: 0, SteamProfile.error: None}
    ).where(SteamProfile.account == account)


async def show_picture(tx: Transaction, viewer: Viewer, *, shown: bool, now: datetime) -> None:
    """Let others see the picture, or no more."""
    row = (
        await SteamProfile.select(SteamProfile.avatar)
        .where(SteamProfile.account == viewer.account)
        .first()
    )
    if shown and not (row and row["avatar"]):
        raise UserError(N_("There is no Steam picture to show."))
    await set_avatar(tx, viewer.player, row["avatar"] if row and shown else None, now=now)
    action = "account.picture_shown" if shown else "account.picture_hidden"
    await tx.audit(action, f"account:{viewer.account}", actor=viewer.account, now=now)


async def forget_unused_pictures(*, now: datetime) -> None:
    """Pictures that nobody has any more; not those of a moment ago, about to be somebody's."""
    at_steam = await SteamProfile.select(SteamProfile.avatar)
    shown = await Player.select(Player.avatar).where(Player.avatar.is_not_null())
    used = {row["avatar"] for row in (*at_steam, *shown)}
    old = await Image.select(Image.digest).where(Image.created_at < now - PAUSE)
    unused = [row["digest"] for row in old if row["digest"] not in used]
    for first in range(0, len(unused), MANY):
        await Image.delete().where(one_of(Image.digest, unused[first : first + MANY]))


async def set_avatar(tx: Transaction, player: int, digest: str | None, *, now: datetime) -> None:
    """What others see beside the nickname; kept pages are told."""
    await Player.update({Player.avatar: digest}).where(Player.id == player)
    await tx.later("pictures", now=now, player=player)
