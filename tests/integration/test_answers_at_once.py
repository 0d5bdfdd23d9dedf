"""Answers leave at once: the listening socket, the loop, and a client that delays its ACKs."""

import asyncio
import os
import socket

import pytest

from app.kernel.operation import loop
from app.serving import serving


async def _app(scope, receive, send):
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, loop.new_loop()])
def test_accepted_connections_do_not_wait_for_acknowledgements(factory):
    """On either loop: without TCP_NODELAY a kept-alive answer takes 40 ms."""

    async def main():
        async with serving(_app, "127.0.0.1", 0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            await reader.readuntil(b"ok")
            mine = writer.get_extra_info("sockname")
            options = _nodelay_of(mine)
            writer.close()
            return options

    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(main())


def _nodelay_of(peer) -> bool:
    """Whether the server's end of the connection from `peer` has TCP_NODELAY, by its own file."""
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            found = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        with found:
            try:
                if found.getpeername() == peer:
                    return bool(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            except OSError:
                continue
    raise AssertionError("no such connection")


def test_the_command_runs_in_uvloop():
    async def name():
        return type(asyncio.get_running_loop()).__module__

    assert loop.run(name()).startswith("uvloop")
