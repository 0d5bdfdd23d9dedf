"""Running the house: all of it in one process, or one of its halves."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import click

from app import demo
from app.accounts import demo_accounts
from app.accounts.tables import Account
from app.asgi import Site
from app.ending import Ending
from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.operation.restarts import reporting
from app.kernel.operation.settings import Settings
from app.kernel.operation.supervision import Supervisor
from app.kernel.operation.valkey import Valkey
from app.services import connect
from app.serving import serving
from app.worker import working

Stack = contextlib.AsyncExitStack


async def everything(given: Settings, *, with_demo: bool) -> None:
    """`baige up`: web, worker, relay, and Redis where none is configured."""
    click.echo("baige: database ...")
    await migrations.apply(Database(given.database))
    click.echo("baige: Redis ..." if given.redis_url else "baige: embedded Valkey ...")
    async with Stack() as stack:
        valkey = None if given.redis_url else await stack.enter_async_context(_embedded(given))
        redis_url = valkey.url if valkey else given.redis_url
        db, redis = await stack.enter_async_context(connect(given, redis_url))
        background = await stack.enter_async_context(_supervised(redis))
        if valkey:
            background.keep("valkey", valkey.watch)
        director = None
        if with_demo:
            given, director = await demo.enter(stack, db, given)
        await stack.enter_async_context(working(given, db, redis, background))
        ending, address = await _serve(stack, given, db, redis, background)
        if director is not None:
            await demo.play(stack, background, director, address)
        await ending.wait()
        click.echo("baige: stopping ...")


async def half(given: Settings, *, serve: bool) -> None:
    """`baige web` or `baige worker`."""
    if not given.redis_url:
        raise SystemExit("baige: set BAIGE_REDIS_URL, or use `baige up`")
    async with Stack() as stack:
        db, redis = await stack.enter_async_context(connect(given, given.redis_url))
        background = await stack.enter_async_context(_supervised(redis))
        if serve:
            ending, _ = await _serve(stack, given, db, redis, background)
        else:
            await stack.enter_async_context(working(given, db, redis, background))
            ending = Ending()
            click.echo("baige: worker ready")
        await ending.wait()


@asynccontextmanager
async def _supervised(redis: Any) -> AsyncIterator[Supervisor]:
    """The process's supervisor, and what every process watches and reports."""
    async with Supervisor() as background:
        background.keep("clock", clock.watch)
        background.keep("reports", reporting(redis, background))
        yield background


@asynccontextmanager
async def _embedded(given: Settings) -> AsyncIterator[Valkey]:
    """An embedded Valkey for as long as the block runs."""
    valkey = Valkey(given.data_dir)
    await valkey.start()
    try:
        yield valkey
    finally:
        valkey.stop()


async def _serve(
    stack: Stack, given: Settings, db: Database, redis: Any, background: Supervisor
) -> tuple[Ending, str]:
    """Serve the site until told to end; and the address at which this machine reaches it."""
    site = Site(given, db, redis)
    await stack.enter_async_context(site.live(background))
    port = await stack.enter_async_context(
        serving(site.app, given.host, given.port, site.hub.close, local=site.local)
    )
    address = given.url or f"http://{given.host}:{port}"
    ending = Ending(site.readiness.drain, given.drain_seconds)
    click.echo(f"baige: ready at {address}  (Ctrl-C stops it)")
    if given.is_public and await demo_accounts.are_left():
        click.echo("baige: the demo's accounts exist, and others can reach this address!")
        click.echo("       .venv/bin/baige demo remove")
    if not await Account.exists():
        click.echo(
            "baige: nobody is here yet. Sign up in the browser, then make yourself organiser:"
        )
        click.echo("       .venv/bin/baige organiser add YOUR-E-MAIL")
    host = "127.0.0.1" if given.host in ("0.0.0.0", "::") else given.host  # noqa: S104
    return ending, f"http://{host}:{port}"
