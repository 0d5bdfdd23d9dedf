"""A running Bäige in real processes, a cup in it, and all that must be right again after trouble."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from app.accounts.sessions import open_session
from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.db.tables import OutboxEntry
from app.serving import serving
from integrations.standins import opendota
from tests.chaos.own_servers import free_port
from tests.chaos.spectator import Spectator
from tests.factories import ClanOf, cup, game
from tests.processes import Process, run
from tests.site import Person
from tournaments.tables import Entrant, Result

RIGHT_AGAIN = 30.0
"""Seconds after the trouble is over in which everything must be right; the promise."""
CLANS = 16
LEAGUE = 901


class House:
    """Processes, the stand-in OpenDota they ask, and a cup with eight matches to play.

    `timings` says for each trouble how many seconds everything needed to be right.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        roles: tuple[str, ...],
        world: opendota.World,
        settings: dict[str, str],
    ) -> None:
        self.world = world
        self.port = free_port()
        self.database_url = database_url
        self.folder = folder
        self._settings = settings
        self.processes = {role: self._process(role) for role in roles}
        self.acknowledged: set[int] = set()
        self.told: set[int] = set()
        self.timings: dict[str, float] = {}
        self._games = iter(range(1, 1_000))
        self._waiting: list[tuple[int, ClanOf, ClanOf]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _process(self, role: str) -> Process:
        port = 0 if role == "worker" else self.port
        return Process(*role.split(), folder=self.folder, **self._settings, port=str(port))

    def another(self, role: str) -> Process:
        """One more of a kind that is there already."""
        return self.processes.setdefault(f"another {role}", self._process(role))

    def live_by(self, environment: dict[str, str]) -> None:
        """Before it starts: what else its processes are told by their environment."""
        for process in self.processes.values():
            process.environment |= environment

    # -- beginning and end ---------------------------------------------------

    async def prepare(self) -> None:
        """A migrated database with a running cup in it."""
        db = Database(self.database_url)
        await migrations.apply(db)
        await db.open()
        made = await cup(db, CLANS, league_id=str(LEAGUE))
        clans = {each.id: each for each in made.clans}
        of = {
            row["id"]: clans[row["clan"]] for row in await Entrant.select(Entrant.id, Entrant.clan)
        }
        self._waiting = [
            (row["id"], of[row["entrant_a"]], of[row["entrant_b"]])
            for row in await made.matches()
            if row["state"] == "ready"
        ]
        self.slug = made.slug
        self.session = await open_session(made.organiser.account, now=clock.now())
        await db.close()

    async def start(self) -> None:
        for process in self.processes.values():
            await process.start()

    async def check(self) -> None:
        """End it in order; nothing acknowledged is lost, and stored state equals replay."""
        for process in self.processes.values():
            if process.process.returncode is None:
                await process.stop()
        decided = await self.decided()
        assert self.acknowledged | self.told <= decided
        assert await self._read(OutboxEntry.select) == []
        code, said = await run("check", folder=self.folder, database_url=self.database_url)
        assert (code, said.splitlines()[-1]) == (0, "baige check: 0 differences")

    async def decided(self) -> set[int]:
        """The matches that have a result, by the database itself."""
        rows = await self._read(
            lambda: Result.select(Result.match).where(Result.voided_at.is_null())
        )
        return {row["match"] for row in rows}

    async def _read(self, query: Callable[[], Any]) -> Any:
        db = Database(self.database_url)
        await db.open()
        try:
            return await query()
        finally:
            await db.close()

    # -- what people and providers do ----------------------------------------

    def publish(self) -> int:
        """A league game that has just ended is known at OpenDota; its match."""
        match, one, two = self._waiting.pop()
        self.world.publish(game(next(self._games), one, two, league_id=LEAGUE))
        self.told.add(match)
        return match

    async def try_to_rule(self, match: int) -> int:
        """The organiser rules once; the status, 0 where nobody answered."""
        person = Person(self.base_url, self.session)
        person.http.timeout = httpx.Timeout(30)
        try:
            answer = await person.post(
                f"/matches/{match}/rule", kind="score", score_a="1", score_b="0", reason="seen"
            )
        except httpx.HTTPError:
            return 0
        finally:
            await person.http.aclose()
        if answer.status_code == 303:
            self.acknowledged.add(match)
        return answer.status_code

    def ready(self) -> int:
        """A match that can be played, for somebody to rule."""
        return self._waiting.pop()[0]

    async def go_on(self, seconds: float) -> list[int]:
        """Life while there is trouble: a game ends, and the organiser tries to rule one match
        every few seconds until it is acknowledged; the statuses."""
        until, match, statuses = time.monotonic() + seconds, self.ready(), []
        self.publish()
        while time.monotonic() < until:
            if match not in self.acknowledged:
                statuses.append(await self.try_to_rule(match))
            await asyncio.sleep(min(1, max(0, until - time.monotonic())))
        return statuses

    async def all_is_well(self, spectator: Spectator, trouble: str) -> float:
        """A game that ends now, a ruling made now, and the open page: how long they take."""
        began = time.monotonic()
        self.publish()
        match = self.ready()

        async def ruled() -> bool:
            return await self.try_to_rule(match) == 303

        await self._soon(ruled, began)

        async def shown() -> bool:
            decided = await self.decided()
            if not self.told | self.acknowledged <= decided:
                return False
            return spectator.shows == len(decided) == await spectator.stands()

        await self._soon(shown, began)
        took = time.monotonic() - began
        self.timings[trouble] = round(took, 1)
        return took

    async def _soon(self, what: Callable[[], Awaitable[bool]], began: float) -> None:
        while not await what():
            if time.monotonic() - began > RIGHT_AGAIN:
                said = "\n".join(each.said[-4_000:] for each in self.processes.values())
                raise AssertionError(f"not right within {RIGHT_AGAIN} s: {what.__name__}\n{said}")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def living(
    folder: Path, database_url: str, roles: tuple[str, ...], **settings: str
) -> AsyncIterator[House]:
    """A house that runs with its stand-in, and is checked at the end."""
    world = opendota.World()
    world.key_limit = 100_000
    async with serving(opendota.application(world), "127.0.0.1", 0) as port:
        given = {
            "database_url": database_url,
            "opendota_url": f"http://127.0.0.1:{port}/api",
            "opendota_key": "11111111-2222-4333-8444-555555555555",
            "poll_seconds": "0.5",
            **settings,
        }
        house = House(folder, database_url, roles, world, given)
        await house.prepare()
        yield house
        await house.check()
