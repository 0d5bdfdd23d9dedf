"""The public page of a tournament of 64, beside what we did not write.

`baige up`, a bare ASGI application and a bare Litestar route with the same compressed
bytes, the latter two under stock uvicorn, each in a process of its own, asked in turn.
Run: `.venv/bin/python -m benchmarks.public_page`.
Goals: at least 1.0 of the Litestar route's answers a second, and a median latency of
at most 1.2 times the bare application's (one connection, one request after another).
"""

import asyncio
import statistics

from benchmarks.house import bare, bytes_of, house
from benchmarks.load import load, with_wrk

ROUNDS = 5


async def main() -> None:
    async with house(64) as ours:
        body = await bytes_of(ours.page)
        async with bare("asgi", body) as asgi, bare("litestar", body) as route:
            await compare(ours.page, asgi, route)
    print(f"{len(body)} bytes compressed; load by {'wrk' if with_wrk() else 'our own client'}")


async def compare(page: str, asgi: str, route: str) -> None:
    rates, latencies = [], []
    for _ in range(ROUNDS):
        ours, theirs = await load(page), await load(route)
        alone, bare_alone = await load(page, connections=1), await load(asgi, connections=1)
        rates.append(ours.rate / theirs.rate)
        latencies.append(alone.p50 / bare_alone.p50)
        print(
            f"page {ours.rate:6.0f}/s p99 {ours.p99:5.1f} ms   "
            f"Litestar route {theirs.rate:6.0f}/s p99 {theirs.p99:5.1f} ms   "
            f"alone: page {alone.p50:.3f} ms, bare ASGI {bare_alone.p50:.3f} ms"
        )
    print(
        f"median ratios: rate {statistics.median(rates):.2f} (goal: at least 1.0), "
        f"latency {statistics.median(latencies):.2f} (goal: at most 1.2)"
    )


if __name__ == "__main__":
    asyncio.run(main())
