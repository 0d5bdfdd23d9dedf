"""How a process is told to end."""

import asyncio
import os
import signal
from collections.abc import Callable


class Ending:
    """By Ctrl-C at once, by SIGTERM after so many seconds; the second time now.

    `drain` is called when the first one comes: whoever sends people here hears of it, and
    until the end all who still come are served.
    """

    def __init__(self, drain: Callable[[], None] = lambda: None, seconds: float = 0) -> None:
        self._drain = drain
        self._told = False
        self._over = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Who types Ctrl-C sits before the machine and waits for it.
        loop.add_signal_handler(signal.SIGINT, self._tell, 0)
        loop.add_signal_handler(signal.SIGTERM, self._tell, seconds)

    def _tell(self, seconds: float) -> None:
        if self._told:
            os._exit(130)
        self._told = True
        self._drain()
        asyncio.get_running_loop().call_later(seconds, self._over.set)

    async def wait(self) -> None:
        """Until it is time to end."""
        await self._over.wait()
