"""The operator's page: is every source well, and what is asked for next?"""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import require, route
from app.accounts.sessions import again
from app.accounts.visit import Guest, Visit
from app.kernel import clock
from app.kernel.errors import N_, Message, NotFound
from integrations import overview, registry
from integrations.base import Connection

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
        now=visit.now,
    )


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
    return visit.see_other("/integrations", Message(N_("It is asked again.")))


HANDLERS = [integrations, resume]
