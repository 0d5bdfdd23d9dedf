"""Clients that drip are dropped, with no proxy in front.

uvicorn waits for ever for the rest of a request, and for somebody to read an answer.
Here every connection knows what it waits for and since when, and one look a second
over all of them ends those that take too long: nothing sent, a head or a body that
comes drop by drop, an answer that nobody reads. Streams and slow phones live on: an
answer may last for ever, and a body may come as slowly as a poor line sends it.
"""

import asyncio
import contextlib
import sys
from collections import Counter
from enum import Enum
from typing import Any

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.kernel.http.networks import Networks
from app.kernel.http.ratelimit import household
from app.kernel.http.security import HEADERS

if sys.platform != "win32":
    import resource

# Files that stay free for the database, Redis and providers.
RESERVED_FILES = 64

log = structlog.get_logger()


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited, in seconds, and for how little, in bytes.

    `head`: for a whole head, from its first byte on, and for the first byte of a
    connection. `idle`: for another request. `body`: in each such span at least
    `body_bytes` of a body must arrive (500 a second; the largest form takes nine
    minutes then). `answer`: in each such span the client must read `answer_bytes`
    of what waits for it in this process, beyond what the systems on the way hold.
    `look`: from one look to the next; nothing is timed more closely.
    """

    head: float = 10.0
    idle: float = 5.0
    body: float = 20.0
    body_bytes: int = 10_000
    answer: float = 60.0
    answer_bytes: int = 30_000
    look: float = 1.0
    # A browser sends one or two thousand bytes; cookies may make it more.
    largest_head: int = 32 * 1024
    # What is thrown away of a body whose request has its answer already.
    largest_rest: int = 1024 * 1024
    # Requests sent before the first has its answer.
    most_pipelined: int = 16
    # Connections of one household at a time; a browser opens six.
    most_connections: int = 256


PATIENCE = Patience()


class TooManyPipelined(Exception):
    """More requests were sent than are answered at a time."""


class Phase(Enum):
    """What a connection waits for."""

    FIRST = "nothing_sent"
    HEAD = "slow_head"
    BODY = "slow_body"
    ANSWER = "answer"
    IDLE = "idle"


class Watch:
    """Looks after all connections of one server.

    Connections from `exempt` networks are not counted by household: proxies in front
    of us, behind whom everybody is, and local networks.
    """

    def __init__(self, patience: Patience = PATIENCE, exempt: Networks | None = None) -> None:
        self.patience = patience
        self.connections: set[Watched] = set()
        self._exempt = exempt or Networks()
        self._by_household: Counter[str] = Counter()
        self._most = files_allowed() - RESERVED_FILES
        self._dropped: Counter[str] = Counter()

    def protocol(self, **given: Any) -> "Watched":
        """What uvicorn makes for each connection."""
        return Watched(self, **given)

    async def look_for_ever(self) -> None:
        """One task for all: a timer for each request would cost more than the request."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            for connection in list(self.connections):
                connection.look(now)
            if self._dropped:
                # One line for all: whoever drips must not fill the log either.
                log.warning("clients were dropped", **dict(self._dropped.items()))
                self._dropped.clear()
            await asyncio.sleep(self.patience.look)

    def count(self, why: str) -> None:
        """Remember for the log why a client was dropped."""
        self._dropped[why] += 1

    def enters(self, connection: "Watched", address: str) -> bool:
        """Count it; whether there is room for it."""
        self.connections.add(connection)
        if address not in self._exempt:
            who = connection.household = household(address)
            self._by_household[who] += 1
            if self._by_household[who] > self.patience.most_connections:
                self.count("too_many_of_one_household")
                return False
        if len(self.connections) > self._most:
            self.count("too_many")
            return False
        return True

    def leaves(self, connection: "Watched") -> None:
        self.connections.discard(connection)
        if (who := connection.household) is not None:
            connection.household = None
            self._by_household[who] -= 1
            if not self._by_household[who]:
                del self._by_household[who]


def files_allowed() -> int:
    """How many files, and so connections, this process may have open: as many as the
    system lets it, for shells start programs with far fewer."""
    if sys.platform == "win32":
        return 2**31
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft if soft != resource.RLIM_INFINITY else 2**31


class Watched(HttpToolsProtocol):
    """uvicorn's protocol with an end to its patience.

    What a connection waits for is seen when it is looked at, from what uvicorn knows
    of it: to note it as it happens would cost every request a tenth of its time.
    """

    def __init__(self, watch: Watch, **given: Any) -> None:
        super().__init__(**given)
        self.household: str | None = None
        self._watch = watch
        self._patience = watch.patience
        # What it waited for at the latest look, in which request, and since when.
        self._phase = Phase.FIRST
        self._request: Any = None
        self._since: float | None = None
        self._head_bytes = 0
        self._body_bytes = 0
        # What waited to be read when it was last looked at, and since when.
        self._unread = 0
        self._unread_since: float | None = None

    # -- what happens ------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self._watch.enters(self, self.client[0] if self.client else ""):
            self._abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.leaves(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._has_head():
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > self._patience.largest_head and not self.transport.is_closing():
            self._refuse(431, "The head of this request is too large.")

    def on_headers_complete(self) -> None:
        if len(self.pipeline) > self._patience.most_pipelined:
            # Ends the parsing too: one packet may hold thousands.
            raise TooManyPipelined
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body_bytes += len(body)
        if self.cycle.response_complete and self._body_bytes > self._patience.largest_rest:
            self._abort()

    # -- what takes too long -----------------------------------------------

    def look(self, now: float) -> None:
        """End the connection if its client has used up our patience."""
        if self._is_unread(now):
            self._watch.count("slow_reader")
            self._abort()
        elif not self.transport.is_closing():
            waited = self._waited(now)
            if waited:
                self._lose_patience(waited, now)

    def _waited(self, now: float) -> float:
        """The seconds it has been seen waiting for the same thing of the same request."""
        phase, same = self._waits_for(), self.scope is self._request
        if self._since is not None and phase is self._phase and same:
            return now - self._since
        self._phase, self._request, self._since = phase, self.scope, now
        self._body_bytes = 0
        return 0.0

    def _has_head(self) -> bool:
        # uvicorn writes the method down when a head is whole.
        return bool(self.scope) and "method" in self.scope

    def _waits_for(self) -> Phase:
        if not self._has_head():
            return Phase.HEAD if self.scope else Phase.FIRST
        if self.cycle.response_complete:
            return Phase.IDLE
        return Phase.BODY if self.cycle.more_body else Phase.ANSWER

    def _lose_patience(self, waited: float, now: float) -> None:
        patience = self._patience
        match self._phase:
            case Phase.FIRST if waited > patience.head:
                self._watch.count(self._phase.value)
                self._abort()
            case Phase.IDLE if waited > patience.idle:
                self.transport.close()
            case Phase.HEAD | Phase.BODY if self.flow.read_paused:
                # It is us who do not read on.
                self._since = now
            case Phase.HEAD if waited > patience.head:
                self._refuse(408, "This request took too long.")
            case Phase.BODY if waited > patience.body:
                if self._body_bytes < patience.body_bytes:
                    self._refuse(408, "This request took too long.")
                self._since, self._body_bytes = now, 0

    def _is_unread(self, now: float) -> bool:
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._unread_since = None
            return False
        if self._unread_since is None:
            self._unread, self._unread_since = unread, now
        elif now - self._unread_since > self._patience.answer:
            if unread > self._unread - self._patience.answer_bytes:
                return True
            self._unread, self._unread_since = unread, now
        return False

    def _refuse(self, status: int, words: str) -> None:
        """Say why, unless an earlier answer is on its way, and end."""
        phase = self._waits_for()
        if self._owes_nothing() or (phase is Phase.BODY and not self.cycle.response_started):
            self.transport.write(_plain(status, words))
        self._watch.count(phase.value)
        self._nobody_listens()
        self.transport.close()

    def _abort(self) -> None:
        self._nobody_listens()
        self.transport.abort()

    def _nobody_listens(self) -> None:
        """Tell whoever works on an answer at once: uvloop lets nobody write any more."""
        if not self._owes_nothing():
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _owes_nothing(self) -> bool:
        return not self.cycle or self.cycle.response_complete

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to what is no HTTP, with the headers of every answer."""
        if self._owes_nothing():
            self.transport.write(_plain(400, msg))
        self._nobody_listens()
        self.transport.close()


REASONS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


def _plain(status: int, words: str) -> bytes:
    headers = HEADERS | {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(words)),
        "connection": "close",
    }
    lines = [f"HTTP/1.1 {status} {REASONS[status]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + words).encode()
