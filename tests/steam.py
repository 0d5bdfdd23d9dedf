"""A site with a stand-in Steam to sign in with, and browsers that go there and back."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import msgspec

from app.accounts.sessions import Viewer, find_viewer, open_session
from app.kernel import clock
from app.kernel.http.security import csrf_token
from app.kernel.operation.settings import Settings
from integrations.standins.serving import serve
from integrations.standins.steam_openid import PATH, World, application
from tests.site import Served, served

ALICE, BOB = "76561198000000001", "76561198000000002"
CALLBACK = "/sign-in/steam/callback"

Pairs = list[tuple[str, str]]


class Browser:
    """Keeps cookies as browsers do; sends its own token with every form."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=base_url, timeout=60, headers={"accept-language": "en"}
        )

    def cookie(self, name: str) -> str:
        return self.http.cookies.get(name) or ""

    async def viewer(self) -> Viewer | None:
        return await find_viewer(self.cookie("session"), now=clock.now())

    async def be(self, viewer: Viewer) -> None:
        token = await open_session(viewer.account, now=clock.now())
        self.http.cookies.set("session", token, domain="127.0.0.1", path="/")

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        if not (self.cookie("session") or self.cookie("csrf")):
            await self.get("/sign-in")
        secret = self.cookie("session") or self.cookie("csrf")
        return await self.http.post(path, data={"csrf": csrf_token(secret), **fields})

    # -- to Steam and back -------------------------------------------------

    async def leave(self, next: str = "/desk") -> str:
        """Begin to sign in; where we are sent."""
        answer = await self.http.get("/sign-in/steam", params={"next": next})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def leave_to_link(self) -> str:
        """The same from the account page; the address is the link of the page between."""
        answer = await self.post("/account/steam/link")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/steam")
        page = await self.get("/account/steam")
        assert page.status_code == 200
        found = page.text.partition('content="0; url=')[2].partition('"')[0]
        return found.replace("&amp;", "&")

    async def answered(self, address: str, who: str) -> Pairs:
        """What Steam sends back, as the pairs of the callback's query."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{address}&{urlencode({'as': who})}")
        return parse_qsl(urlsplit(answer.headers["location"]).query, keep_blank_values=True)

    async def come_back(self, pairs: Pairs) -> httpx.Response:
        return await self.get(f"{CALLBACK}?{urlencode(pairs)}")

    async def sign_in(self, who: str, next: str = "/desk") -> httpx.Response:
        return await self.come_back(await self.answered(await self.leave(next), who))

    async def link(self, who: str) -> httpx.Response:
        return await self.come_back(await self.answered(await self.leave_to_link(), who))

    async def sign_up(self, who: str, nickname: str, **fields: str) -> httpx.Response:
        answer = await self.sign_in(who)
        assert answer.headers["location"] == "/sign-up/steam"
        return await self.post("/sign-up/steam", nickname=nickname, language="en", **fields)


@dataclass
class Steam:
    """A site, the stand-in it signs in with, and the browsers of a test."""

    site: Served
    world: World
    endpoint: str
    browsers: list[Browser] = field(default_factory=list)

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.site.base_url))
        return self.browsers[-1]

    def move(self, url: str) -> None:
        """Give the site another address in its settings."""
        house = self.site.site.house
        settings = msgspec.structs.replace(house.settings, url=url)
        self.site.site.house = dataclasses.replace(house, settings=settings)

    async def forget_limits(self) -> None:
        async for key in self.site.redis.scan_iter("baige:limit:*"):
            await self.site.redis.delete(key)


@asynccontextmanager
async def with_steam(settings: Settings, *, worker: bool = False) -> AsyncIterator[Steam]:
    world = World()
    world.slow_seconds = 0.5
    standin = await serve(application(world))
    endpoint = standin.base_url + PATH
    settings = msgspec.structs.replace(settings, steam_openid_url=endpoint)
    try:
        async with served(settings, worker=worker) as site:
            steam = Steam(site, world, endpoint)
            # Its port, and so its address, is known only now.
            steam.move(site.base_url)
            yield steam
            for browser in steam.browsers:
                await browser.http.aclose()
    finally:
        await standin.stop()
