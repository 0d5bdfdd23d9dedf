"""`web` and `worker` as processes of their own, on PostgreSQL and Redis."""

import asyncio

import pytest

from app.accounts.sessions import open_session
from app.kernel import clock
from app.kernel.db.database import Database
from app.serving import serving
from integrations.standins import opendota
from tests.factories import cup, game
from tests.processes import Process, run
from tests.site import Person

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]


async def listen(port: int, tournament: int, heard: asyncio.Queue) -> None:
    person = Person(f"http://127.0.0.1:{port}")
    try:
        async with person.http.stream("GET", f"/live/tournaments/{tournament}") as stream:
            heard.put_nowait((port, "open"))
            async for line in stream.aiter_lines():
                if line.startswith("data: <"):
                    heard.put_nowait((port, line))
    finally:
        await person.http.aclose()


async def test_a_result_taken_by_the_worker_reaches_streams_of_both_webs(
    database_url, redis_url, tmp_path
):
    db = Database(database_url)
    await db.open()
    world = opendota.World()
    async with serving(opendota.application(world), "127.0.0.1", 0) as standin:
        settings = {
            "database_url": database_url,
            "redis_url": redis_url,
            "opendota_url": f"http://127.0.0.1:{standin}/api",
            "opendota_key": "11111111-2222-4333-8444-555555555555",
            "poll_seconds": "0.3",
        }
        webs = [Process("web", folder=tmp_path, **settings) for _ in range(2)]
        worker = Process("worker", folder=tmp_path, **settings)
        ports = await asyncio.gather(*(process.start() for process in (*webs, worker)))
        made = await cup(db, 4, league_id="901")
        heard: asyncio.Queue = asyncio.Queue()
        streams = [asyncio.create_task(listen(port, made.id, heard)) for port in ports[:2]]
        for _ in streams:
            assert (await heard.get())[1] == "open"
        world.publish(game(1, made.clans[0], made.clans[3], league_id=901))
        told = {}
        async with asyncio.timeout(30):
            while len(told) < 2:
                port, line = await heard.get()
                if 'class="mc final' in line:
                    told[port] = line
        # Both are told the same, and both pages say it, the kept one too.
        assert len(set(told.values())) == 1
        for port in ports[:2]:
            person = Person(f"http://127.0.0.1:{port}")
            page = (await person.get(f"/tournaments/{made.slug}")).text
            assert "1 of 3 matches played" in page
            await person.http.aclose()
        # An organiser's ruling at one web is seen at the other.
        token = await open_session(made.organiser.account, now=clock.now())
        person = Person(f"http://127.0.0.1:{ports[0]}", token)
        other = (await made.match("U1.2"))["id"]
        done = await person.post(f"/matches/{other}/rule", kind="walkover_a", reason="Nobody came")
        assert done.status_code == 303
        await person.http.aclose()
        async with asyncio.timeout(15):
            while 'class="mc walkover' not in (await heard.get())[1]:
                pass
        # Ctrl-C ends all of it within two seconds, with the streams open.
        for process in (*webs, worker):
            assert await process.stop() < 2
        await asyncio.gather(*streams, return_exceptions=True)
    await db.close()
    code, said = await run("check", folder=tmp_path, database_url=database_url)
    assert (code, said.splitlines()[-1]) == (0, "baige check: 0 differences")
