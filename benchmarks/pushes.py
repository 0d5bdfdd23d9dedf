"""What one result costs the relay, and how large the push is that every viewer gets.

One reader of a tournament of 64 in each format, on SQLite; the median and the largest
of all results of a stage. Run: `.venv/bin/python -m benchmarks.pushes [format ...]`.
Goals: at most 10 ms and 3 KB (as the wire carries it) a result.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.db.tables import OutboxEntry
from app.kernel.live.feed import LiveMessage
from app.kernel.live.wire import deflated
from tests.factories import Cup, large_cup
from tournaments import rulings
from tournaments.pages.push import Pushes
from tournaments.tables import Match

ENTRANTS, MOST_RESULTS = 64, 200
STAGES: dict[str, dict[str, Any]] = {
    "single_elimination": {},
    "double_elimination": {"format": "double_elimination"},
    "round_robin": {"format": "round_robin", "groups": "8"},
    "swiss": {"format": "swiss"},
    "swiss_limits": {"format": "swiss_limits", "limits": "3-3"},
    "gsl": {"format": "gsl", "groups": "16"},
    "gauntlet": {"format": "gauntlet"},
    "ladder": {"format": "ladder", "rounds": "6"},
}
GOAL_MS, GOAL_BYTES = 10, 3 * 1024


class OneReader:
    """Stands where the feed is: somebody reads the tournament in Russian."""

    def __init__(self) -> None:
        self.sent: list[LiveMessage] = []

    async def languages_read(self, topics):
        return {each: ("ru",) if each.startswith("tournament:") else () for each in topics}

    async def send(self, *messages: LiveMessage) -> None:
        self.sent += messages


@asynccontextmanager
async def started(name: str) -> AsyncIterator[tuple[Database, Cup]]:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        await migrations.apply(db)
        await db.open()
        try:
            yield db, await large_cup(db, ENTRANTS, **STAGES[name])
        finally:
            await db.close()


async def pushed(name: str, most: int = MOST_RESULTS) -> AsyncIterator[tuple[float, str]]:
    """Milliseconds and markup of the push of each result of a stage."""
    async with started(name) as (db, cup):
        reader = OneReader()
        pushes = Pushes(reader)
        await OutboxEntry.delete(force=True)
        for number in range(most):
            match = await _next(cup)
            if match is None:
                return
            kind = "walkover_b" if number % 3 == 0 else "walkover_a"
            async with db.transaction() as tx:
                ruling = rulings.Ruling(kind, ("", ""), "benchmark", "")
                await rulings.rule(tx, cup.organiser, match, ruling, now=clock.now())
            payloads = await _promised()
            begun = time.perf_counter()
            await pushes.matches(payloads)
            taken = (time.perf_counter() - begun) * 1_000
            yield taken, "".join(each.html.get("ru", "") for each in reader.sent)
            reader.sent.clear()


async def _next(cup: Cup) -> int | None:
    row = await (
        Match.select(Match.id)
        .where((Match.stage.tournament == cup.id) & (Match.state == "ready"))
        .order_by(Match.id)
        .first()
    )
    return row["id"] if row else None


async def _promised() -> list[dict[str, Any]]:
    rows = await OutboxEntry.select().where(OutboxEntry.kind == "matches").order_by(OutboxEntry.id)
    await OutboxEntry.delete(force=True)
    return [msgspec.json.decode(row["payload"]) for row in rows]


async def main() -> None:
    for name in sys.argv[1:] or STAGES:
        results = [each async for each in pushed(name)]
        taken = statistics.median(ms for ms, _ in results)
        plain = statistics.median(len(html.encode()) for _, html in results)
        wire = sorted(len(deflated(html.encode())) for _, html in results)
        print(
            f"{name:19} {len(results):3} results   {taken:5.1f} ms ({taken / GOAL_MS:.2f} of the "
            f"goal)   {plain:6.0f} bytes, on the wire {statistics.median(wire):5.0f}, "
            f"19 of 20 under {wire[len(wire) * 19 // 20]}, largest {wire[-1]} "
            f"({wire[-1] / GOAL_BYTES:.2f} of the goal)"
        )


if __name__ == "__main__":
    asyncio.run(main())
