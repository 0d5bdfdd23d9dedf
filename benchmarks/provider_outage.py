"""Pages while every provider hangs, against the same pages while all is well.

Web and worker share one process, as in `baige up`; leagues are polled all the time.
A stranger's pages are kept bytes; a member's are rendered each time.
Run: `.venv/bin/python -m benchmarks.provider_outage`. Goal: p95 within 10 %.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.operation.settings import Settings
from app.kernel.operation.valkey import Valkey
from integrations.standins.steam_world import KEY
from tests.factories import another_cup, cup
from tests.site import Served, served

REQUESTS, ROUNDS, CUPS = 150, 5, 8


async def p95(http: httpx.AsyncClient, paths: list[str]) -> float:
    """Milliseconds that 19 of 20 requests take, one after another."""
    taken = []
    for number in range(REQUESTS):
        begun = time.perf_counter()
        answer = await http.get(paths[number % len(paths)])
        taken.append((time.perf_counter() - begun) * 1_000)
        assert answer.status_code == 200
    return statistics.quantiles(taken, n=20)[-1]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        valkey = Valkey(Path(folder))
        await valkey.start()
        settings = Settings(
            data_dir=Path(folder), redis_url=valkey.url, poll_seconds=1.0, steam_key=KEY
        )
        await migrations.apply(Database(settings.database))
        async with served(settings) as site:
            made = await cup(site.db, 16, league_id="7000")
            for number in range(1, CUPS):
                await another_cup(site.db, made, league_id=str(7000 + number))
            member = await site.signed_in(made.clans[0].captain)
            paths = ["/", f"/tournaments/{made.slug}", "/matches", "/matches/1"]
            await compare(site, member.http, paths)
        valkey.stop()


async def compare(site: Served, member: httpx.AsyncClient, paths: list[str]) -> None:
    ratios = []
    async with httpx.AsyncClient(base_url=site.base_url) as stranger:
        for _ in range(ROUNDS):
            for world in site.stand_ins.worlds.values():
                world.heal()
            await asyncio.sleep(2)
            well = await p95(stranger, paths), await p95(member, paths)
            for world in site.stand_ins.worlds.values():
                world.fault("slow")
            await asyncio.sleep(2)
            hanging = await p95(stranger, paths), await p95(member, paths)
            ratios.append((hanging[0] / well[0], hanging[1] / well[1]))
            print(
                f"stranger {well[0]:5.1f} ms well, {hanging[0]:5.1f} ms hanging   "
                f"member {well[1]:5.1f} ms well, {hanging[1]:5.1f} ms hanging"
            )
    strangers, members = zip(*ratios, strict=True)
    print(
        f"median ratio: strangers {statistics.median(strangers):.2f}, "
        f"members {statistics.median(members):.2f} (goal: at most 1.1)"
    )


if __name__ == "__main__":
    asyncio.run(main())
