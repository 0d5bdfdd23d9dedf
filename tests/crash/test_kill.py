"""kill -9 while results stream in: nothing acknowledged is lost, and play goes on."""

import asyncio
import random
import shutil

import httpx
import pytest

from app.accounts.sessions import open_session
from app.kernel import clock
from app.kernel.db.database import Database
from tests.factories import large_cup
from tests.processes import Process, run
from tests.site import Person
from tournaments.tables import Match, Result

KILLS = 5
MOST_A_LIFE = 45
"""However fast the machine, matches are left to play after the last kill."""
ENTRANTS = 1024


@pytest.fixture
async def folder(templates, tmp_path):
    shutil.copy(templates["sqlite"].removeprefix("sqlite:///"), tmp_path / "baige.db")
    return tmp_path


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [KILLS, pytest.param(20, marks=pytest.mark.slow)])
async def test_kills_lose_nothing(folder, kills):
    db = Database(f"sqlite:///{folder / 'baige.db'}")
    await db.open()
    made = await large_cup(db, ENTRANTS)
    session = await open_session(made.organiser.account, now=clock.now())
    await db.close()
    chance = random.Random(20)
    acknowledged: set[int] = set()
    for _ in range(kills):
        house = Process("up", "--no-demo", folder=folder)
        port = await house.start()
        playing = asyncio.create_task(_play(port, session, acknowledged, folder))
        await asyncio.sleep(chance.uniform(0.1, 0.5))
        await house.kill()
        await playing
        # What was said to count is there, whatever the moment of death.
        assert acknowledged <= await _decided(folder)
    code, said = await run("check", folder=folder)
    assert (code, said.splitlines()[-1]) == (0, "baige check: 0 differences")
    assert len(acknowledged) >= kills
    house = Process("up", "--no-demo", folder=folder)
    port = await house.start()
    before = len(acknowledged)
    await _play(port, session, acknowledged, folder)
    assert await house.stop() < 2
    assert len(acknowledged) >= before + MOST_A_LIFE


async def _play(port: int, session: str, acknowledged: set[int], folder) -> None:
    """Rule ready matches, eight at a time, until enough are or the server is gone."""
    person = Person(f"http://127.0.0.1:{port}", session)
    enough = len(acknowledged) + MOST_A_LIFE
    try:
        while len(acknowledged) < enough and (ready := await _ready(folder)):
            await asyncio.gather(*(_rule(person, match, acknowledged) for match in ready[:8]))
    except (httpx.HTTPError, OSError):
        return
    finally:
        await person.http.aclose()


async def _rule(person: Person, match: int, acknowledged: set[int]) -> None:
    answer = await person.post(
        f"/matches/{match}/rule", kind="score", score_a="1", score_b="0", reason="crash test"
    )
    if answer.status_code == 303:
        acknowledged.add(match)


async def _ready(folder) -> list[int]:
    async with _opened(folder):
        rows = await Match.select(Match.id).where(Match.state == "ready").order_by(Match.id)
        return [row["id"] for row in rows]


async def _decided(folder) -> set[int]:
    async with _opened(folder):
        rows = await Result.select(Result.match).where(Result.voided_at.is_null())
        return {row["match"] for row in rows}


class _opened:  # noqa: N801  reads as a verb
    def __init__(self, folder) -> None:
        self.db = Database(f"sqlite:///{folder / 'baige.db'}")

    async def __aenter__(self) -> Database:
        await self.db.open()
        return self.db

    async def __aexit__(self, *_: object) -> None:
        await self.db.close()
