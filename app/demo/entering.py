"""Into the demo world: made once, then played by its director as long as we run."""

import contextlib
from pathlib import Path

import click
import msgspec

from app.accounts.tables import Account
from app.demo.director import Director
from app.demo.people import CAPTAIN, ORGANISER, new_password
from app.kernel.db import Database
from app.kernel.settings import Settings
from app.services import running
from app.serving import serving
from integrations.standins import opendota

KEY = "00000000-0000-4000-8000-000000000000"
POLL_SECONDS = 1.5

Stack = contextlib.AsyncExitStack


async def enter(stack: Stack, db: Database, given: Settings) -> tuple[Settings, Director | None]:
    """The demo world and its stand-ins, unless real people are here; the settings then
    ask the stand-ins, and the director waits to `play`."""
    world = opendota.World()
    world.limit = 300
    director = Director(db, world)
    note = _note(given)
    if not await Account.exists():
        click.echo("baige: making the demo world ...")
        await make(director, given)
    if not note.exists():
        return given, None
    port = await stack.enter_async_context(serving(opendota.application(world), "127.0.0.1", 0))
    click.echo(f"baige: demo sign-in: {ORGANISER} or {CAPTAIN}")
    click.echo(f"       password {note.read_text().strip()}")
    changed = msgspec.structs.replace(
        given,
        opendota_url=f"http://127.0.0.1:{port}{opendota.PATH}",
        opendota_key=KEY,
        poll_seconds=POLL_SECONDS,
    )
    return changed, director


async def play(stack: Stack, director: Director, address: str) -> None:
    """Let the director play on; `address` is where game servers reach this house."""
    await stack.enter_async_context(running(director.play_for_ever(address)))


async def make(director: Director, given: Settings) -> str:
    """Fill an empty database; the password of everybody in it, also kept in a note."""
    password = new_password()
    note = _note(given)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch(mode=0o600)
    note.write_text(password)
    await director.make_world(password)
    return password


def _note(given: Settings) -> Path:
    return given.data_dir / "demo.txt"
