"""The demo's game servers: stand-ins that fetch a match's configuration and play it."""

import asyncio
import random
from types import TracebackType

import httpx
import structlog

from app.demo.people import ready_matches
from app.kernel import clock
from app.kernel.db.database import Row
from app.kernel.http.outbound import client
from integrations.matchzy.config import console_line
from integrations.matchzy.links import make_link
from integrations.standins.game_server import GameServer
from integrations.standins.game_server_events import random_outcome

log = structlog.get_logger()

SERVERS = 3
# Seconds between two rounds: a map takes about a minute.
PACE = 2.5


class GameServers:
    """A few servers that are never idle while a match can be played."""

    def __init__(self, address: str) -> None:
        self._address = address
        # Only the look of invented rounds hangs on it.
        self._chance = random.Random()  # noqa: S311
        self._http: httpx.AsyncClient = client()
        self._playing: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> "GameServers":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._playing.values():
            task.cancel()
        await asyncio.gather(*self._playing.values(), return_exceptions=True)
        await self._http.aclose()

    async def keep_playing(self, cup: Row) -> bool:
        """Put matches on the servers that are free; whether any server is at work."""
        for id_ in [id_ for id_, task in self._playing.items() if task.done()]:
            del self._playing[id_]
        for match in await ready_matches(cup["id"]):
            if len(self._playing) < SERVERS and match["id"] not in self._playing:
                task = asyncio.create_task(self._try(cup, match))
                self._playing[match["id"]] = task
        return bool(self._playing)

    async def _try(self, cup: Row, match: Row) -> None:
        """A server that breaks down leaves its match to the others, or to a later try."""
        try:
            await self._play(cup, match)
        except Exception as error:
            # People may have ruled, called off or taken back what was being played.
            log.warning("a demo server broke down", match=match["id"], why=repr(error)[:200])

    async def _play(self, cup: Row, match: Row) -> None:
        link, secret = await make_link(cup["id"], match["id"], now=clock.now())
        server = GameServer(self._http, pace=PACE)
        if not await server.type(console_line(self._address, link["id"], secret)):
            log.warning("a demo server could not load its match", log=server.log)
            return
        await server.play(random_outcome(self._chance, match["best_of"]))
