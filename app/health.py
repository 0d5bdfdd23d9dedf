"""Whether this process lives, and whether all is at work that people count on.

`/health` is for whoever would start it anew: it answers while the process can answer at
all. `/health/ready` is for whoever sends people to it, or wants to be woken at night.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import structlog
from litestar import Response, get
from litestar.di import NamedDependency

from app.accounts.permissions import route
from app.kernel import clock
from app.kernel.operation import heartbeat, outbox
from app.kernel.operation.outbox import Backlog

# In seconds: how long a service may take to answer, how long an answer of ours is kept,
# and how long a promise may wait. Who fails and is tried again is parked before.
PATIENCE = 1.0
KEPT = 1.0
LATE = 150

PROBE = "baige:health:probe"
RAW = route("site.see", raw=True)

Answer = TypeVar("Answer")

log = structlog.get_logger()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`database` and `redis` are "ok" or "away"; `relay` and `worker` "ok", "missing", or
    "unknown" while Redis is away. `oldest_seconds` is how long the oldest promise waits
    to be kept, `parked` how many wait for a person; null while the database is away."""

    ready: bool
    draining: bool
    database: str
    redis: str
    relay: str
    worker: str
    oldest_seconds: int | None
    parked: int | None


class Readiness:
    """Of one web process. Everything is looked at once a second at most, however many ask."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._draining = False
        self._looking: asyncio.Task[Report] | None = None
        self._looked_at = -KEPT
        # Services that do not answer: nobody waits for them, and no more is asked of them.
        self._asking: dict[str, asyncio.Task[Any]] = {}

    def drain(self) -> None:
        """We have been told to end: send nobody here any more."""
        self._draining = True

    async def report(self) -> Report:
        loop = asyncio.get_running_loop()
        if self._looking is None or (
            self._looking.done() and loop.time() - self._looked_at >= KEPT
        ):
            self._looking = asyncio.create_task(self._look())
            self._looked_at = loop.time()
        # Shielded: one visitor who leaves must not take the answer from the others.
        found = await asyncio.shield(self._looking)
        return msgspec.structs.replace(
            found, draining=self._draining, ready=found.ready and not self._draining
        )

    async def _look(self) -> Report:
        backlog, living = await asyncio.gather(
            self._ask("database", lambda: outbox.backlog(now=clock.now())),
            self._ask("redis", self._ask_redis),
        )
        return _reported(backlog, living)

    async def _ask_redis(self) -> dict[str, list[str]]:
        # One that only reads (its disk is full) is of no use.
        await self._redis.set(PROBE, b"", px=int(1000 * PATIENCE))
        return await heartbeat.living(self._redis)

    async def _ask(self, name: str, what: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """What it answers; None where it raises, or says nothing in time."""
        if name in self._asking:
            return None
        task = asyncio.ensure_future(what())
        self._asking[name] = task
        task.add_done_callback(lambda done: self._heard(name, done))
        # Not `wait_for`: what is told to stop may take as long as it likes.
        await asyncio.wait([task], timeout=PATIENCE)
        if task.done():
            return None if task.cancelled() or task.exception() else task.result()
        task.cancel()
        return None

    def _heard(self, name: str, task: asyncio.Task[Any]) -> None:
        del self._asking[name]
        if not task.cancelled() and (error := task.exception()):
            log.info("not ready", service=name, why=f"{type(error).__name__}: {error}")


def _reported(backlog: Backlog | None, living: dict[str, list[str]] | None) -> Report:
    found = Report(
        ready=False,
        draining=False,
        database="ok" if backlog else "away",
        redis="away" if living is None else "ok",
        relay=_at_work(living, lambda who: bool(who[heartbeat.RELAY])),
        worker=_at_work(living, heartbeat.is_worked),
        oldest_seconds=backlog.oldest_seconds if backlog else None,
        parked=backlog.parked if backlog else None,
    )
    well = all(each == "ok" for each in (found.database, found.redis, found.relay, found.worker))
    late = found.oldest_seconds is None or found.oldest_seconds > LATE
    return msgspec.structs.replace(found, ready=well and not late)


def _at_work(
    living: dict[str, list[str]] | None, there: Callable[[dict[str, list[str]]], bool]
) -> str:
    if living is None:
        return "unknown"
    return "ok" if there(living) else "missing"


@get("/health", opt=RAW, sync_to_thread=False, media_type="text/plain")
def health() -> str:
    """Answers while the process can answer at all."""
    return "ok\n"


@get("/health/ready", opt=RAW)
async def ready(readiness: NamedDependency[Readiness]) -> Response[bytes]:
    """200 while everything is at work, else 503; what is not is said in both."""
    report = await readiness.report()
    return Response(
        msgspec.json.encode(report),
        status_code=200 if report.ready else 503,
        headers={"cache-control": "no-store"},
        media_type="application/json",
    )


HANDLERS = [health, ready]
