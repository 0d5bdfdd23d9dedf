"""Live fan-out: from the publish to the last socket, at 1,000 and 9,800 streams.

The messages are real ones: of each format the push of one result of 64 clans (the
median by size), compressed as browsers ask. A web process and its streams' clients are
separate processes on one machine, so their clocks agree.
Run: `.venv/bin/python -m benchmarks.fan_out [streams ...]`.
Goals: p99 at most 150 ms at 1,000 and 1,000 ms at 9,800 streams.
"""

import asyncio
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.live import feed
from app.kernel.live.hub import PING_DEFLATED
from app.kernel.operation.settings import Settings
from app.kernel.operation.valkey import Valkey
from app.kernel.text.i18n import LOCALES
from benchmarks.pushes import STAGES, pushed
from tests.site import served

GOALS = {1_000: 150, 9_800: 1_000}
MARK = b'data-sent="'
END = b"</p>"


def main() -> None:
    messages = asyncio.run(real_messages())
    for streams in [int(each) for each in sys.argv[1:]] or list(GOALS):
        asyncio.run(measure(streams, messages))


async def real_messages() -> list[str]:
    """For each format the push that is neither large nor small."""
    found = []
    for name in STAGES:
        sizes = sorted([html async for _, html in pushed(name, 24)], key=len)
        found.append(sizes[len(sizes) // 2])
    return found


async def measure(streams: int, messages: list[str]) -> None:
    _raise_limit()
    with tempfile.TemporaryDirectory() as folder:
        valkey = Valkey(Path(folder))
        await valkey.start()
        # All of them come from this machine: a network whose streams are not counted.
        settings = Settings(data_dir=Path(folder), redis_url=valkey.url, lan="1")
        await migrations.apply(Database(settings.database))
        async with served(settings, worker=False) as site:
            port = int(site.base_url.rpartition(":")[2])
            context = multiprocessing.get_context("spawn")
            results: Any = context.Queue()
            client = context.Process(
                target=listen, args=(port, site.site.hub.position, streams, len(messages), results)
            )
            client.start()
            while site.site.hub.streams < streams:
                await asyncio.sleep(0.1)
            for message in messages:
                sent = time.monotonic_ns()
                html = f'{message}<p {MARK.decode()}{sent}">{END.decode()}'
                await feed.send(site.redis, feed.LiveMessage("home", dict.fromkeys(LOCALES, html)))
                await asyncio.sleep(2.0)
            report(streams, *await asyncio.to_thread(results.get, timeout=60))
            client.join()
        valkey.stop()


def report(streams: int, delays: list[list[float]], received: int) -> None:
    """Medians over the messages of each message's p50, p99 and slowest."""
    shown = [
        statistics.median(each[int(len(each) * part)] for each in delays) for part in (0.5, 0.99)
    ]
    last = statistics.median(each[-1] for each in delays)
    reached = min(len(each) for each in delays)
    goal = GOALS.get(streams, 1_000)
    print(
        f"{streams} streams: p50 {shown[0]:.0f} ms, p99 {shown[1]:.0f} ms, last {last:.0f} ms; "
        f"{reached} reached by every message, {received / streams / len(delays):.0f} bytes each; "
        f"p99/goal {shown[1] / goal:.2f}"
    )


def listen(port: int, since: str, streams: int, messages: int, results: Any) -> None:
    _raise_limit()
    results.put(asyncio.run(_listen(port, since, streams, messages)))


async def _listen(
    port: int, since: str, streams: int, messages: int
) -> tuple[list[list[float]], int]:
    """By message the delays in milliseconds, in order; and all bytes that came."""
    delays: list[list[float]] = [[] for _ in range(messages)]
    gate = asyncio.Semaphore(100)
    received = await asyncio.gather(*(_stream(port, since, gate, delays) for _ in range(streams)))
    return [sorted(each) for each in delays], sum(received)


async def _stream(port: int, since: str, gate: asyncio.Semaphore, delays: list[list[float]]) -> int:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**16)
        head = f"GET /live/home?since={since} HTTP/1.1\r\nhost: x\r\naccept-language: en\r\n"
        writer.write(f"{head}accept-encoding: gzip\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(PING_DEFLATED)
    received = 0
    for message in delays:
        text = b""
        # Pings come in between.
        while MARK not in text:
            size = int((await reader.readline()).strip() or await reader.readline(), 16)
            chunk = await reader.readexactly(size)
            arrived = time.monotonic_ns()
            text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(chunk)
        received += size
        message.append((arrived - int(text.split(MARK)[1].split(b'"')[0])) / 1e6)
    writer.close()
    return received


def _raise_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
