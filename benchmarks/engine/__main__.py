"""The engine: create a stage and play it to the end, beside brackets-manager.js.

Run: `npm ci --prefix benchmarks/engine`, then `.venv/bin/python -m benchmarks.engine`.
Goals: double elimination of 1,024 in at most 25 ms, per match flat from 128 to
4,096, one result at 4,096 under 1 ms, a Swiss round of 1,024 under 150 ms.
"""

import json
import statistics
import subprocess
import time
from pathlib import Path
from random import Random

import brackets
from brackets import Options, Outcome, Spec

HERE = Path(__file__).parent
RUNS = 5
WIN = Outcome(0)


def elimination(entrants: int) -> tuple[float, int]:
    """Milliseconds to create a double elimination and play it, and how many matches."""
    started = time.perf_counter()
    stage = brackets.start(Spec("double_elimination", entrants))
    played = 0
    while ready := stage.ready_ids:
        for id_ in ready:
            stage.apply(id_, WIN)
        played += len(ready)
    return (time.perf_counter() - started) * 1_000, played


def one_result(entrants: int) -> float:
    """Milliseconds of the slowest result of a first round."""
    stage = brackets.start(Spec("double_elimination", entrants))
    slowest = 0.0
    for id_ in stage.ready_ids:
        started = time.perf_counter()
        stage.apply(id_, WIN)
        slowest = max(slowest, time.perf_counter() - started)
    return slowest * 1_000


def swiss_rounds(entrants: int, rounds: int) -> list[float]:
    """Milliseconds that each next round of a random Swiss takes to appear."""
    chance = Random(entrants)
    stage = brackets.start(Spec("swiss", entrants, Options(rounds=rounds)))
    found = []
    for _ in range(rounds - 1):
        *others, last = stage.ready_ids
        for id_ in others:
            stage.apply(id_, Outcome(chance.randint(0, 1)))
        started = time.perf_counter()
        stage.apply(last, WIN)
        found.append((time.perf_counter() - started) * 1_000)
    return found


def manager(entrants: int) -> float:
    answer = subprocess.run(
        ["node", str(HERE / "manager.mjs"), str(entrants)], capture_output=True, check=True
    )
    return float(json.loads(answer.stdout)["milliseconds"])


def main() -> None:
    each = {}
    for entrants in (128, 512, 1_024, 4_096):
        ours, played = zip(*(elimination(entrants) for _ in range(RUNS)), strict=True)
        median = statistics.median(ours)
        each[entrants] = median / played[0] * 1_000
        line = f"double elimination {entrants}: {median:.1f} ms, {each[entrants]:.1f} µs a match"
        if entrants <= 1_024 and (HERE / "node_modules").exists():
            theirs = statistics.median(manager(entrants) for _ in range(3))
            line += f"; brackets-manager.js {theirs:.0f} ms, {theirs / median:.0f} times as long"
        print(line)
    print(f"a match at 4,096 beside one at 128: {each[4_096] / each[128]:.2f}")
    print(f"slowest of 2,048 results at 4,096 entrants: {one_result(4_096):.3f} ms")
    for entrants in (128, 1_024):
        times = swiss_rounds(entrants, 9)
        print(
            f"Swiss round of {entrants}: median {statistics.median(times):.1f}, "
            f"slowest {max(times):.1f} ms"
        )


if __name__ == "__main__":
    main()
