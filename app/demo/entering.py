"""Into the demo world: made once, then played by its director as long as we run."""

import contextlib
from pathlib import Path

import click
import msgspec

from app.accounts.tables import Account
from app.demo.director import Director
from app.demo.making import Maker
from app.demo.people import CAPTAIN, ORGANISER, PLAYER, new_password
from app.kernel.db.database import Database
from app.kernel.operation.private_files import own_file
from app.kernel.operation.settings import Settings
from app.kernel.operation.supervision import Supervisor
from integrations.standins.together import OPENDOTA_KEY, StandIns

POLL_SECONDS = 1.5

Stack = contextlib.AsyncExitStack


async def enter(stack: Stack, db: Database, given: Settings) -> tuple[Settings, Director | None]:
    """The demo world and its stand-ins, unless real people are here; the settings then
    ask the stand-ins, and the director waits to `play`."""
    note = _note(given)
    if not await Account.exists():
        click.echo("baige: making the demo world ...")
        await make(db, given)
    if not note.exists():
        return given, None
    stand_ins = StandIns()
    given = msgspec.structs.replace(
        given,
        poll_seconds=POLL_SECONDS,
        opendota_key=OPENDOTA_KEY,
        steam_key=stand_ins.steam.key,
    )
    given = await stack.enter_async_context(stand_ins.served(given))
    click.echo(f"baige: demo sign-in: {ORGANISER}, {CAPTAIN} or {PLAYER}")
    click.echo(f"       password {note.read_text().strip()}")
    return given, Director(db, stand_ins)


async def play(stack: Stack, background: Supervisor, director: Director, address: str) -> None:
    """Let the director play on; `address` is where game servers reach this house."""
    await stack.enter_async_context(
        background.keeping({"demo": lambda: director.play_for_ever(address)})
    )


async def make(db: Database, given: Settings) -> str:
    """Fill an empty database; the password of everybody in it, also kept in a note."""
    password = new_password()
    note = _note(given)
    own_file(note)
    note.write_text(password)
    await Maker(db).make_world(password)
    return password


def forget(given: Settings) -> None:
    """The note with the password goes with the demo's people."""
    _note(given).unlink(missing_ok=True)


def _note(given: Settings) -> Path:
    return given.data_dir / "demo.txt"
