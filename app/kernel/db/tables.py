"""The kernel's own rows: what was done, and what is still to be sent."""

from piccolo.columns import JSONB, BigInt, BigSerial, Bytea, SmallInt, Timestamptz, Varchar
from piccolo.table import Table


class AuditEntry(Table, tablename="audit"):
    """One command: who did what to which thing, when, in which request."""

    id: BigSerial = BigSerial(primary_key=True)
    at = Timestamptz()
    actor = BigInt(null=True, default=None, index=True)
    action = Varchar(64)
    subject = Varchar(64, index=True)
    tournament = BigInt(null=True, default=None, index=True)
    data = JSONB()
    request = Varchar(36, null=True, default=None)


class Image(Table, tablename="image"):
    """A picture we have decoded and written anew; `digest` is the SHA-256 of `body`."""

    digest: Varchar = Varchar(64, primary_key=True)
    media_type = Varchar(32)
    body = Bytea()
    created_at = Timestamptz()


class OutboxEntry(Table, tablename="outbox"):
    """Something that must happen after its transaction; deleted when it has.

    `tries` counts failed deliveries; past `operation.outbox.TRIES` it waits for a person.
    `error` is what the last one said, `next_at` when it is tried again (UTC; null is now).
    """

    id: BigSerial = BigSerial(primary_key=True)
    at = Timestamptz()
    kind = Varchar(32)
    payload = JSONB()
    tries = SmallInt(default=0)
    next_at = Timestamptz(null=True, default=None)
    error = Varchar(200, null=True, default=None)
