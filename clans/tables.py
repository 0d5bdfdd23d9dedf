"""Clans, who is in them, how people join, and who plays which game."""

from piccolo.columns import (
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from app.accounts.tables import Player
from app.kernel.http.tokens import LENGTH_OF_HASH


class Clan(Table, tablename="clan"):
    """A club of players. `name_key` and `tag_key` are how eyes read name and tag."""

    id: Serial = Serial(primary_key=True)
    name = Varchar(32)
    name_key = Varchar(64, unique=True)
    tag = Varchar(6)
    tag_key = Varchar(12, unique=True)
    slug = Varchar(48, unique=True)
    game = Varchar(8)
    # The languages it speaks, comma-separated: "kk,ru".
    languages = Varchar(32)
    about = Text()
    founded_at = Timestamptz()


class Member(Table, tablename="member"):
    """A player's time in a clan; `left_at` is null while it lasts."""

    id: Serial = Serial(primary_key=True)
    clan = ForeignKey(Clan, null=False, on_delete=OnDelete.cascade)
    player = ForeignKey(Player, null=False, on_delete=OnDelete.cascade)
    role = Varchar(12)
    joined_at = Timestamptz()
    left_at = Timestamptz(null=True, default=None)


class Invite(Table, tablename="invite"):
    """A link that lets whoever holds it join, until it expires or is used up.

    Only its token's hash is kept: the link is shown when it is made, and never again.
    """

    id: Serial = Serial(primary_key=True)
    clan = ForeignKey(Clan, null=False, on_delete=OnDelete.cascade)
    token_hash = Varchar(LENGTH_OF_HASH, unique=True)
    created_by = ForeignKey(Player, null=False, on_delete=OnDelete.cascade)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    uses_left = Integer()


class Roster(Table, tablename="roster"):
    """A clan's players for one game."""

    id: Serial = Serial(primary_key=True)
    clan = ForeignKey(Clan, null=False, on_delete=OnDelete.cascade)
    game = Varchar(8)


class RosterPlayer(Table, tablename="roster_player"):
    """A member on a roster. `steam_id` is a SteamID64 as text, or empty."""

    id: Serial = Serial(primary_key=True)
    roster = ForeignKey(Roster, null=False, on_delete=OnDelete.cascade)
    player = ForeignKey(Player, null=False, on_delete=OnDelete.cascade)
    steam_id = Varchar(17)
