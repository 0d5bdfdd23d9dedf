"""Whoever decides goes first: kept pages wait a moment while a member's form is dealt with.

A command asks the database some thirty times, and at each turn of the loop every
visitor who waits is answered first: at full load a ruling took ten times as long as
alone. Now visitors wait for it instead, all of them once, and never longer than
`LONGEST_SECONDS` however many commands there are.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_SECONDS = 0.02


class RightOfWay:
    """Of one web process."""

    def __init__(self) -> None:
        self._commands = 0
        self._free = asyncio.Event()
        self._free.set()

    @contextmanager
    def first(self) -> Iterator[None]:
        """While the block runs kept pages wait; of overlapping blocks only for the first."""
        if not self._commands:
            self._free = asyncio.Event()
            asyncio.get_running_loop().call_later(LONGEST_SECONDS, self._free.set)
        self._commands += 1
        try:
            yield
        finally:
            self._commands -= 1
            if not self._commands:
                self._free.set()

    async def give(self) -> None:
        """Wait until nobody goes first, or for the longest time."""
        if not self._free.is_set():
            await self._free.wait()
