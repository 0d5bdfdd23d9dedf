"""The `baige` command."""

import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click
from asyncpg import PostgresError
from redis.exceptions import RedisError

from app import demo as demo_world
from app import running
from app.accounts.signing import make_operator, make_organiser
from app.accounts.tables import Account
from app.demo import removing
from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.operation import log, loop, outbox, private_files, settings
from app.kernel.operation.away import DatabaseAway
from app.kernel.text.templating import BUILT, ROOT
from app.standing_in import FIRST_PORT, serve_game, stand_in
from integrations.inbox import Inbox
from tournaments.checking import differences


@click.group(help="Bäige: clans, tournaments, live standings.")
def main() -> None:
    log.configure(settings.read().log_level)


def _settings() -> settings.Settings:
    """The settings, with the data folder closed to everybody else before it is used."""
    given = settings.read()
    for line in private_files.keep_private(given.data_dir, given.database):
        click.echo(line, err=True)
    return given


def _run(work: Coroutine[Any, Any, int | None]) -> None:
    try:
        sys.exit(loop.run(work) or 0)
    except KeyboardInterrupt:
        pass
    except RedisError as error:
        raise SystemExit(f"baige: Redis (BAIGE_REDIS_URL) does not answer: {error}") from None
    except (OSError, PostgresError, DatabaseAway) as error:
        raise SystemExit(f"baige: a server or the disk does not answer: {error}") from None


@main.command(help="Everything in one process: web, worker, and Redis where none is configured.")
@click.option("--demo/--no-demo", default=False, help="Fill an empty database with a demo world.")
def up(demo: bool) -> None:
    _run(running.everything(_settings(), with_demo=demo))


@main.command(help="The web half alone; needs BAIGE_REDIS_URL. Run as many as you like.")
def web() -> None:
    _run(running.half(_settings(), serve=True))


@main.command(help="The background half alone; needs BAIGE_REDIS_URL.")
def worker() -> None:
    _run(running.half(_settings(), serve=False))


@main.command(help="Bring the database's tables up to date.")
def migrate() -> None:
    _run(migrations.apply(Database(_settings().database)))


@main.group(invoke_without_command=True, help="Fill an empty database with the demo world.")
@click.pass_context
def demo(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        _run(_with_database(_demo))


@demo.command(help="Remove the demo's accounts, clans and tournaments, and nobody else's.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(yes: bool) -> None:
    async def work(db: Database) -> int:
        leaving = await removing.find_leaving()
        if not leaving.accounts:
            click.echo("baige: there are no demo accounts")
            return 0
        if not yes:
            click.confirm(f"Remove {leaving.counted} of the demo?", abort=True)
        async with db.transaction() as tx:
            # Once more: somebody may have joined while the question stood.
            leaving = await removing.find_leaving()
            await removing.remove(tx, leaving, now=clock.now())
        demo_world.forget(settings.read())
        _tell(leaving)
        return 0

    _run(_with_database(work))


def _tell(leaving: removing.Leaving) -> None:
    click.echo(f"removed: {leaving.counted}, and the password's note")
    for cup in leaving.kept_cups:
        end = "" if cup.over else "; it is cancelled, for nobody organises it any more"
        click.echo(f"kept: {cup.name}, for others play in it{end}")
    for name in leaving.kept_clans:
        click.echo(f"kept: {name}, for it is in a tournament of others, or others are in it")
    click.echo("restart Bäige if it runs, and without its demo: make run DEMO=0")


async def _demo(db: Database) -> int:
    if await Account.exists():
        click.echo("baige: the database is not empty", err=True)
        return 1
    password = await demo_world.make(db, settings.read())
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
    _run(_with_database(_promotion(make_organiser, email, "may organise tournaments")))


@main.group(help="Who sees how the site and its providers are doing.")
def operator() -> None:
    pass


@operator.command(name="add", help="Let the account with this e-mail address operate the site.")
@click.argument("email")
def add_operator(email: str) -> None:
    _run(_with_database(_promotion(make_operator, email, "may operate this site")))


def _promotion(promote: Any, email: str, done: str) -> Any:
    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            promoted = await promote(tx, email, now=clock.now())
        if promoted is None:
            click.echo("baige: nobody has signed up with this address", err=True)
            return 1
        click.echo(f"{promoted.nickname} {done}" + (" already" if promoted.already else ""))
        if promoted.browsers:
            click.echo(
                f"open sessions: {promoted.browsers}; "
                "each gets a new token with the next page it opens"
            )
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


@main.command(help="Try again what was promised and failed until it was parked.")
def retry() -> None:
    async def work(_: Database) -> int:
        click.echo(f"baige retry: {await outbox.retry()} entries")
        return 0

    _run(_with_database(work))


async def _with_database(work: Any) -> int:
    db = Database(_settings().database)
    await migrations.apply(db)
    await db.open()
    try:
        return int(await work(db))
    finally:
        await db.close()


@main.command(help="Stand-ins of all providers on loopback, to develop and try things with.")
@click.option("--port", default=FIRST_PORT, help="The first of four ports; 0 takes free ones.")
def standins(port: int) -> None:
    _run(stand_in(port))


@main.command(help="Play a match as a game server would: give it the line of the match page.")
@click.argument("line")
@click.option("--pace", default=2.0, help="Seconds between two rounds.")
def gameserver(line: str, pace: float) -> None:
    _run(serve_game(line, pace))


@main.command(name="assets", help="Build what browsers are sent from the npm packages.")
def build_assets() -> None:
    # Only here: the font tools take half a second to import.
    from app.kernel.http.asset_building import build

    built = build(Path(ROOT / "node_modules"), BUILT)
    click.echo("baige: assets built" if built else "baige: assets are up to date")
