"""What we ask providers, and every answer that ever mattered."""

from piccolo.columns import (
    BigSerial,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from tournaments.tables import Claim, Match, Tournament


class Following(Table, tablename="following"):
    """Something polled: a league being played, or one game a captain named.

    `kind` is league or game. `next_at` is when it is due, null when it is
    over. `tries` counts the polls since something was last found.
    """

    id: Serial = Serial(primary_key=True)
    provider = Varchar(16)
    kind = Varchar(8)
    external_id = Varchar(40)
    tournament = ForeignKey(Tournament, null=False, on_delete=OnDelete.cascade)
    claim = ForeignKey(Claim, null=True, on_delete=OnDelete.cascade)
    since = Timestamptz()
    next_at = Timestamptz(null=True, default=None)
    tries = Integer(default=0)
    last_at = Timestamptz(null=True, default=None)
    last_error = Varchar(200, null=True, default=None)


class InboxEntry(Table, tablename="inbox"):
    """One provider's account of one game, raw, before anything is made of it.

    `state` is new, recorded, waiting (its match cannot be played yet), refused
    or unusable. One row for each
    (provider, external id): a second delivery meets the first.
    """

    id: BigSerial = BigSerial(primary_key=True)
    provider = Varchar(16)
    external_id = Varchar(40)
    tournament = ForeignKey(Tournament, null=True, on_delete=OnDelete.set_null)
    match = ForeignKey(Match, null=True, on_delete=OnDelete.set_null)
    received_at = Timestamptz()
    parser = Integer()
    body = Text()
    state = Varchar(10)
    reason = Varchar(300, null=True, default=None)
    reason_params = Text(null=True, default=None)
