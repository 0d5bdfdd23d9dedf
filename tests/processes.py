"""`baige` as real processes, started and killed."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

READY = r"ready at http://[\d.]+:(\d+)|worker ready"
STARTED: list[asyncio.subprocess.Process] = []
"""Those of this test; what a failed test leaves behind would eat the jobs of the next one."""
BAIGE = Path(sys.executable).with_name("baige")


class Process:
    """One `baige` command with its own settings."""

    def __init__(self, *arguments: str, folder: Path, **settings: str) -> None:
        self.arguments = arguments
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BAIGE_")},
            "BAIGE_DATA_DIR": settings.pop("data_dir", str(folder)),
            "BAIGE_PORT": "0",
            **{f"BAIGE_{name.upper()}": value for name, value in settings.items()},
        }
        self.said = ""

    async def start(self, ready: str = READY) -> int:
        """Start it and wait until it says it is ready; its port (0 for a worker)."""
        self.process = await asyncio.create_subprocess_exec(
            str(BAIGE),
            *self.arguments,
            env=self.environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        STARTED.append(self.process)
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            while line := await self.process.stdout.readline():
                self.said += line.decode()
                if found := re.search(ready, self.said):
                    self._listening = asyncio.create_task(self._listen())
                    return int(found[1] or 0)
        raise AssertionError(f"{self.arguments} ended: {self.said}")

    async def _listen(self) -> None:
        # A pipe that nobody reads fills up, and who writes to it stands still.
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.said += line.decode()

    async def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        await self._gone()

    async def stop(self) -> float:
        """Ctrl-C; how many seconds it took."""
        before = asyncio.get_running_loop().time()
        self.process.send_signal(signal.SIGINT)
        await self._gone()
        return asyncio.get_running_loop().time() - before

    async def _gone(self) -> None:
        async with asyncio.timeout(20):
            await self.process.wait()
            await self._listening


def kill_the_rest() -> None:
    """kill -9 whatever a test has left running."""
    while STARTED:
        process = STARTED.pop()
        if process.returncode is None:
            process.kill()


async def run(*arguments: str, folder: Path, **settings: str) -> tuple[int, str]:
    """A command that ends by itself: its exit code and what it said."""
    process = Process(*arguments, folder=folder, **settings)
    done = await asyncio.create_subprocess_exec(
        str(BAIGE),
        *arguments,
        env=process.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await done.communicate()
    return done.returncode or 0, out.decode()
