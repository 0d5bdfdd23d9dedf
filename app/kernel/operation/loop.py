"""The event loop everything runs in: uvloop where the system has it, else asyncio's own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def new_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the loop; a system without uvloop (Windows) has a slower one, not none."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a loop of its own, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=new_loop()) as runner:
        return runner.run(work)
