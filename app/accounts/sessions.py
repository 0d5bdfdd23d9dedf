"""Who is signed in: session rows, found by the hash of a random token."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.accounts.tables import Account, Session
from app.kernel.http.tokens import hash_of, new_token

LASTS = timedelta(days=30)


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """The signed-in person behind a request; `email` is empty for who has none."""

    account: int
    player: int
    nickname: str
    email: str
    language: str
    is_organiser: bool
    session: int
    is_operator: bool = False
    outgrown: bool = False


def real_email(stored: str) -> str:
    """The address in `Account.email`, or nothing when that only holds its place."""
    return "" if stored.startswith("steam:") else stored


async def open_session(account: int, *, now: datetime) -> str:
    """A new session for the account; the token exists only in the answer's cookie."""
    token = new_token()
    await Session.insert(
        Session(account=account, token_hash=hash_of(token), created_at=now, expires_at=now + LASTS)
    )
    return token


async def find_viewer(token: str, *, now: datetime) -> Viewer | None:
    # Piccolo's types end at the second join.
    player: Any = Session.account.player
    row = await (
        Session.select(
            Session.id,
            Session.outgrown,
            Session.account.id.as_alias("account"),
            Session.account.email.as_alias("email"),
            Session.account.language.as_alias("language"),
            Session.account.organiser.as_alias("organiser"),
            Session.account.operator.as_alias("operator"),
            player.id.as_alias("player"),
            player.nickname.as_alias("nickname"),
        )
        .where((Session.token_hash == hash_of(token)) & (Session.expires_at > now))
        .first()
    )
    if row is None:
        return None
    return Viewer(
        account=row["account"],
        player=row["player"],
        nickname=row["nickname"],
        email=real_email(row["email"]),
        language=row["language"],
        is_organiser=row["organiser"],
        is_operator=row["operator"],
        session=row["id"],
        outgrown=row["outgrown"],
    )


async def again(viewer: Viewer) -> Viewer:
    """The viewer with the rights that the account has now: for commands, under their lock."""
    row = await (
        Account.select(Account.organiser, Account.operator)
        .where(Account.id == viewer.account)
        .first()
    )
    return msgspec.structs.replace(
        viewer,
        is_organiser=row is not None and row["organiser"],
        is_operator=row is not None and row["operator"],
    )


async def outgrow(account: int) -> int:
    """A right was given to the account: its tokens are exchanged; how many there are."""
    rows = await (
        Session.update({Session.outgrown: True})
        .where(Session.account == account)
        .returning(Session.id)
    )
    return len(rows)


async def exchange(session: int, token: str) -> str | None:
    """A new token in place of an outgrown one; None for whoever comes second with it."""
    new = new_token()
    rows = await (
        Session.update({Session.token_hash: hash_of(new), Session.outgrown: False})
        .where((Session.id == session) & (Session.token_hash == hash_of(token)))
        .returning(Session.id)
    )
    return new if rows else None


async def close_session(session: int) -> None:
    await Session.delete().where(Session.id == session)


async def close_sessions(account: int) -> None:
    """Sign the account out everywhere."""
    await Session.delete().where(Session.account == account)


async def close_expired(*, now: datetime) -> None:
    await Session.delete().where(Session.expires_at <= now)
