"""The operator's page: is every source well, and what is asked for next?"""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import require, route
from app.accounts.sessions import again
from app.accounts.visit import Guest, Visit
from app.kernel import clock
from app.kernel.errors import N_, Message, NotFound
from app.kernel.operation import jobs, outbox
from app.kernel.operation.relay import wake
from integrations import overview, registry
from integrations.base import Connection
from integrations.following import ask_all_at_once

Page = Response[bytes]


def _connection(visit: Visit) -> Connection:
    return Connection(visit.house.http, visit.house.redis, visit.house.settings, clock.now)


@get("/integrations", opt=route("provider.see"))
async def integrations(visit: Guest) -> Page:
    return visit.page(
        "integrations.html",
        providers=await overview.providers(_connection(visit), now=visit.now),
        polled=await overview.polled(),
        outbox=await overview.outbox(now=visit.now),
        queued=await jobs.queued(visit.house.redis),
        now=visit.now,
    )


@post("/integrations/promises/retry", opt=route("outbox.retry"))
async def retry(visit: Guest) -> Page:
    """Try what was parked again."""
    async with visit.transaction() as tx:
        count = await outbox.retry()
        await tx.audit(
            "outbox.retried", "outbox", actor=visit.me.account, now=visit.now, entries=count
        )
    await wake(visit.house.redis)
    done = Message(N_("Tried again: {count}."), count=count)
    return visit.see_other("/integrations#promises", done)


@post("/integrations/{provider:str}/resume", opt=route("provider.resume"))
async def resume(visit: Guest, provider: FromPath[str]) -> Page:
    """The key is mended: ask this provider again."""
    poller = registry.pollers(_connection(visit)).get(provider)
    if poller is None:
        raise NotFound
    require(await again(visit.me), "provider.resume")
    await poller.api.health.resume()
    async with visit.transaction() as tx:
        await tx.audit(
            "provider.resumed", f"provider:{provider}", actor=visit.me.account, now=visit.now
        )
        await ask_all_at_once(provider, now=visit.now)
    return visit.see_other("/integrations", Message(N_("It is asked again.")))


HANDLERS = [integrations, retry, resume]
