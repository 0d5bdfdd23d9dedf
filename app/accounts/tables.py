"""Who signs in (account), who is seen (player), and where they are signed in."""

from piccolo.columns import (
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
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
    # The digest of an image (kernel.db.tables.Image) that the person lets others see.
    avatar = Varchar(64, null=True, default=None)
    created_at = Timestamptz()


class Account(Table, tablename="account"):
    """A way to sign in. `email` is kept lower-case and is never shown to others.

    Who came by Steam and gave no address has `steam:ID` there, which is none.
    `steam_id` is a SteamID64 that Steam itself has vouched for.
    """

    id: Serial = Serial(primary_key=True)
    player = ForeignKey(Player, null=False, unique=True, on_delete=OnDelete.restrict)
    email = Varchar(254, unique=True)
    password_hash = Varchar(255)
    language = Varchar(2)
    organiser = Boolean(default=False)
    # Runs this site: sees how the providers are doing.
    operator = Boolean(default=False)
    steam_id = Varchar(17, null=True, default=None)
    created_at = Timestamptz()


class SteamProfile(Table, tablename="steam_profile"):
    """What Steam says of a linked account; fetched when its owner asks, for nobody else.

    `avatar` is the digest of our own copy of the picture. Bans are counts;
    `days_since_ban` is of the latest one, on `fetched_at`. `faceit_*` is the FACEIT
    player with the same Steam id. `asked_at` is when the owner last asked, `tries`
    counts the tries since then that failed, `tried_at` is the latest one.
    """

    id: Serial = Serial(primary_key=True)
    account = ForeignKey(Account, null=False, unique=True, on_delete=OnDelete.cascade)
    name = Varchar(64, default="")
    avatar = Varchar(64, null=True, default=None)
    vac_bans = Integer(default=0)
    game_bans = Integer(default=0)
    community_banned = Boolean(default=False)
    days_since_ban = Integer(null=True, default=None)
    faceit_id = Varchar(40, null=True, default=None)
    faceit_name = Varchar(64, null=True, default=None)
    fetched_at = Timestamptz(null=True, default=None)
    error = Varchar(200, null=True, default=None)
    asked_at = Timestamptz(null=True, default=None)
    tried_at = Timestamptz(null=True, default=None)
    tries = Integer(default=0)


class Session(Table, tablename="session"):
    """One browser that is signed in; only the hash of its token is kept.

    `outgrown`: its account was given a right after the token was, so that the next
    page brings another token and this one is worth nothing any more.
    """

    id: BigSerial = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    token_hash = Varchar(64, unique=True)
    outgrown = Boolean(default=False)
    created_at = Timestamptz()
    expires_at = Timestamptz()
