"""Behind a proxy that stops passing things on without closing, the page notices and mends it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.factories import cup
from tests.site import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Stalling:
    """A TCP proxy; while it stalls, connections stay open and nothing comes through."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.flows = asyncio.Event()
        self.flows.set()
        self.connections = 0

    @asynccontextmanager
    async def served(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.tasks: set[asyncio.Task] = set()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.connections += 1
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.port)
        for source, target in ((reader, ours), (theirs, writer)):
            self.tasks.add(asyncio.create_task(self._pass_on(source, target)))

    async def _pass_on(self, source, target):
        try:
            while data := await source.read(65_536):
                await self.flows.wait()
                target.write(data)
                await target.drain()
        finally:
            target.close()


async def test_a_stalled_stream_is_noticed_and_begun_again(site, somebody):
    made = await cup(site.db, 2)
    proxy = Stalling(int(site.base_url.rpartition(":")[2]))
    async with proxy.served() as port, somebody(f"http://127.0.0.1:{port}") as visitor:
        page = visitor.page
        await visitor.go(f"/tournaments/{made.slug}")
        assert await page.locator("#live").get_attribute("data-patience") == "35"
        await page.evaluate("document.getElementById('live').dataset.patience = '3'")

        async def connected():
            return site.site.hub.streams == 1

        await until(connected)
        proxy.flows.clear()
        organiser = await site.signed_in(made.organiser)
        match = (await made.match("U1.1"))["id"]
        await organiser.post(f"/matches/{match}/rule", kind="walkover_a", reason="no show")
        # It says so ...
        await page.locator("#offline").wait_for(state="visible", timeout=10_000)
        assert "Walkover" not in await page.locator(f"#match-{match}").inner_text()
        # ... and is right again when things come through, without being touched.
        proxy.flows.set()
        await page.locator("#offline").wait_for(state="hidden", timeout=15_000)
        await page.locator(f"#match-{match}.walkover").wait_for(timeout=15_000)
