"""The public tournament page against a bare route that sends the same bytes.

Both are served by the same process on loopback, asked in turn by a few
connections. Run: `.venv/bin/python -m benchmarks.public_page`.
Goal: at least 0.7 of the bare route's requests a second.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from litestar import Litestar, Response, get

from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.operation.settings import Settings
from app.kernel.operation.valkey import Valkey
from app.serving import serving
from tests.factories import large_cup
from tests.site import served

CONNECTIONS = 8
SECONDS = 2.0
ROUNDS = 5


def bare(body: bytes) -> Litestar:
    @get("/")
    async def page() -> Response[bytes]:
        return Response(body, headers={"content-encoding": "gzip"}, media_type="text/html")

    return Litestar([page], openapi_config=None, logging_config=None)


async def rate(port: int, path: str) -> float:
    """Requests a second, by raw keep-alive connections (a client of Python's own
    libraries would cost more than the server)."""
    deadline = time.perf_counter() + SECONDS
    counts = await asyncio.gather(*(ask(port, path, deadline) for _ in range(CONNECTIONS)))
    return sum(counts) / SECONDS


async def ask(port: int, path: str, deadline: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n".encode()
    count = 0
    while time.perf_counter() < deadline:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        valkey = Valkey(Path(folder))
        await valkey.start()
        settings = Settings(data_dir=Path(folder), redis_url=valkey.url)
        await migrations.apply(Database(settings.database))
        async with served(settings, worker=False) as site:
            made = await large_cup(site.db, 32)
            path = f"/tournaments/{made.slug}"
            async with httpx.AsyncClient() as http:
                body = b""
                async with http.stream("GET", site.base_url + path) as answer:
                    async for chunk in answer.aiter_raw():
                        body += chunk
            port = int(site.base_url.rpartition(":")[2])
            async with serving(bare(body), "127.0.0.1", 0) as bare_port:
                await compare(port, path, bare_port, len(body))
        valkey.stop()


async def compare(port: int, path: str, bare_port: int, size: int) -> None:
    ratios = []
    for _ in range(ROUNDS):
        ours, theirs = await rate(port, path), await rate(bare_port, "/")
        ratios.append(ours / theirs)
        print(f"page {ours:6.0f}/s   bare route {theirs:6.0f}/s   ratio {ratios[-1]:.2f}")
    print(f"{size} bytes compressed; median ratio {statistics.median(ratios):.2f} (goal: 0.7)")


if __name__ == "__main__":
    asyncio.run(main())
