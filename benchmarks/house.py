"""A house to measure: `baige up` as a real process, over a prepared database."""

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from app.accounts.sessions import open_session
from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from tests.factories import Cup, large_cup
from tests.processes import Process


class House(NamedTuple):
    """Where it is, the cup in it, and the session of the cup's organiser."""

    address: str
    cup: Cup
    session: str
    folder: Path

    @property
    def page(self) -> str:
        return f"{self.address}/tournaments/{self.cup.slug}"


@asynccontextmanager
async def house(entrants: int) -> AsyncIterator[House]:
    """Serve a started single elimination of so many clans."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        db = Database(f"sqlite:///{folder / 'baige.db'}")
        await migrations.apply(db)
        await db.open()
        cup = await large_cup(db, entrants)
        session = await open_session(cup.organiser.account, now=clock.now())
        await db.close()
        process = Process("up", "--no-demo", folder=folder)
        port = await process.start()
        try:
            yield House(f"http://127.0.0.1:{port}", cup, session, folder)
        finally:
            await process.stop()


@asynccontextmanager
async def bare(application: str, body: bytes) -> AsyncIterator[str]:
    """One of `benchmarks.bare` under stock uvicorn; its address."""
    with tempfile.NamedTemporaryFile() as kept, socket.socket() as free:
        kept.write(body)
        kept.flush()
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        words = ["-m", "uvicorn", f"benchmarks.bare:{application}", "--port", str(port)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, "--no-access-log", "--log-level", "error",
            env={"BARE_BODY": kept.name, "PATH": ""},
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}/"
        try:
            await _answers(address)
            yield address
        finally:
            process.terminate()
            await process.wait()


async def _answers(address: str) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(100):
            try:
                await http.get(address)
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    raise SystemExit(f"{address} does not answer")


async def bytes_of(url: str) -> bytes:
    """The compressed body, as it is sent."""
    async with httpx.AsyncClient() as http, http.stream("GET", url) as answer:
        return b"".join([chunk async for chunk in answer.aiter_raw()])
