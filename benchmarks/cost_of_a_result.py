"""What one result costs at 64 and at 4,096 entrants, lock to commit, on SQLite.

Run: `.venv/bin/python -m benchmarks.cost_of_a_result`. Goal: at most 3 times.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from tests.factories import Cup, large_cup
from tournaments import rulings

SIZES = (64, 4_096)
RESULTS = 24


async def measure(entrants: int) -> float:
    """Median milliseconds of one ruling."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        await migrations.apply(db)
        await db.open()
        try:
            made = await large_cup(db, entrants)
            return statistics.median([time_ async for time_ in results(db, made)])
        finally:
            await db.close()


async def results(db: Database, made: Cup):
    """Milliseconds of each of the first results; the very first one loads the stage."""
    ruling = rulings.Ruling("score", ("1", "0"), "benchmark", "")
    for number, match in enumerate((await made.matches())[: RESULTS + 1]):
        before = time.perf_counter()
        async with db.transaction() as tx:
            await rulings.rule(tx, made.organiser, match["id"], ruling, now=clock.now())
        if number:
            yield (time.perf_counter() - before) * 1_000


async def main() -> None:
    small, large = [await measure(size) for size in SIZES]
    print(f"one result: {small:.1f} ms at {SIZES[0]} entrants, {large:.1f} ms at {SIZES[1]}")
    print(f"ratio {large / small:.2f} (goal: at most 3)")


if __name__ == "__main__":
    asyncio.run(main())
