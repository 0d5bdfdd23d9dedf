"""A cup that is being played: 32 visitors ask for its page while a result a second comes.

Run: `.venv/bin/python -m benchmarks.one_result_a_second`.
Goals: the page's p99 at most 30 ms, a ruling's median at most 15 ms; and beside the
same house at rest, how many times that is.
"""

import asyncio
import statistics
import time

from benchmarks.house import House, bytes_of, house
from benchmarks.load import load
from tests.site import Person

SECONDS = 20
ENTRANTS = 64


async def main() -> None:
    async with house(ENTRANTS) as ours:
        organiser = Person(ours.address, ours.session)
        await bytes_of(ours.page)
        quiet = await load(ours.page, seconds=4)
        alone = [await rule(organiser, number) for number in range(1, 7)]
        busy, ruled = await asyncio.gather(
            load(ours.page, seconds=SECONDS), results(ours, organiser, range(7, 7 + SECONDS - 1))
        )
        await organiser.http.aclose()
    print(f"at rest: page {quiet.rate:.0f}/s p99 {quiet.p99:.1f} ms")
    print(f"no visitors: a ruling takes {statistics.median(alone):.1f} ms")
    print(
        f"a result a second: page {busy.rate:.0f}/s p99 {busy.p99:.1f} ms (goal: at most 30), "
        f"{busy.p99 / quiet.p99:.1f} times that at rest"
    )
    print(
        f"a ruling p50 {statistics.median(ruled):.1f} ms (goal: at most 15), slowest "
        f"{max(ruled):.1f} ms, {statistics.median(ruled) / statistics.median(alone):.1f} times"
    )


async def results(ours: House, organiser: Person, matches: range) -> list[float]:
    taken = []
    for number in matches:
        begun = time.perf_counter()
        taken.append(await rule(organiser, number))
        await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - begun)))
    return taken


async def rule(organiser: Person, match: int) -> float:
    """Milliseconds until the organiser is told that it counts."""
    begun = time.perf_counter()
    answer = await organiser.post(
        f"/matches/{match}/rule", kind="score", score_a="1", score_b="0", reason="benchmark"
    )
    assert answer.status_code == 303, answer.text
    return (time.perf_counter() - begun) * 1_000


if __name__ == "__main__":
    asyncio.run(main())
