"""Who signs in (account), who is seen (player), and where they are signed in."""

from piccolo.columns import (
    BigSerial,
    Boolean,
    ForeignKey,
    OnDelete,
    Serial,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table


class Player(Table, tablename="player"):
    """The public persona: all that other people see of a person."""

    id: Serial = Serial(primary_key=True)
    nickname = Varchar(32)
    # The nickname as eyes read it (text.skeleton), so that none can be imitated.
    nickname_key = Varchar(64, unique=True)
    created_at = Timestamptz()


class Account(Table, tablename="account"):
    """A way to sign in. `email` is kept lower-case and is never shown to others."""

    id: Serial = Serial(primary_key=True)
    player = ForeignKey(Player, null=False, unique=True, on_delete=OnDelete.restrict)
    email = Varchar(254, unique=True)
    password_hash = Varchar(255)
    language = Varchar(2)
    organiser = Boolean(default=False)
    created_at = Timestamptz()


class Session(Table, tablename="session"):
    """One browser that is signed in; only the hash of its token is kept."""

    id: BigSerial = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    token_hash = Varchar(64, unique=True)
    created_at = Timestamptz()
    expires_at = Timestamptz()
