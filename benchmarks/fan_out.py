"""Live fan-out: from the commit's publish to the last socket, at 1,000 and 9,800 streams.

A web process and its streams' clients are separate processes on one machine,
so their clocks agree. Run: `.venv/bin/python -m benchmarks.fan_out [streams ...]`.
Goals: p99 at most 150 ms at 1,000 and 1,000 ms at 9,800 streams.
"""

import asyncio
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.live import feed
from app.kernel.operation.settings import Settings
from app.kernel.operation.valkey import Valkey
from tests.site import served

GOALS = {1_000: 150, 9_800: 1_000}
MESSAGES = 8
PADDING = "x" * 2_000
MARK = b'data-sent="'


def main() -> None:
    for streams in [int(each) for each in sys.argv[1:]] or list(GOALS):
        asyncio.run(measure(streams))


async def measure(streams: int) -> None:
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
            client = context.Process(target=listen, args=(port, streams, results))
            client.start()
            while site.site.hub.streams < streams:
                await asyncio.sleep(0.1)
            for _ in range(MESSAGES):
                sent = time.monotonic_ns()
                html = f'<p {MARK.decode()}{sent}">{PADDING}</p>'
                await feed.send(site.redis, "home", dict.fromkeys(("kk", "ru", "en"), html))
                await asyncio.sleep(2.0)
            report(streams, await asyncio.to_thread(results.get, timeout=60))
            client.join()
        valkey.stop()


def report(streams: int, delays: list[list[float]]) -> None:
    """Medians over the messages of each message's p50, p99 and slowest."""
    shown = [
        statistics.median(each[int(len(each) * part)] for each in delays) for part in (0.5, 0.99)
    ]
    last = statistics.median(each[-1] for each in delays)
    reached = min(len(each) for each in delays)
    goal = GOALS.get(streams, 1_000)
    print(
        f"{streams} streams: p50 {shown[0]:.0f} ms, p99 {shown[1]:.0f} ms, last {last:.0f} ms; "
        f"{reached} reached by every message; p99/goal {shown[1] / goal:.2f}"
    )


def listen(port: int, streams: int, results: Any) -> None:
    _raise_limit()
    results.put(asyncio.run(_listen(port, streams)))


async def _listen(port: int, streams: int) -> list[list[float]]:
    delays: list[list[float]] = [[] for _ in range(MESSAGES)]
    gate = asyncio.Semaphore(100)
    await asyncio.gather(*(_stream(port, gate, delays) for _ in range(streams)))
    return [sorted(each) for each in delays]


async def _stream(port: int, gate: asyncio.Semaphore, delays: list[list[float]]) -> None:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**14)
        writer.write(b"GET /live/home HTTP/1.1\r\nhost: x\r\naccept-language: en\r\n\r\n")
        await reader.readuntil(b": ping")
    for message in range(MESSAGES):
        found = await reader.readuntil(b"</p>")
        delay = time.monotonic_ns() - int(found.split(MARK)[1].split(b'"')[0])
        delays[message].append(delay / 1e6)
    writer.close()


def _raise_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
