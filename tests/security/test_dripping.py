"""Clients that drip are dropped, over real sockets; streams, slow phones and readers are not."""

import asyncio
import contextlib
import socket
import time
from contextlib import asynccontextmanager

import pytest

from app.kernel.http.dripping import PATIENCE, Patience
from app.kernel.http.networks import Networks
from app.kernel.operation import loop
from app.serving import serving

QUICK = Patience(
    head=0.5,
    idle=0.5,
    body=0.5,
    body_bytes=100,
    answer=0.6,
    answer_bytes=30_000,
    look=0.03,
    largest_head=8_000,
    largest_rest=100_000,
    most_pipelined=4,
    most_connections=8,
)
HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20000\r\n\r\n"
HUGE = 8 * 1024 * 1024


class App:
    """Answers `ok`, a stream, or something huge; remembers which requests ended, and how."""

    def __init__(self):
        self.bodies: list[int] = []
        self.gone = 0
        self.ended = 0

    async def __call__(self, scope, receive, send):
        try:
            await getattr(self, scope["path"].strip("/") or "ok")(receive, send)
        finally:
            self.ended += 1

    async def ok(self, receive, send):
        length, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            length, more = length + len(message["body"]), message["more_body"]
        self.bodies.append(length)
        await self._answer(send, b"ok")

    async def at_once(self, _, send):
        await self._answer(send, b"no")

    async def huge(self, _, send):
        await self._answer(send, b"x" * HUGE)

    async def stream(self, _, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(12):
            await send(
                {"type": "http.response.body", "body": b"data: %d\n\n" % number, "more_body": True}
            )
            await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"data: end\n\n"})

    async def silent(self, _, send):
        await asyncio.sleep(1.5)
        await self._answer(send, b"late")

    async def pours(self, receive, send):
        """A stream to somebody who does not read, until it is said that they are gone."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pouring = asyncio.create_task(self._pour(send))
        pouring.cancel()

    async def _pour(self, send):
        while True:
            await send({"type": "http.response.body", "body": b"x" * 50_000, "more_body": True})
            await asyncio.sleep(0.005)

    async def _answer(self, send, body):
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Client:
    """A socket, and how long it lives."""

    def __init__(self, port, read_buffer=None):
        self._port = port
        self._read_buffer = read_buffer
        self._said = b""

    async def __aenter__(self):
        made = socket.socket()
        if self._read_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._read_buffer)
        made.setblocking(False)
        running = asyncio.get_running_loop()
        await running.sock_connect(made, ("127.0.0.1", self._port))
        self._limit = self._read_buffer or 2**16
        self.reader, self.writer = await asyncio.open_connection(sock=made, limit=self._limit)
        self._began = time.monotonic()
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def send(self, data):
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.write(data)

    async def drip(self, data, every=0.05, most=60):
        """Send it byte by byte, listening for an answer or an end meanwhile."""
        for byte in data[:most]:
            self.send(bytes([byte]))
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(every):
                    while more := await self.reader.read(2**16):
                        self._said += more
                    return

    async def rest(self, within=8):
        """All that comes until the other side ends it, and the seconds it took."""
        async with asyncio.timeout(within):
            with contextlib.suppress(ConnectionError):
                while more := await self.reader.read(2**16):
                    self._said += more
        return self._said, time.monotonic() - self._began


def in_each_loop(test):
    """uvloop has its own transports; asyncio's are there where it is not."""

    @pytest.mark.parametrize("factory", [asyncio.new_event_loop, loop.new_loop()])
    def run(factory):
        async def main():
            app = App()
            async with serving(app, "127.0.0.1", 0, patience=QUICK) as port:
                await test(app, port)

        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@in_each_loop
async def test_nothing_is_sent(app, port):
    async with Client(port) as client:
        said, seconds = await client.rest()
    assert said == b""
    assert 0.3 < seconds < 5


@in_each_loop
async def test_only_line_ends_are_sent(app, port):
    """They begin no request, and keep nothing alive: before one, and between two."""
    async with Client(port) as client:
        await client.drip(b"\r\n" * 60)
        assert (await client.rest())[0] == b""
    async with Client(port) as client:
        client.send(HEAD)
        await client.drip(b"\r\n" * 60)
        said, _ = await client.rest()
        assert said.count(b"HTTP/1.1") == 1
    assert app.ended == 1


@in_each_loop
async def test_a_head_that_comes_byte_by_byte(app, port):
    async with Client(port) as client:
        await client.drip(HEAD[:20])
        said, seconds = await client.rest()
    assert said.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"content-security-policy: default-src 'none'" in said
    assert seconds < 5
    assert app.ended == 0


@in_each_loop
async def test_headers_without_end(app, port):
    async with Client(port) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        for number in range(200):
            client.send(b"x-%d: %s\r\n" % (number, b"y" * 100))
            await asyncio.sleep(0)
        said, seconds = await client.rest()
    # Whoever still sends when the answer comes may not get to read it.
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    assert seconds < 5
    assert app.ended == 0


@in_each_loop
async def test_a_body_that_comes_byte_by_byte(app, port):
    async with Client(port) as client:
        client.send(POST)
        await client.drip(b"a" * 60)
        said, seconds = await client.rest()
    assert said.startswith(b"HTTP/1.1 408 ")
    assert seconds < 5
    await asyncio.sleep(0.05)
    # Whoever read the body is told that its sender is gone.
    assert (app.bodies, app.gone) == ([], 1)


@in_each_loop
async def test_a_body_that_stops(app, port):
    async with Client(port) as client:
        client.send(POST + b"a" * 19_999)
        said, seconds = await client.rest()
    assert said.startswith(b"HTTP/1.1 408 ")
    assert seconds < 5


@in_each_loop
async def test_chunks_of_one_byte(app, port):
    async with Client(port) as client:
        client.send(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        await client.drip(b"1\r\na\r\n" * 10)
        said, _ = await client.rest()
    assert said.startswith(b"HTTP/1.1 408 ")


@in_each_loop
async def test_a_body_that_drips_after_its_answer(app, port):
    async with Client(port) as client:
        client.send(POST.replace(b"POST / ", b"POST /at_once "))
        await client.drip(b"a" * 60)
        said, seconds = await client.rest()
    assert b"200 OK" in said
    assert seconds < 5


@in_each_loop
async def test_a_flood_after_its_answer_is_not_read_for_ever(app, port):
    async with Client(port) as client:
        client.send(b"POST /at_once HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n")
        for _ in range(300):
            if client.writer.is_closing() or client.reader.at_eof():
                break
            client.send(b"a" * 10_000)
            await asyncio.sleep(0.001)
        await client.rest()
    assert app.ended == 1


@in_each_loop
async def test_an_idle_connection(app, port):
    async with Client(port) as client:
        for _ in range(3):
            client.send(HEAD)
            assert (await client.reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.05)
        idle = time.monotonic()
        await client.rest()
        assert 0.2 < time.monotonic() - idle < 5


@in_each_loop
async def test_an_answer_that_nobody_reads(app, port):
    async with Client(port, read_buffer=4_096) as client:
        client.send(HEAD.replace(b"/", b"/huge", 1))
        await client.reader.readuntil(b"\r\n\r\n")
        client.reader._transport.pause_reading()
        async with asyncio.timeout(5):
            while not app.ended:
                await asyncio.sleep(0.02)


@in_each_loop
async def test_an_answer_that_is_read_in_drops(app, port):
    async with Client(port, read_buffer=4_096) as client:
        client.send(HEAD.replace(b"/", b"/pours", 1))
        async with asyncio.timeout(8):
            while not app.ended:
                with contextlib.suppress(ConnectionError):
                    await client.reader.read(500)
                await asyncio.sleep(0.05)


@in_each_loop
async def test_too_many_requests_before_the_first_answer(app, port):
    async with Client(port) as client:
        client.send(HEAD.replace(b"/", b"/silent", 1) + HEAD * 400)
        said, _ = await client.rest()
    assert said == b""


@in_each_loop
async def test_no_http_has_the_headers_of_every_answer(app, port):
    async with Client(port) as client:
        client.send(b"\x16\x03\x01 hello\r\n\r\n")
        said, _ = await client.rest()
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options: nosniff" in said


# -- who lives on -------------------------------------------------------------------


@in_each_loop
async def test_a_stream_lasts(app, port):
    async with Client(port) as client:
        client.send(HEAD.replace(b"/", b"/stream", 1))
        assert b"data: 11\n\n" in await client.reader.readuntil(b"data: end\n\n")


@in_each_loop
async def test_a_slow_handler_is_waited_for(app, port):
    async with Client(port) as client:
        client.send(HEAD.replace(b"/", b"/silent", 1))
        await client.reader.readuntil(b"late")


@in_each_loop
async def test_a_phone_on_a_poor_line_sends_its_form(app, port):
    """A little more than the least, a few bytes at a time, for much longer than one span."""
    async with Client(port) as client:
        client.send(POST.replace(b"20000", b"3000"))
        for _ in range(50):
            client.send(b"a" * 60)
            await asyncio.sleep(0.03)
        assert (await client.reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    assert app.bodies == [3_000]


@in_each_loop
async def test_a_slow_reader_gets_all_of_it(app, port):
    async with Client(port, read_buffer=64 * 1024) as client:
        client.send(HEAD.replace(b"/", b"/huge", 1))
        await client.reader.readuntil(b"\r\n\r\n")
        got = 0
        while got < HUGE:
            got += len(await client.reader.read(64 * 1024))
            await asyncio.sleep(0.008)
        assert got == HUGE


# -- how many -----------------------------------------------------------------------


@asynccontextmanager
async def open_connections(port, count):
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Client(port)) for _ in range(count)]


async def are_alive(clients):
    for client in clients:
        client.send(HEAD)
    alive = 0
    for client in clients:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(2):
                await client.reader.readuntil(b"ok")
            alive += 1
    return alive


async def test_one_household_has_so_many_connections(monkeypatch):
    # As somebody who is no proxy: those on this machine are trusted by default.
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.1")
    async with serving(App(), "127.0.0.1", 0, patience=QUICK) as port:
        async with open_connections(port, 12) as clients:
            assert await are_alive(clients) == 8
        # Their places are free again.
        await asyncio.sleep(0.05)
        async with open_connections(port, 8) as clients:
            assert await are_alive(clients) == 8


@pytest.mark.parametrize("proxies", ["127.0.0.1", "*", "nonsense, 127.0.0.0/8"])
async def test_proxies_have_as_many_as_they_like(monkeypatch, proxies):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", proxies)
    async with (
        serving(App(), "127.0.0.1", 0, patience=QUICK) as port,
        open_connections(port, 12) as clients,
    ):
        assert await are_alive(clients) == 12


async def test_local_networks_have_as_many_as_they_like(monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.1")
    local = Networks.named("1")
    async with (
        serving(App(), "127.0.0.1", 0, patience=QUICK, local=local) as port,
        open_connections(port, 12) as clients,
    ):
        assert await are_alive(clients) == 12


def test_what_ships():
    """Long enough for a phone on a poor line, short enough for whoever drips."""
    assert (PATIENCE.head, PATIENCE.idle, PATIENCE.answer) == (10, 5, 60)
    assert PATIENCE.body_bytes / PATIENCE.body == 500
    assert PATIENCE.look == 1
    assert PATIENCE.largest_head == 32 * 1024
    assert PATIENCE.most_connections == 256
    assert PATIENCE.most_pipelined == 16
