"""Who is signed in: session rows, found by the hash of a random token."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.accounts.tables import Session
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
    )


async def close_session(session: int) -> None:
    await Session.delete().where(Session.id == session)


async def close_sessions(account: int) -> None:
    """Sign the account out everywhere."""
    await Session.delete().where(Session.account == account)


async def close_expired(*, now: datetime) -> None:
    await Session.delete().where(Session.expires_at <= now)
