"""The page of a tournament of 64 as a signed-in member gets it.

Run: `.venv/bin/python -m benchmarks.signed_in_page`. `PEER_URL` and `PEER_HEADER`
(`Authorization: …`) name the like page of another program, to be measured in turn;
it has to be running.
Goals: a median of at most 4 ms, at least 300 answers a second, 3 times the peer's.
"""

import asyncio
import os
import statistics

from benchmarks.house import house
from benchmarks.load import Load, load

ROUNDS = 5
CONNECTIONS = 32


async def main() -> None:
    peer, header = os.environ.get("PEER_URL", ""), os.environ.get("PEER_HEADER", "")
    async with house(64) as ours:
        cookie = (f"Cookie: session={ours.session}",)
        rates, medians, ratios = [], [], []
        for _ in range(ROUNDS):
            many = await load(ours.page, connections=CONNECTIONS, headers=cookie)
            alone = await load(ours.page, connections=1, headers=cookie)
            said = f"alone {alone.p50:.2f} ms   32 clients {many.rate:4.0f}/s p99 {many.p99:.0f} ms"
            rates.append(many.rate)
            medians.append(alone.p50)
            if peer:
                theirs: Load = await load(
                    peer, connections=CONNECTIONS, headers=(header,) if header else ()
                )
                ratios.append(many.rate / theirs.rate)
                said += f"   peer {theirs.rate:4.0f}/s p99 {theirs.p99:.0f} ms"
            print(said)
        print(
            f"median {statistics.median(medians):.2f} ms (goal: at most 4), "
            f"{statistics.median(rates):.0f}/s (goal: at least 300)"
        )
        if ratios:
            print(f"ratio to the peer {statistics.median(ratios):.1f} (goal: at least 3)")


if __name__ == "__main__":
    asyncio.run(main())
