"""A TCP proxy in front of a server, which can be told to fail as networks and servers do."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 64 * 1024


class FaultyProxy:
    """Passes bytes on until told otherwise; `address` is what clients are given."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Reset what is connected, and let nobody connect."""
        await self._close_door()
        self.reset()

    def reset(self) -> None:
        """Reset what is connected; who comes anew is served."""
        for writer in self._writers:
            if writer.is_closing():
                continue
            # Linger of zero: the other side gets a reset, not an end.
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.close()
        self._writers.clear()

    def swallow(self) -> None:
        """Accept everything and pass nothing on, in neither direction."""
        self._passing.clear()

    def strand(self) -> None:
        """What is connected hears nothing more, and is not told; who comes anew is served."""
        self._passing.clear()
        self._passing = asyncio.Event()
        self._passing.set()

    async def heal(self, *, forget: bool = False) -> None:
        """Pass on again. `forget`: what was connected is dead, as after a machine's restart."""
        if forget:
            self.reset()
        self._passing.set()
        if self._server is None:
            await self.start()

    async def stop(self) -> None:
        await self._close_door()
        self.reset()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _close_door(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        passing = self._passing
        await passing.wait()
        try:
            there, onward = await asyncio.open_connection(*self._target)
        except OSError:
            writer.close()
            return
        self._writers.add(onward)
        both = [
            asyncio.create_task(self._pass(reader, onward, passing)),
            asyncio.create_task(self._pass(there, writer, passing)),
        ]
        self._tasks.update(both)
        await asyncio.wait(both)
        self._tasks.difference_update(both)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await passing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def before(host: str, port: int) -> AsyncIterator[FaultyProxy]:
    """A proxy in front of that server as long as the block runs."""
    proxy = FaultyProxy(host, port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
