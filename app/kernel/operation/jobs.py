"""Background jobs. The only file that knows arq.

Jobs may run twice and must not mind. Anything that must happen comes from the
outbox; a job is only ever its messenger.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, cast

import msgspec
import redis.asyncio
from arq import cron, func
from arq.connections import ArqRedis
from arq.worker import Worker

Work = Callable[..., Awaitable[None]]
POLL_DELAY = 0.2
SHUTDOWN_WAIT = 1


def _plain(value: Any) -> Any:
    # arq stores the exception of a failed job as its result.
    if isinstance(value, BaseException):
        return repr(value)
    raise TypeError(f"a job cannot carry {type(value).__name__}")


# arq's own default is pickle: whoever can write to Redis could then run code.
_serialise = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_deserialise = msgspec.msgpack.Decoder().decode


class Jobs:
    """The queue as the rest of the house sees it."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._redis = ArqRedis(
            connection_pool=client.connection_pool,
            job_serializer=_serialise,
            job_deserializer=_deserialise,
        )

    async def enqueue(
        self, name: str, *args: Any, unique: str | None = None, at: datetime | None = None
    ) -> None:
        """Queue a job. While one called `unique` waits or runs, another is ignored."""
        await self._redis.enqueue_job(name, *args, _job_id=unique, _defer_until=at)

    def worker(
        self,
        jobs: Mapping[str, Work],
        every_second: Mapping[str, Work],
        every_hour: Mapping[str, Work],
    ) -> Worker:
        """A worker for these jobs, and for those to be started by the clock.

        It handles no signals: whoever runs it cancels it.
        """
        ticking = [
            cron(
                cast("Any", _ticking(work)),
                name=name,
                second=set(range(60)),
                keep_result=0,
                max_tries=1,
            )
            for name, work in every_second.items()
        ]
        ticking += [
            cron(cast("Any", _ticking(work)), name=name, minute=7, second=0, keep_result=0)
            for name, work in every_hour.items()
        ]
        named = [
            func(cast("Any", _job(work)), name=name, keep_result=0) for name, work in jobs.items()
        ]
        return Worker(
            functions=named,
            cron_jobs=ticking,
            redis_pool=self._redis,
            handle_signals=False,
            poll_delay=POLL_DELAY,
            job_serializer=_serialise,
            job_deserializer=_deserialise,
            job_completion_wait=SHUTDOWN_WAIT,
            max_jobs=20,
            job_timeout=60,
        )


def _job(work: Work) -> Callable[..., Awaitable[None]]:
    async def run(_: dict[Any, Any], *args: Any) -> None:
        await work(*args)

    return run


def _ticking(work: Work) -> Callable[..., Awaitable[None]]:
    async def tick(_: dict[Any, Any]) -> None:
        await work()

    # arq tells cron jobs apart by this name.
    tick.__qualname__ = work.__qualname__
    return tick
