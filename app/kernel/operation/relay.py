"""The relay: does what transactions promised, after they have committed.

At least once: a row is deleted only when its handler has returned. One relay works at a
time. Each kind of promise has a lane of its own, in the order of the promises, so that a
slow or failing kind never holds another back. An entry that fails rests and is parked in
the end, alone; where it is our own database or Redis that is away, it is not its fault:
then the relay ends, and whoever supervises it begins it again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from itertools import groupby
from typing import Any

import msgspec
import redis.asyncio
import structlog
from redis.exceptions import RedisError

from app.kernel import clock
from app.kernel.live.channels import Subscription, channel, subscribed
from app.kernel.operation import outbox
from app.kernel.operation.lead import Lead
from app.kernel.operation.outbox import TRIES
from app.kernel.operation.supervision import end_of

__all__ = ["LOCK", "TRIES", "Handler", "Payload", "Relay", "wake"]

CHANNEL = "outbox"
LOCK = "baige:relay"
LOCK_MS = 5_000
PROBE = "baige:relay:probe"
IDLE_SECONDS = 1.0
BATCH = 200
# A handler may take so many seconds for one entry, and one more for each beside it.
PATIENCE = 30.0

Payload = dict[str, Any]
Handler = Callable[[list[Payload]], Awaitable[None]]
Row = dict[str, Any]

log = structlog.get_logger()


async def wake(client: redis.asyncio.Redis) -> None:
    """Tell the relay there is something; it would notice by itself a second later."""
    with contextlib.suppress(RedisError, OSError):
        await client.publish(channel(client, CHANNEL), b"")


async def _silently() -> None:
    pass


class Relay:
    """Delivers the outbox. A handler gets all waiting payloads of its kind in order.

    Kinds that are `together` share a lane: what they do is only right in the order in
    which it was promised. `beat` is called whenever the one who leads has looked for work.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        handlers: Mapping[str, Handler],
        *,
        together: Collection[str] = (),
        beat: Callable[[], Awaitable[None]] = _silently,
    ) -> None:
        self._redis = client
        self._handlers = handlers
        self._together = tuple(together)
        self._beat = beat
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Deliver whenever it is ours to do, until something of ours is away."""
        lead = Lead(self._redis, LOCK, milliseconds=LOCK_MS)
        async with subscribed(self._redis, CHANNEL) as woken, asyncio.TaskGroup() as group:
            group.create_task(self._listen(woken))
            while True:
                if await lead.take():
                    await self._deliver_as_leader(lead)
                await self._rest()

    async def deliver(self) -> int:
        """Handle once what is due now, each kind in its lane; how many rows it did away with."""
        rows = await outbox.due(limit=BATCH, now=clock.now())
        async with asyncio.TaskGroup() as lanes:
            tasks = [lanes.create_task(self._work(each)) for each in self._by_lane(rows).values()]
        return sum(task.result() for task in tasks)

    # -- leading -----------------------------------------------------------

    async def _deliver_as_leader(self, lead: Lead) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(lead.keep())
                await self._deliver_for_ever(group)
        finally:
            await lead.leave()

    async def _deliver_for_ever(self, lanes: asyncio.TaskGroup) -> None:
        busy: dict[str, asyncio.Task[int]] = {}

        def ended(task: asyncio.Task[int]) -> None:
            del busy[task.get_name()]
            # What came for it in the meantime waits for the lane.
            self._woken.set()

        while True:
            self._woken.clear()
            kinds = [kind for lane in busy for kind in self._kinds_of(lane)]
            rows = await outbox.due(without=kinds, limit=BATCH, now=clock.now())
            await self._beat()
            for lane, entries in self._by_lane(rows).items():
                busy[lane] = lanes.create_task(self._work(entries), name=lane)
                busy[lane].add_done_callback(ended)
            # A full batch may hide other lanes behind its own.
            if len(rows) < BATCH:
                await self._rest()

    async def _rest(self) -> None:
        """Until somebody wakes us, or a moment has passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._woken.wait()

    async def _listen(self, woken: Subscription) -> None:
        while True:
            await woken.next()
            self._woken.set()

    # -- a lane ------------------------------------------------------------

    def _lane_of(self, kind: str) -> str:
        return self._together[0] if kind in self._together else kind

    def _kinds_of(self, lane: str) -> tuple[str, ...]:
        return self._together if lane in self._together else (lane,)

    def _by_lane(self, rows: list[Row]) -> dict[str, list[Row]]:
        lanes: dict[str, list[Row]] = {}
        for row in rows:
            lanes.setdefault(self._lane_of(row["kind"]), []).append(row)
        return lanes

    async def _work(self, rows: list[Row]) -> int:
        """All of a lane's, in order; how many rows it did away with."""
        runs = groupby(rows, key=lambda row: str(row["kind"]))
        return sum([await self._handle(kind, list(entries)) for kind, entries in runs])

    async def _handle(self, kind: str, rows: list[Row]) -> int:
        error = await self._failure_of(kind, rows)
        if error is None:
            await outbox.done([row["id"] for row in rows])
            return len(rows)
        await self._check_ours()
        if len(rows) > 1:
            # One bad row must not hold the others back.
            return sum([await self._handle(kind, [row]) for row in rows])
        [row] = rows
        # Where the database takes no writes, this is not counted either.
        await outbox.failed(row, f"{type(error).__name__}: {error}", now=clock.now())
        log.error(
            "outbox entry failed",
            kind=kind,
            entry=row["id"],
            tries=row["tries"] + 1,
            parked=row["tries"] + 1 >= TRIES,
            exc_info=error,
        )
        return 0

    async def _failure_of(self, kind: str, rows: list[Row]) -> BaseException | None:
        """What the handler raised, or None; whatever it raised, it is only this entry's."""

        async def handle() -> None:
            payloads = [msgspec.json.decode(row["payload"]) for row in rows]
            await self._handlers[kind](payloads)

        try:
            async with asyncio.timeout(PATIENCE + len(rows)):
                return await end_of(handle)
        except TimeoutError as error:
            return error

    async def _check_ours(self) -> None:
        """Raise where Redis takes no writes: then no entry is to blame."""
        await self._redis.set(PROBE, b"", px=LOCK_MS)
