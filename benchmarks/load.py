"""A load of kept-alive connections, as browsers ask: with gzip, over and over.

wrk does it where it is installed (apt install wrk); else a process of our own, which
is slower than what it measures: its rates are a lower bound, and it says so.
"""

import asyncio
import re
import shutil
import statistics
import sys
import time
from typing import NamedTuple

UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}
LATENCY = re.compile(r"(50|99)%\s+([\d.]+)(us|ms|s)\b")
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
FAILED = re.compile(r"Non-2xx[^:]*: (\d+)|Socket errors: (.+)")


class Load(NamedTuple):
    """Answers a second, and how long half of them and 99 of 100 took, in milliseconds."""

    rate: float
    p50: float
    p99: float


def with_wrk() -> bool:
    return shutil.which("wrk") is not None


async def load(
    url: str, *, connections: int = 32, seconds: float = 4.0, headers: tuple[str, ...] = ()
) -> Load:
    """Ask for `url` (http://host:port/path) all the time; `headers` as `Name: value`."""
    headers = ("Accept-Encoding: gzip", "Accept-Language: en", *headers)
    if with_wrk():
        return await _wrk(url, connections, seconds, headers)
    return await _own(url, connections, seconds, headers)


async def _wrk(url: str, connections: int, seconds: float, headers: tuple[str, ...]) -> Load:
    words = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{int(seconds)}s"]
    for header in headers:
        words += ["-H", header]
    asked = await asyncio.create_subprocess_exec(*words, url, stdout=asyncio.subprocess.PIPE)
    said = (await asked.communicate())[0].decode()
    if found := FAILED.search(said):
        print(f"  {url}: {found[0]}", file=sys.stderr)
    took = {part: float(value) * UNITS[unit] for part, value, unit in LATENCY.findall(said)}
    rate = RATE.search(said)
    assert rate, said
    return Load(float(rate[1]), took["50"], took["99"])


async def _own(url: str, connections: int, seconds: float, headers: tuple[str, ...]) -> Load:
    words = [sys.executable, "-m", "benchmarks.load", url, str(connections), str(seconds)]
    asked = await asyncio.create_subprocess_exec(*words, *headers, stdout=asyncio.subprocess.PIPE)
    rate, p50, p99 = map(float, (await asked.communicate())[0].split())
    return Load(rate, p50, p99)


async def _client(url: str, connections: int, seconds: float, headers: tuple[str, ...]) -> Load:
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    head = "".join(f"{each}\r\n" for each in headers)
    request = f"GET /{path} HTTP/1.1\r\nhost: {host}\r\n{head}\r\n".encode()
    deadline = time.perf_counter() + seconds
    times = await asyncio.gather(
        *(_ask(name, int(port), request, deadline) for _ in range(connections))
    )
    took = sorted(each for some in times for each in some)
    parts = statistics.quantiles(took, n=100)
    return Load(len(took) / seconds, parts[49], parts[98])


async def _ask(host: str, port: int, request: bytes, deadline: float) -> list[float]:
    reader, writer = await asyncio.open_connection(host, port)
    took = []
    while (before := time.perf_counter()) < deadline:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append((time.perf_counter() - before) * 1_000)
    writer.close()
    return took


if __name__ == "__main__":
    print(
        *asyncio.run(_client(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), (*sys.argv[4:],)))
    )
