"""The one place that asks what time it is; everything below takes `now`."""

import asyncio
from datetime import UTC, datetime

import structlog

WATCH_SECONDS = 1.0
# What clocks are adjusted by in everyday life is not worth a word.
NOTICED_SECONDS = 2.0

log = structlog.get_logger()


def now() -> datetime:
    """This moment in UTC, to the millisecond (what both databases keep alike)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


async def watch() -> None:
    """Say so when the clock is set while we run, or the machine has slept.

    What is planned survives that by itself: whoever plans compares with what could have
    been planned, or counts seconds that no clock can change.
    """
    loop = asyncio.get_running_loop()
    ahead = now().timestamp() - loop.time()
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        jumped = now().timestamp() - loop.time() - ahead
        if abs(jumped) > NOTICED_SECONDS:
            log.warning("the clock was set", by_seconds=round(jumped, 1))
        ahead += jumped
