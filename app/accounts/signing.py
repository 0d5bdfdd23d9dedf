"""Sign up, sign in, change password, language."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from piccolo.columns import Boolean

from app.accounts.demo_accounts import DOMAIN
from app.accounts.passwords import Asker, hash_password, verify, wrong_password
from app.accounts.sessions import Viewer, close_sessions, open_session, outgrow
from app.accounts.tables import Account, Player
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Invalid, Message
from app.kernel.text.i18n import LOCALES
from app.kernel.text.names import clean as clean
from app.kernel.text.names import skeleton, wrong_name

NICKNAME = (2, 24)
LONGEST_EMAIL = 254
NICKNAME_TAKEN = N_("Someone already has this nickname.")
EMAIL_TAKEN = N_("This e-mail already has an account. Sign in instead.")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")


def clean_email(text: str) -> str:
    return text.strip().lower()


def check_sign_up(
    email: str, password: str, nickname: str, language: str, *, by_steam: bool = False
) -> None:
    """Raise `Invalid` for what can be seen without the database.

    Who comes by Steam may leave out e-mail and password, but only both.
    """
    fields = {"nickname": wrong_name(nickname, shortest=NICKNAME[0], longest=NICKNAME[1])}
    if email or password or not by_steam:
        fields |= wrong_credentials(email, password, nickname)
    fields["language"] = None if language in LOCALES else Message(N_("Choose a language."))
    raise_invalid(fields)


def wrong_credentials(email: str, password: str, nickname: str) -> dict[str, Message | None]:
    return {
        "email": wrong_email(email),
        "password": wrong_password(password, nickname, email.partition("@")[0]),
    }


def raise_invalid(fields: Mapping[str, Message | None]) -> None:
    """Raise `Invalid` with the fields that have something wrong."""
    if wrong := {name: message for name, message in fields.items() if message}:
        raise Invalid(wrong)


def wrong_email(email: str) -> Message | None:
    if len(email) <= LONGEST_EMAIL and _EMAIL.fullmatch(email) and not email.endswith(DOMAIN):
        return None
    return Message(N_("Enter an e-mail address like name@example.com."))


async def check_free(email: str, nickname: str) -> None:
    """Raise `Invalid` for what is taken already, before a password is hashed for it."""
    player = await Player.exists().where(Player.nickname_key == skeleton(nickname))
    account = bool(email) and await Account.exists().where(Account.email == email)
    raise_invalid(
        {
            "nickname": Message(NICKNAME_TAKEN) if player else None,
            "email": Message(EMAIL_TAKEN) if account else None,
        }
    )


async def sign_up(
    tx: Transaction,
    email: str,
    password_hash: str,
    nickname: str,
    language: str,
    *,
    now: datetime,
    steam_id: str | None = None,
) -> int:
    """Make a player and the account behind it; returns the account's id.

    `steam_id` is one that Steam has vouched for; then `email` may be empty.
    """
    email = email or f"steam:{steam_id}"
    player = await (
        Player.insert(Player(nickname=nickname, nickname_key=skeleton(nickname), created_at=now))
        .on_conflict(action="DO NOTHING")
        .returning(Player.id)
    )
    taken = {} if player else {"nickname": Message(NICKNAME_TAKEN)}
    if await Account.exists().where(Account.email == email):
        taken["email"] = Message(EMAIL_TAKEN)
    raise_invalid(taken)
    account = await (
        Account.insert(
            Account(
                player=player[0]["id"],
                email=email,
                password_hash=password_hash,
                language=language,
                steam_id=steam_id,
                created_at=now,
            )
        )
        .on_conflict(action="DO NOTHING")
        .returning(Account.id)
    )
    if not account:
        raise Invalid({"email": Message(EMAIL_TAKEN)})
    account_id: int = account[0]["id"]
    await tx.audit("account.signed_up", f"account:{account_id}", actor=account_id, now=now)
    return account_id


async def find_account(email: str) -> Row | None:
    row: Row | None = await (
        Account.select(Account.id, Account.password_hash, Account.language)
        .where(Account.email == email)
        .first()
    )
    return row


async def change_password(
    tx: Transaction, viewer: Viewer, password_hash: str, *, now: datetime
) -> str:
    """Set the new hash, sign out everywhere, and open a new session here."""
    await Account.update({Account.password_hash: password_hash}).where(Account.id == viewer.account)
    await close_sessions(viewer.account)
    await tx.audit(
        "account.password_changed", f"account:{viewer.account}", actor=viewer.account, now=now
    )
    return await open_session(viewer.account, now=now)


async def check_new_password(viewer: Viewer, old: str, new: str, asker: Asker) -> str:
    """The new password's hash, or `Invalid` beside the field that is wrong."""
    account = (
        await Account.select(Account.password_hash).where(Account.id == viewer.account).first()
    )
    right = await verify(account["password_hash"] if account else None, old, asker)
    raise_invalid(
        {
            "old_password": None if right else Message(N_("This is not your password.")),
            "new_password": wrong_password(new, viewer.nickname, viewer.email.partition("@")[0]),
        }
    )
    return await hash_password(new, asker)


async def set_language(viewer: Viewer, language: str) -> None:
    if language in LOCALES:
        await Account.update({Account.language: language}).where(Account.id == viewer.account)


class Promoted(NamedTuple):
    """Who was given a right, in how many browsers they get a new session now, and
    whether they had the right already."""

    nickname: str
    browsers: int
    already: bool


async def make_organiser(tx: Transaction, email: str, *, now: datetime) -> Promoted | None:
    """Let an account organise; None when there is no such account."""
    return await _promote(tx, email, Account.organiser, "account.made_organiser", now=now)


async def make_operator(tx: Transaction, email: str, *, now: datetime) -> Promoted | None:
    """Let an account see how the site is doing; None when there is no such account."""
    return await _promote(tx, email, Account.operator, "account.made_operator", now=now)


async def _promote(
    tx: Transaction, email: str, right: Boolean, action: str, *, now: datetime
) -> Promoted | None:
    """What is bound to a token grows with the account, so the token is exchanged: who
    came by the old one is out as soon as its owner opens a page."""
    row = await (
        Account.select(
            Account.id, Account.player.nickname.as_alias("nickname"), right.as_alias("already")
        )
        .where(Account.email == clean_email(email))
        .first()
    )
    if row is None:
        return None
    if row["already"]:
        return Promoted(row["nickname"], 0, already=True)
    await Account.update({right: True}).where(Account.id == row["id"])
    browsers = await outgrow(row["id"])
    await tx.audit(action, f"account:{row['id']}", actor=None, now=now)
    return Promoted(row["nickname"], browsers, already=False)
