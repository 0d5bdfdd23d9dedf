"""Background jobs. The only file that knows arq.

Jobs may run twice and must not mind. Anything that must happen comes from the
outbox or is found due again; a job is only ever its messenger. So a job that got
lost may be queued again soon, whatever a dead worker, a full disk or a clock that
was set back has left in Redis.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import redis.asyncio
import structlog
from arq import func
from arq.connections import ArqRedis
from arq.constants import (
    default_queue_name,
    in_progress_key_prefix,
    job_key_prefix,
    result_key_prefix,
)
from arq.worker import Worker

from app.kernel.operation.away import is_away

Work = Callable[..., Awaitable[None]]
POLL_DELAY = 0.2
MOST_AT_ONCE = 20
JOB_SECONDS = 60
# A running job is marked so for this long, and marked anew by the worker that lives.
LEASE_MS = 12_000
# A job nobody has begun by then is forgotten; whoever wanted it asks again.
FORGOTTEN_MS = 60_000
SHUTDOWN_SECONDS = 2.0
NUMBER = "baige:jobs:number"

# KEYS the queue; the job, its mark that it runs, its result. ARGV the job's id, its place
# in the queue if it came now, the lease. Makes sure that what is asked for will run soon:
# no result bars it, no mark outlives its lease (a clock was set back), and it waits in
# the queue for its turn and not for a time to come, or may be queued anew.
_UNBLOCK = """
redis.call('DEL', KEYS[4])
if redis.call('PTTL', KEYS[3]) > tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
local place = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not place then
  redis.call('DEL', KEYS[2])
elseif tonumber(place) > tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
end
"""


def _plain(value: Any) -> Any:
    # arq stores the exception of a failed job as its result.
    if isinstance(value, BaseException):
        return repr(value)
    raise TypeError(f"a job cannot carry {type(value).__name__}")


# arq's own default is pickle: whoever can write to Redis could then run code.
_serialise = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_deserialise = msgspec.msgpack.Decoder().decode


log = structlog.get_logger()


async def queued(client: redis.asyncio.Redis) -> int:
    """How many jobs wait or run."""
    return int(await client.zcard(default_queue_name))


class Jobs:
    """The queue as the rest of the house sees it."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._redis = ArqRedis(
            connection_pool=client.connection_pool,
            job_serializer=_serialise,
            job_deserializer=_deserialise,
        )
        self._unblock: Any = client.register_script(_UNBLOCK)

    async def enqueue(self, name: str, *args: Any, unique: str | None = None) -> None:
        """Queue a job. While one called `unique` waits or runs, another is ignored."""
        # arq orders by time, and lets what lies in the future wait. Counted, not told by a
        # clock: one that is set back would stop all that is queued.
        place = 1_000 + await self._redis.incr(NUMBER)
        queued = await self._redis.enqueue_job(
            name,
            *args,
            _job_id=unique,
            _defer_until=datetime.fromtimestamp(place / 1_000, UTC),
            _expires=FORGOTTEN_MS / 1_000,
        )
        if queued is None and unique is not None:
            prefixes = (job_key_prefix, in_progress_key_prefix, result_key_prefix)
            await self._unblock(
                keys=[default_queue_name, *(prefix + unique for prefix in prefixes)],
                args=[unique, place, LEASE_MS],
            )

    async def work(self, jobs: Mapping[str, Work]) -> None:
        """Run queued jobs until something fails: each call is the life of a new worker."""
        worker = self._worker(jobs)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(worker.async_run())
                group.create_task(self._renew_leases(worker))
        finally:
            await _let_go(worker)

    def _worker(self, jobs: Mapping[str, Work]) -> Worker:
        # It handles no signals: whoever runs it cancels it. And it keeps no results, also
        # not of what failed: while there is one, no other job of that name may begin.
        worker = _Worker(
            functions=[
                func(cast("Any", _job(name, work)), name=name) for name, work in jobs.items()
            ],
            redis_pool=self._redis,
            handle_signals=False,
            poll_delay=POLL_DELAY,
            job_serializer=_serialise,
            job_deserializer=_deserialise,
            keep_result=0,
            max_jobs=MOST_AT_ONCE,
            job_timeout=JOB_SECONDS,
        )
        worker.in_progress_timeout_s = LEASE_MS / 1000
        return worker

    async def _renew_leases(self, worker: Worker) -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 4000)
            for job in list(worker.tasks):
                await self._redis.pexpire(in_progress_key_prefix + job, LEASE_MS)


class _Worker(Worker):
    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """What runs here is not begun here again, though its mark may have ended early:
        the clock of Redis was set forward."""
        await super().start_jobs([each for each in job_ids if each.decode() not in self.tasks])


def _job(name: str, work: Work) -> Callable[..., Awaitable[None]]:
    async def run(_: dict[Any, Any], *args: Any) -> None:
        try:
            await work(*args)
        except Exception as error:
            if not is_away(error):
                raise
            # No mistake, and whoever wanted it asks again.
            log.warning("a job met a service that is away", job=name, why=str(error))

    return run


async def _let_go(worker: Worker) -> None:
    """End what a worker has begun. Its own `close` would close everybody's connections."""
    tasks = [task for task in (worker.main_task, *worker.tasks.values()) if task is not None]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=SHUTDOWN_SECONDS)
    for task in tasks:
        if task.done() and not task.cancelled():
            # Seen: what ended the worker is being raised already.
            task.exception()
