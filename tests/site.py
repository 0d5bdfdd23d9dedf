"""A served site for tests, and people who use it over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from app.accounts.sessions import Viewer, open_session
from app.asgi import Site
from app.kernel import clock
from app.kernel.db import Database
from app.kernel.security import csrf_token
from app.kernel.settings import Settings
from app.services import connect
from app.serving import serving
from app.worker import working
from integrations.standins import faceit, opendota

# What only the served house and its stand-ins know.
FACEIT_KEY, WEBHOOK_SECRET = "a-key-of-faceit", "a-secret-of-webhooks"


class Person:
    """Somebody with a browser: cookies, and a token in every form."""

    def __init__(self, base_url: str, session: str | None = None) -> None:
        cookies = {"session": session} if session else {"csrf": "a-stranger"}
        self._secret = session or "a-stranger"
        self.http = httpx.AsyncClient(
            base_url=base_url, cookies=cookies, timeout=60, headers={"accept-language": "en"}
        )

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.http.get(path, **kwargs)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        return await self.http.post(path, data={"csrf": csrf_token(self._secret), **fields})


@dataclass
class Served:
    """A running house; `world` is its stand-in OpenDota, `faceit` its stand-in FACEIT."""

    base_url: str
    site: Site
    db: Database
    redis: Any
    world: opendota.World
    faceit: faceit.World
    people: list[Person] = field(default_factory=list)

    def stranger(self) -> Person:
        self.people.append(Person(self.base_url))
        return self.people[-1]

    async def signed_in(self, viewer: Viewer) -> Person:
        return self.with_session(await open_session(viewer.account, now=clock.now()))

    def with_session(self, token: str) -> Person:
        self.people.append(Person(self.base_url, token))
        return self.people[-1]

    async def leave(self) -> None:
        for person in self.people:
            await person.http.aclose()


@asynccontextmanager
async def served(settings: Settings, *, worker: bool = True) -> AsyncIterator[Served]:
    world = opendota.World()
    world.limit = 100_000
    faceit_world = faceit.World()
    async with (
        serving(opendota.application(world), "127.0.0.1", 0) as standin,
        serving(faceit.application(faceit_world), "127.0.0.1", 0) as faceit_port,
        connect(settings, settings.redis_url) as (db, redis),
    ):
        settings = msgspec.structs.replace(
            settings,
            opendota_url=f"http://127.0.0.1:{standin}/api",
            faceit_url=f"http://127.0.0.1:{faceit_port}{faceit.PATH}",
            faceit_key=settings.faceit_key or FACEIT_KEY,
            faceit_webhook_secret=settings.faceit_webhook_secret or WEBHOOK_SECRET,
        )
        site = Site(settings, db, redis)
        async with site.live(), serving(site.app, "127.0.0.1", 0, site.hub.close) as port:
            url = f"http://127.0.0.1:{port}"
            running = Served(url, site, db, redis, world, faceit_world)
            try:
                if worker:
                    async with working(settings, db, redis):
                        yield running
                else:
                    yield running
            finally:
                await running.leave()


async def until(what: Callable[[], Awaitable[Any]], *, seconds: float = 15) -> Any:
    """Wait until `what` gives something true; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := await what():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
