"""Accounts and the Steam ids behind them: found, linked, unlinked, and given an e-mail."""

from datetime import datetime

from app.accounts.sessions import Viewer, close_session, close_sessions, open_session
from app.accounts.signing import EMAIL_TAKEN
from app.accounts.tables import Account, Player, SteamProfile
from app.kernel.db.database import DUPLICATE, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message


async def steam_id_of(account: int) -> str:
    """The Steam id that Steam vouched for, or nothing."""
    row = await Account.select(Account.steam_id).where(Account.id == account).first()
    return str(row["steam_id"] or "") if row else ""


async def account_of(steam_id: str) -> int | None:
    row = await Account.select(Account.id).where(Account.steam_id == steam_id).first()
    return int(row["id"]) if row else None


async def sign_in_by_steam(
    tx: Transaction, account: int, before: Viewer | None, *, now: datetime
) -> str:
    """A new session; the one this browser had is over."""
    if before:
        await close_session(before.session)
    await tx.later("steam_linked", now=now, account=account)
    return await open_session(account, now=now)


async def link(tx: Transaction, viewer: Viewer, steam_id: str, *, now: datetime) -> str:
    """Link the id; the token of the session that takes this one's place."""
    taken = Conflict(N_("This Steam account is linked to another account here."))
    if await account_of(steam_id) not in (None, viewer.account):
        raise taken
    if await steam_id_of(viewer.account) not in ("", steam_id):
        raise Conflict(N_("Your account has another Steam account. Unlink that first."))
    try:
        await Account.update({Account.steam_id: steam_id}).where(Account.id == viewer.account)
    except DUPLICATE:
        # Somebody else linked it in this moment.
        raise taken from None
    await tx.audit(
        "account.steam_linked", f"account:{viewer.account}", actor=viewer.account, now=now
    )
    return await sign_in_by_steam(tx, viewer.account, viewer, now=now)


async def unlink(tx: Transaction, viewer: Viewer, *, now: datetime) -> str | None:
    """Forget the id and all that Steam said of it. Whoever came by Steam is signed out,
    and so is every other browser; the token of the new session here, None where no
    Steam account was linked."""
    if not await steam_id_of(viewer.account):
        return None
    if not viewer.email:
        raise Conflict(
            N_("Add an e-mail and a password first: without them you could not sign in any more.")
        )
    mine = SteamProfile.account == viewer.account
    profile = await SteamProfile.select(SteamProfile.avatar).where(mine).first()
    if profile and profile["avatar"]:
        await Player.update({Player.avatar: None}).where(
            (Player.id == viewer.player) & (Player.avatar == profile["avatar"])
        )
    await SteamProfile.delete().where(mine)
    await Account.update({Account.steam_id: None}).where(Account.id == viewer.account)
    await tx.audit(
        "account.steam_unlinked", f"account:{viewer.account}", actor=viewer.account, now=now
    )
    await close_sessions(viewer.account)
    return await open_session(viewer.account, now=now)


def require_no_email(viewer: Viewer) -> None:
    """Seen before anything is hashed: three hundred such forms kept strangers waiting."""
    if viewer.email:
        raise Conflict(N_("Your account has an e-mail already."))


async def add_email(
    tx: Transaction, viewer: Viewer, email: str, password_hash: str, *, now: datetime
) -> str:
    """A second way to sign in; every other browser is signed out. The new session's token."""
    taken = Invalid({"email": Message(EMAIL_TAKEN)})
    require_no_email(viewer)
    if await Account.exists().where(Account.email == email):
        raise taken
    try:
        await Account.update({Account.email: email, Account.password_hash: password_hash}).where(
            Account.id == viewer.account
        )
    except DUPLICATE:
        raise taken from None
    await close_sessions(viewer.account)
    await tx.audit(
        "account.email_added", f"account:{viewer.account}", actor=viewer.account, now=now
    )
    return await open_session(viewer.account, now=now)
