"""Background work runs under supervision: nothing ends without a word, and nothing stays ended.

One task group a process. Each piece of work is made by a factory and has a name; whenever
it ends, whatever it returned or raised, that is logged once, counted, and it is begun again
after a pause.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

import structlog

from app.kernel import clock
from app.kernel.operation.away import is_away

# Pauses in seconds: doubled with every end, and short enough that after an outage
# everything is back within half a minute.
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
# What ran for so many seconds was well: its next pause is the first one again.
WELL_AFTER = 30.0
# What is told to stop and does not is told again, so many times, after so many seconds.
STOP_AGAIN = 0.5
STOP_TIMES = 12

Make = Callable[[], Awaitable[object]]

log = structlog.get_logger()


class End(NamedTuple):
    """When (UTC) and why a piece of work ended."""

    at: datetime
    why: str


class Supervisor:
    """The task group of one process; `restarts` counts the ends of each piece of work."""

    def __init__(self) -> None:
        self.restarts: Counter[str] = Counter()
        self.last_ends: dict[str, End] = {}
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        # Only spreads what many processes do at once.
        self._chance = random.Random()  # noqa: S311

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        # What was raised around us goes its own way, not into a group of errors.
        await self._group.__aexit__(None, None, None)

    @asynccontextmanager
    async def keeping(self, works: Mapping[str, Make]) -> AsyncIterator[None]:
        """Keep these going as long as the block runs; at its end all of them have ended."""
        tasks = [self.keep(name, make) for name, make in works.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def keep(self, name: str, make: Make) -> asyncio.Task[None]:
        """Keep it going until the task is cancelled or the supervisor is left."""
        task = self._group.create_task(self._for_ever(name, make), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _for_ever(self, name: str, make: Make) -> None:
        loop, ends_in_a_row = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            error = await end_of(make)
            if loop.time() - began >= WELL_AFTER:
                ends_in_a_row = 0
            ends_in_a_row += 1
            pause = _pause(ends_in_a_row, self._chance.random())
            self._note(name, error, pause)
            await asyncio.sleep(pause)

    def _note(self, name: str, error: BaseException | None, pause: float) -> None:
        self.restarts[name] += 1
        self.last_ends[name] = End(clock.now(), _reason(error))
        log.warning(
            "background work ended and begins again",
            work=name,
            why=_reason(error),
            times=self.restarts[name],
            seconds=round(pause, 2),
            # A service that is away is no mistake of ours: its name says enough.
            exc_info=error if error is not None and not is_away(error) else None,
        )


async def end_of(make: Make) -> BaseException | None:
    """Run it, and how it ended: what it raised, or None. Raises only when we are to stop.

    In a task of its own: so what is meant for us is told from what it did to itself.
    (Task groups of Python 3.11 and 3.12 may leave their task looking cancelled.)
    """
    life = asyncio.create_task(_caught(make))
    try:
        await asyncio.wait([life])
    except asyncio.CancelledError:
        await _stop(life)
        raise
    return asyncio.CancelledError() if life.cancelled() else life.result()


async def _caught(make: Make) -> BaseException | None:
    try:
        await make()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        # SystemExit too: in a task it would end the loop.
        return error
    return None


async def _stop(life: asyncio.Task[BaseException | None]) -> None:
    """Cancel until it has ended: some library in between may have swallowed the first."""
    for _ in range(STOP_TIMES):
        life.cancel()
        if (await asyncio.wait([life], timeout=STOP_AGAIN))[0]:
            return
    log.error("background work cannot be stopped", work=repr(life))


def _pause(ends: int, chance: float) -> float:
    """From half to all of 0.25, 0.5, 1, 2, 4, then 5 seconds; `chance` is 0 to 1."""
    longest: float = FIRST_PAUSE * 2 ** min(ends - 1, 16)
    return min(longest, LONGEST_PAUSE) * (0.5 + chance / 2)


def _reason(error: BaseException | None) -> str:
    if error is None:
        return "it returned"
    if isinstance(error, BaseExceptionGroup):
        inner = "; ".join(_reason(each) for each in error.exceptions)
        return f"{type(error).__name__}: {inner}"[:300]
    return f"{type(error).__name__}: {error}"[:300]


def every(
    seconds: float, work: Make, *, first_after: float = 0.0
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Work that is done again and again with a pause between, by no clock that can be set.

    `first_after`: seconds before the first time, stretched by chance to as much again, so
    that many processes do not all begin it together.
    """

    async def again_and_again() -> None:
        await asyncio.sleep(first_after * (1 + random.random()))  # noqa: S311
        while True:
            await work()
            await asyncio.sleep(seconds)

    return again_and_again
