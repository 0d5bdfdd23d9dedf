"""Whether this process is alive, and whether it can do its work: for proxies and monitors."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from app.accounts.permissions import route
from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.http.web import House
from app.kernel.operation import heartbeat, outbox

RAW = route("site.see", raw=True)
# Each question may take so many seconds, and the answer is good for one.
PATIENCE, GOOD_FOR = 2.0, 1.0
# A promise that is older waits for something that does not work.
OLDEST_SECONDS = 60


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What `/health/ready` says. `oldest_promise` is the age of the oldest outbox entry in
    seconds, 0 without any; `parked` are those that wait for a person; null: cannot be told."""

    ready: bool
    draining: bool
    database: bool
    redis: bool
    relay: bool
    worker: bool
    oldest_promise: int | None
    parked: int | None


class Readiness:
    """Asks the services of one process, at most once a second."""

    def __init__(self) -> None:
        self._asked_at = float("-inf")
        self._known: Condition | None = None

    async def condition(self, house: House) -> Condition:
        if self._known is None or time.monotonic() - self._asked_at > GOOD_FOR:
            self._known = await self._ask(house)
            self._asked_at = time.monotonic()
        return msgspec.structs.replace(
            self._known,
            draining=house.pulse.draining,
            ready=self._known.ready and not house.pulse.draining,
        )

    async def _ask(self, house: House) -> Condition:
        roles, promises = await asyncio.gather(
            _within(lambda: heartbeat.beating(house.redis)), _within(_promises)
        )
        oldest, parked = promises or (None, None)
        beats = roles or {}
        relay, worker = beats.get(heartbeat.RELAY, False), beats.get(heartbeat.WORKER, False)
        known = oldest is not None and oldest <= OLDEST_SECONDS
        return Condition(
            ready=bool(known and relay and worker),
            draining=False,
            database=promises is not None,
            redis=roles is not None,
            relay=relay,
            worker=worker,
            oldest_promise=oldest,
            parked=parked,
        )


async def _within(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The answer, or None where there is none in time, whatever the reason."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except Exception:
        return None


async def _promises() -> tuple[int, int]:
    """The age of the oldest promise that is still tried, and how many are parked."""
    row = await (
        OutboxEntry.select(OutboxEntry.at)
        .where(OutboxEntry.tries < outbox.TRIES)
        .order_by(OutboxEntry.id)
        .first()
    )
    age = int((clock.now() - row["at"]).total_seconds()) if row else 0
    return max(age, 0), int(await OutboxEntry.count().where(OutboxEntry.tries >= outbox.TRIES))


_readiness = Readiness()


@get("/health", opt=RAW, sync_to_thread=False, media_type="text/plain")
def health() -> str:
    """Answers while the process can answer at all."""
    return "ok\n"


@get("/health/ready", opt=RAW)
async def ready(house: NamedDependency[House]) -> Response[Condition]:
    """200 when results arrive and pages follow, else 503; in JSON what is missing."""
    found = await _readiness.condition(house)
    return Response(
        found, status_code=200 if found.ready else 503, headers={"cache-control": "no-store"}
    )


HANDLERS = [health, ready]
