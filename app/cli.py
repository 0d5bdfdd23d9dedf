"""The `baige` command."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from app import demo as demo_world
from app.accounts.signing import make_operator, make_organiser
from app.accounts.tables import Account
from app.asgi import Site
from app.kernel import clock, log, migrations, settings
from app.kernel.db import Database
from app.kernel.settings import Settings
from app.kernel.templating import BUILT, ROOT
from app.kernel.valkey import Valkey
from app.services import connect, running
from app.serving import serving
from app.worker import working
from integrations.inbox import Inbox
from integrations.standins import opendota
from tournaments.checking import differences

DEMO_KEY = "00000000-0000-4000-8000-000000000000"
DEMO_POLL_SECONDS = 1.5


@click.group(help="Bäige: clans, tournaments, live standings.")
def main() -> None:
    log.configure(settings.read().log_level)


def _run(work: Coroutine[Any, Any, int | None]) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(work) or 0)


@asynccontextmanager
async def _redis_url(given: Settings) -> AsyncIterator[str]:
    """The configured Redis, or an embedded Valkey for as long as the block runs."""
    if given.redis_url:
        yield given.redis_url
        return
    valkey = Valkey(given.data_dir)
    await valkey.start()
    try:
        yield valkey.url
    finally:
        valkey.stop()


async def _until_stopped() -> None:
    """Until Ctrl-C or SIGTERM; a second one ends at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def asked() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    await stop.wait()


@main.command(help="Everything in one process: web, worker, and Redis where none is configured.")
@click.option("--demo/--no-demo", default=False, help="Fill an empty database with a demo world.")
def up(demo: bool) -> None:
    _run(_up(settings.read(), demo))


async def _up(given: Settings, demo: bool) -> None:
    click.echo("baige: database ...")
    await migrations.apply(Database(given.database))
    click.echo("baige: Redis ..." if given.redis_url else "baige: embedded Valkey ...")
    async with contextlib.AsyncExitStack() as stack:
        redis_url = await stack.enter_async_context(_redis_url(given))
        db, redis = await stack.enter_async_context(connect(given, redis_url))
        if demo:
            given = await _enter_demo(stack, db, given)
        await stack.enter_async_context(working(given, db, redis))
        await _serve(stack, given, db, redis)
        await _until_stopped()
        click.echo("baige: stopping ...")


async def _serve(
    stack: contextlib.AsyncExitStack, given: Settings, db: Database, redis: Any
) -> None:
    site = Site(given, db, redis)
    await stack.enter_async_context(site.live())
    port = await stack.enter_async_context(
        serving(site.app, given.host, given.port, site.hub.close)
    )
    address = given.url or f"http://{given.host}:{port}"
    click.echo(f"baige: ready at {address}  (Ctrl-C stops it)")
    if not await Account.exists():
        click.echo(
            "baige: nobody is here yet. Sign up in the browser, then make yourself organiser:"
        )
        click.echo("       .venv/bin/baige organiser add YOUR-E-MAIL")


async def _enter_demo(stack: contextlib.AsyncExitStack, db: Database, given: Settings) -> Settings:
    """The demo world and its stand-in OpenDota, unless real people are here."""
    note = given.data_dir / "demo.txt"
    world = opendota.World()
    world.limit = 300
    director = demo_world.Director(db, world)
    if not await Account.exists():
        click.echo("baige: making the demo world ...")
        password = demo_world.new_password()
        note.touch(mode=0o600)
        note.write_text(password)
        await director.make_world(password)
    if not note.exists():
        return given
    port = await stack.enter_async_context(serving(opendota.application(world), "127.0.0.1", 0))
    await stack.enter_async_context(running(director.play_for_ever()))
    click.echo(f"baige: demo sign-in: {demo_world.ORGANISER} or {demo_world.CAPTAIN}")
    click.echo(f"       password {note.read_text().strip()}")
    return msgspec.structs.replace(
        given,
        opendota_url=f"http://127.0.0.1:{port}/api",
        opendota_key=DEMO_KEY,
        poll_seconds=DEMO_POLL_SECONDS,
    )


@main.command(help="The web half alone; needs BAIGE_REDIS_URL. Run as many as you like.")
def web() -> None:
    _run(_half(settings.read(), serve=True))


@main.command(help="The background half alone; needs BAIGE_REDIS_URL.")
def worker() -> None:
    _run(_half(settings.read(), serve=False))


async def _half(given: Settings, *, serve: bool) -> None:
    if not given.redis_url:
        raise SystemExit("baige: set BAIGE_REDIS_URL, or use `baige up`")
    async with contextlib.AsyncExitStack() as stack:
        db, redis = await stack.enter_async_context(connect(given, given.redis_url))
        if serve:
            await _serve(stack, given, db, redis)
        else:
            await stack.enter_async_context(working(given, db, redis))
            click.echo("baige: worker ready")
        await _until_stopped()


@main.command(help="Bring the database's tables up to date.")
def migrate() -> None:
    _run(migrations.apply(Database(settings.read().database)))


@main.command(help="Fill an empty database with the demo world.")
def demo() -> None:
    _run(_with_database(_demo))


async def _demo(db: Database) -> int:
    if await Account.exists():
        click.echo("baige: the database is not empty", err=True)
        return 1
    password = demo_world.new_password()
    await demo_world.Director(db, opendota.World()).make_world(password)
    click.echo(f"demo sign-in: {demo_world.ORGANISER}, password {password}")
    return 0


@main.command(help="Prove that the stored state equals a replay; exit code 1 if it does not.")
def check() -> None:
    _run(_with_database(_check))


async def _check(_: Database) -> int:
    found = await differences()
    for line in found:
        click.echo(line)
    click.echo(f"baige check: {len(found)} differences")
    return 1 if found else 0


@main.group(help="Who may organise tournaments.")
def organiser() -> None:
    pass


@organiser.command(help="Let the account with this e-mail address organise tournaments.")
@click.argument("email")
def add(email: str) -> None:
    _run(_with_database(_promotion(make_organiser, email, "may organise tournaments now")))


@main.group(help="Who sees how the site and its providers are doing.")
def operator() -> None:
    pass


@operator.command(name="add", help="Let the account with this e-mail address operate the site.")
@click.argument("email")
def add_operator(email: str) -> None:
    _run(_with_database(_promotion(make_operator, email, "may operate this site now")))


def _promotion(promote: Any, email: str, done: str) -> Any:
    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            nickname = await promote(tx, email, now=clock.now())
        if nickname is None:
            click.echo("baige: nobody has signed up with this address", err=True)
            return 1
        click.echo(f"{nickname} {done}")
        return 0

    return work


@main.command(help="Translate all deliveries of the inbox anew, with today's parsers.")
@click.option("--provider", default=None, help="Only those of one provider.")
def replay(provider: str | None) -> None:
    async def work(db: Database) -> int:
        count = await Inbox(db).replay(provider, now=clock.now())
        click.echo(f"baige replay: {count} subjects")
        return await _check(db)

    _run(_with_database(work))


async def _with_database(work: Any) -> int:
    db = Database(settings.read().database)
    await migrations.apply(db)
    await db.open()
    try:
        return int(await work(db))
    finally:
        await db.close()


@main.command(name="assets", help="Build what browsers are sent from the npm packages.")
def build_assets() -> None:
    # Only here: the font tools take half a second to import.
    from app.kernel.asset_building import build

    built = build(Path(ROOT / "node_modules"), BUILT)
    click.echo("baige: assets built" if built else "baige: assets are up to date")
