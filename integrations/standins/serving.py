"""A stand-in on a real socket, inside the running loop."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from functools import cache

import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Whoever started us handles signals, for all parts of the process.
        yield


class Running:
    """A stand-in being served; `base_url` is what a client's setting takes."""

    def __init__(self, server: _Server, task: asyncio.Task[None], base_url: str) -> None:
        self.base_url = base_url
        self._server = server
        self._task = task

    async def stop(self) -> None:
        """Stop at once: whoever still waits for a slow answer gets none."""
        self._server.should_exit = True
        await self._task


class WhenAsked:
    """An application that is made when it is first asked: of several, most people need one."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = cache(make)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._make()(scope, receive, send)


async def serve(
    application: ASGIApp, host: str = "127.0.0.1", port: int = 0, *, path: str = ""
) -> Running:
    """Serve it from now on, its API under `path`; port 0 asks for a free one.

    OSError if the port is taken.
    """
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        # Cutting off who still waits is what stopping means here.
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=0,
    )
    server = _Server(config)
    # Our own socket: uvicorn ends the process where it cannot have one.
    bound = socket.create_server((host, port))
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        if task.done():
            task.result()
            raise OSError(f"cannot listen on {host}:{port}")
        await asyncio.sleep(0.005)
    return Running(server, task, f"http://{host}:{bound.getsockname()[1]}{path}")
