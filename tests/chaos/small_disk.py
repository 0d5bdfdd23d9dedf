"""A disk that can be filled and freed: a small one of its own, or what comes near to it.

Mounting needs root; elsewhere the processes are told by the system that their files may
not grow, or Redis that its memory is full: errors of the same kind.
"""

import contextlib
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

PIECE = 64 * 1024


class Mounted:
    """A file system in memory; `folder` is where it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """All of what is free, also of what became free since."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while True:
                filler.write(b"\0" * PIECE)
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while True:
                filler.write(b"\0" * 512)

    def free(self) -> None:
        self._filler.unlink()


class Limited:
    """No disk of its own: files of these processes may not grow beyond a few bytes."""

    def __init__(self, folder: Path, processes: Callable[[], list[int]]) -> None:
        self.folder = folder
        self._processes = processes

    def fill(self) -> None:
        self._limit(4096)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, most: int) -> None:
        for process in self._processes():
            with contextlib.suppress(ProcessLookupError):
                _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
                resource.prlimit(process, resource.RLIMIT_FSIZE, (most, hard))


class Starved:
    """A Redis whose memory is full: it takes no writes, as with a full disk."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url)

    def fill(self) -> None:
        self._redis.config_set("maxmemory", "1")

    def free(self) -> None:
        self._redis.config_set("maxmemory", "0")
        self._redis.close()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Mounted | None]:
    """A disk of that size at `folder` while the block runs; None where we may not mount."""
    folder.mkdir(exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "baige-chaos"]
    mounted = (
        os.getuid() == 0
        and not subprocess.run(
            ["mount", *options, str(folder)], check=False, capture_output=True
        ).returncode
    )
    try:
        yield Mounted(folder) if mounted else None
    finally:
        if mounted:
            _unmount(folder)


def _unmount(folder: Path) -> None:
    for _ in range(50):
        if not subprocess.run(["umount", str(folder)], check=False, capture_output=True).returncode:
            return
        # Who wrote there is just about to end.
        time.sleep(0.1)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
