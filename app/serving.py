"""uvicorn inside our own loop: no signal handlers, and an end that does not wait."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from app.kernel.http.dripping import PATIENCE, Patience, Watch
from app.kernel.http.networks import Networks

BACKLOG = 2_048
GRACE_SECONDS = 1
SEND_BUFFER = 128 * 1024
NOBODY = Networks()
EVERYBODY = ("0.0.0.0/0", "::/0")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, before_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_end = before_end

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        # Whoever runs us handles signals, for all of the process's parts.
        yield

    async def shutdown(self, sockets: Any = None) -> None:
        # Open streams would keep the server waiting: end them first.
        self._before_end()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    """A socket of our own: uvicorn's ends the whole loop when the port is taken.

    Its protocol must be named: only then does asyncio set TCP_NODELAY on connections,
    without which every kept-alive answer waits 40 ms for the client's acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    _bound(listening)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise SystemExit(
            f"baige: cannot listen on {host}:{port} ({error.strerror}); BAIGE_PORT chooses another"
        ) from None
    return listening


def _bound(listening: socket.socket) -> None:
    """What the system holds for a client who does not read: not megabytes, not for ever.

    Connections inherit it.
    """
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(PATIENCE.answer * 1_000)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _proxies(trusted: str | list[str]) -> Networks:
    """Those before us as uvicorn reads FORWARDED_ALLOW_IPS: everybody comes through them."""
    names = trusted if isinstance(trusted, list) else trusted.split(",")
    return Networks.of(EVERYBODY if "*" in names else names)


@asynccontextmanager
async def serving(
    app: Any,
    host: str,
    port: int,
    before_end: Callable[[], None] = lambda: None,
    *,
    patience: Patience = PATIENCE,
    local: Networks = NOBODY,
) -> AsyncIterator[int]:
    """Serve `app` while the block runs; gives the port (0 asks for a free one).

    Visitors from `local` networks may have any number of connections.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        timeout_keep_alive=int(patience.idle) + 1,
    )
    watch = Watch(patience, _proxies(config.forwarded_allow_ips) | local)
    config.http = watch.protocol  # type: ignore[assignment]
    listening = _listen(host, port)
    server = _Server(config, before_end)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    looking = asyncio.create_task(watch.look_for_ever())
    try:
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
