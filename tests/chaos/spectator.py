"""Somebody with a tournament's page open: its stream, and what a browser does when it breaks."""

import asyncio
import contextlib
import re

import httpx

from tests import left_sockets

PLAYED = re.compile(r"(\d+) of \d+ matches played")
SINCE = re.compile(r"/live/tournaments/\d+\?since=[^\"]*")
# As htmx: a moment, then again.
AGAIN = 0.5


class Spectator:
    """`shows` is how many matches the open page says were played; `stands` what a fresh one says."""

    def __init__(self, base_url: str, slug: str) -> None:
        self.shows = -1
        self._path = f"/tournaments/{slug}"
        self._http = httpx.AsyncClient(
            base_url=base_url, timeout=httpx.Timeout(5, read=40), headers={"accept-language": "en"}
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Spectator":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._http.aclose()
        left_sockets.collect()

    async def stands(self) -> int:
        """What a page says that is opened now; -1 where there is none."""
        try:
            answer = await self._http.get(self._path, timeout=15)
        except httpx.HTTPError:
            return -1
        found = PLAYED.search(answer.text)
        return int(found[1]) if answer.status_code == 200 and found else -1

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                await self._open_page()
            await asyncio.sleep(AGAIN)

    async def _open_page(self) -> None:
        answer = await self._http.get(self._path, timeout=15)
        if answer.status_code != 200:
            return
        self._take(answer.text)
        found = SINCE.search(answer.text)
        assert found, "the page has no stream"
        address, last_id = found[0].replace("&amp;", "&"), ""
        while True:
            headers = {"last-event-id": last_id} if last_id else {}
            with contextlib.suppress(httpx.HTTPError):
                async with self._http.stream("GET", address, headers=headers) as stream:
                    async for line in stream.aiter_lines():
                        name, _, value = line.partition(": ")
                        if name == "id":
                            last_id = value
                        elif name == "event" and value == "resync":
                            return
                        elif name == "data":
                            self._take(value)
            await asyncio.sleep(AGAIN)

    def _take(self, text: str) -> None:
        if found := PLAYED.search(text):
            self.shows = int(found[1])
