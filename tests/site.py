"""A served site for tests, and people who use it over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.accounts.sessions import Viewer, open_session
from app.asgi import Site
from app.kernel import clock
from app.kernel.db.database import Database
from app.kernel.http.security import csrf_token
from app.kernel.live.readers import languages_read
from app.kernel.operation.restarts import reporting
from app.kernel.operation.settings import Settings
from app.kernel.operation.supervision import Supervisor
from app.services import connect
from app.serving import serving
from app.worker import working
from integrations.standins import faceit, opendota
from integrations.standins.together import WEBHOOK_SECRET, StandIns
from tests import left_sockets

__all__ = ["WEBHOOK_SECRET", "Person", "Served", "served", "until"]


class Person:
    """Somebody with a browser: cookies, and a token in every form."""

    def __init__(self, base_url: str, session: str | None = None) -> None:
        cookies = {"session": session} if session else {"csrf": "a-stranger"}
        self._secret = session or "a-stranger"
        self.http = httpx.AsyncClient(
            base_url=base_url, cookies=cookies, timeout=60, headers={"accept-language": "en"}
        )

    def forget(self) -> None:
        """Only the cookies it began with: others may have come with an answer."""
        self.http.cookies.clear()
        name = "csrf" if self._secret == "a-stranger" else "session"
        self.http.cookies.set(name, self._secret)

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.http.get(path, **kwargs)

    async def sees(self, path: str, text: str) -> str:
        """The page, as soon as it says this: changes reach kept pages in a moment."""

        async def page() -> str | None:
            shown = (await self.get(path)).text
            return shown if text in shown else None

        return str(await until(page))

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        return await self.http.post(path, data={"csrf": csrf_token(self._secret), **fields})


@dataclass
class Served:
    """A running house, and the stand-ins of the providers it asks."""

    base_url: str
    site: Site
    db: Database
    redis: Any
    stand_ins: StandIns
    people: list[Person] = field(default_factory=list)

    @property
    def world(self) -> opendota.World:
        return self.stand_ins.opendota

    @property
    def faceit(self) -> faceit.World:
        return self.stand_ins.faceit

    @asynccontextmanager
    async def listening(self, path: str, language: str = "en") -> AsyncIterator[list[str]]:
        """An open page's stream: the messages that come, one markup each."""
        heard: list[str] = []
        async with httpx.AsyncClient(base_url=self.base_url, timeout=60) as http:
            task = asyncio.create_task(_listen(http, path, language, heard))
            topic = {"tournaments": "tournament", "matches": "match"}
            kind, _, id_ = path.removeprefix("/live/").partition("/")
            name = f"{topic.get(kind, kind)}:{id_}".rstrip(":")

            async def known() -> bool:
                return language in (await languages_read(self.redis, [name]))[name]

            try:
                # Until the relay knows of it, it would only be told to fetch the page.
                await until(known)
                yield heard
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                left_sockets.collect()

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


async def _listen(http: httpx.AsyncClient, path: str, language: str, heard: list[str]) -> None:
    headers = {"accept-language": language}
    async with http.stream("GET", f"{path}?since=", headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: ") and (text := line.removeprefix("data: ")):
                heard.append(text)


@asynccontextmanager
async def served(settings: Settings, *, worker: bool = True) -> AsyncIterator[Served]:
    stand_ins = StandIns()
    stand_ins.opendota.limit = 100_000
    async with (
        stand_ins.served(settings) as given,
        connect(given, given.redis_url) as (db, redis),
    ):
        site = Site(given, db, redis)
        async with (
            Supervisor() as background,
            background.keeping({"reports": reporting(redis, background)}),
            site.live(background),
            serving(site.app, "127.0.0.1", 0, site.hub.close) as port,
        ):
            running = Served(f"http://127.0.0.1:{port}", site, db, redis, stand_ins)
            try:
                if worker:
                    async with working(given, db, redis, background):
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
