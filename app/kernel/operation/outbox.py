"""The outbox's rows: what is due, what is done, what failed, and what waits for a person."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.kernel.db.conditions import none_of, one_of
from app.kernel.db.tables import OutboxEntry

Row = dict[str, Any]

# An entry that failed so often is parked: it waits until a person says `retry`.
TRIES = 8
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
LONGEST_REASON = 200


def pause(tries: int) -> timedelta:
    """How long an entry rests after its nth failure: 1, 2, 4 seconds, at most a minute."""
    doubled: int = 2 ** min(tries - 1, 16)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


async def due(*, without: Collection[str] = (), limit: int, now: datetime) -> list[Row]:
    """What is to be handled now, oldest first, `without` some kinds."""
    query = OutboxEntry.select().where(
        (OutboxEntry.tries < TRIES)
        & (
            OutboxEntry.next_at.is_null()
            | (OutboxEntry.next_at <= now)
            # Nobody plans further ahead than that: the clock was set back.
            | (OutboxEntry.next_at > now + LONGEST_PAUSE)
        )
    )
    if without:
        query = query.where(none_of(OutboxEntry.kind, without))
    rows: list[Row] = await query.order_by(OutboxEntry.id).limit(limit)
    return rows


class Backlog(NamedTuple):
    """What is promised and not done: how many wait, for how long the oldest one has (0
    where none does), and how many failed until they were parked."""

    waiting: int
    oldest_seconds: int
    parked: int


async def backlog(*, now: datetime) -> Backlog:
    """How far behind the relay is."""
    waits = OutboxEntry.tries < TRIES
    oldest = await OutboxEntry.select(OutboxEntry.at).where(waits).order_by(OutboxEntry.id).first()
    return Backlog(
        waiting=await OutboxEntry.count().where(waits),
        # Negative where the clock was set back since.
        oldest_seconds=max(0, int((now - oldest["at"]).total_seconds())) if oldest else 0,
        parked=await OutboxEntry.count().where(OutboxEntry.tries >= TRIES),
    )


async def done(entries: list[int]) -> None:
    """They have been handled: forget them."""
    await OutboxEntry.delete().where(one_of(OutboxEntry.id, entries))


async def failed(entry: Row, why: str, *, now: datetime) -> None:
    """Count a failure; the entry rests, or is parked."""
    tries = entry["tries"] + 1
    await OutboxEntry.update(
        {
            OutboxEntry.tries: tries,
            OutboxEntry.next_at: now + pause(tries),
            OutboxEntry.error: why[:LONGEST_REASON],
        }
    ).where(OutboxEntry.id == entry["id"])


async def parked() -> list[Row]:
    """What waits for a person: `id`, `at`, `kind` and the last `error`, oldest first."""
    rows: list[Row] = await (
        OutboxEntry.select(OutboxEntry.id, OutboxEntry.at, OutboxEntry.kind, OutboxEntry.error)
        .where(OutboxEntry.tries >= TRIES)
        .order_by(OutboxEntry.id)
    )
    return rows


async def retry() -> int:
    """Try what is parked again, from the first try on; how many entries."""
    rows = await (
        OutboxEntry.update({OutboxEntry.tries: 0, OutboxEntry.next_at: None})
        .where(OutboxEntry.tries >= TRIES)
        .returning(OutboxEntry.id)
    )
    return len(rows)
