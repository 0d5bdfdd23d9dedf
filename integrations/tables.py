"""What we ask providers, and every answer that ever mattered."""

from piccolo.columns import (
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from app.kernel.http.tokens import LENGTH_OF_HASH
from tournaments.tables import Claim, Entrant, Match, Tournament


class Following(Table, tablename="following"):
    """Something polled: a competition being played, or one game a captain named.

    `kind` is league or game. `next_at` is when it is due, null when it is
    over. `tries` counts the polls since something was last found. `failing_since` is
    when polls of it began to fail, `trouble` why (see `tournaments.pages.late`), and
    `told` whether spectators know.
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
    failing_since = Timestamptz(null=True, default=None)
    told = Boolean(default=False)
    trouble = Varchar(10, default="")


class Subject(Table, tablename="inbox_subject"):
    """What deliveries are about, by the provider's id, and what became of it.

    `state` is new, recorded, waiting (its match cannot be played yet), refused,
    unusable (nothing can be made of it so far) or ignored. `match` is the one it
    belongs to; `first_entrant`, where an organiser has attached it by hand, is
    the entrant on the provider's first side. `parser` is the version of the
    translation that last ran. Its row is the lock under which it is worked on.
    """

    id: BigSerial = BigSerial(primary_key=True)
    provider = Varchar(16)
    external_id = Varchar(60)
    tournament = ForeignKey(Tournament, null=True, on_delete=OnDelete.set_null)
    match = ForeignKey(Match, null=True, on_delete=OnDelete.set_null)
    claim = ForeignKey(Claim, null=True, on_delete=OnDelete.set_null)
    first_entrant = ForeignKey(Entrant, null=True, on_delete=OnDelete.set_null)
    state = Varchar(10)
    reason = Varchar(300, null=True, default=None)
    reason_params = Text(null=True, default=None)
    parser = Integer(default=0)
    seen_at = Timestamptz()


class InboxDelivery(Table, tablename="inbox_delivery"):
    """One delivery, raw, as it came, before anything is made of it.

    `part` tells messages about one subject apart; the same part with other
    bytes corrects itself, and the same bytes again are only counted (`times`).
    """

    id: BigSerial = BigSerial(primary_key=True)
    subject = ForeignKey(Subject, null=False, on_delete=OnDelete.cascade)
    provider = Varchar(16)
    external_id = Varchar(60)
    part = Varchar(60, default="")
    digest = Varchar(64, default="")
    times = Integer(default=1)
    received_at = Timestamptz()
    parser = Integer()
    body = Text()


class ServerLink(Table, tablename="server_link"):
    """How game servers reach one match: an address, and a secret of their own.

    `match` is null for the organiser's test of a server. Only the secret's hash is
    kept: the organiser sees the secret when it is made, and a server's configuration
    holds the one it was asked for with, so that its events carry it back.
    `wrong` counts calls of a test that came with another secret.
    """

    id: Serial = Serial(primary_key=True)
    tournament = ForeignKey(Tournament, null=False, on_delete=OnDelete.cascade)
    match = ForeignKey(Match, null=True, on_delete=OnDelete.cascade)
    secret_hash = Varchar(LENGTH_OF_HASH)
    made_at = Timestamptz()
    wrong = Integer(default=0)
    wrong_at = Timestamptz(null=True, default=None)


class ServerLoad(Table, tablename="server_load"):
    """One time a server fetched its configuration; the id is what its events name.

    A server needs a fresh number for every load, also of the same match. The
    entrants are those it was told to let play; null in a test.
    """

    id: BigSerial = BigSerial(primary_key=True)
    link = ForeignKey(ServerLink, null=False, on_delete=OnDelete.cascade)
    entrant_a = ForeignKey(Entrant, null=True, on_delete=OnDelete.set_null)
    entrant_b = ForeignKey(Entrant, null=True, on_delete=OnDelete.set_null)
    loaded_at = Timestamptz()
    # The IP address it was fetched from; for the organiser's eyes.
    address = Varchar(45)
