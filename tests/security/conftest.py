"""These tests need no worker; and a world with a row of every state."""

import asyncio
import copy
import shutil
from pathlib import Path

import pytest

from app.kernel.db.database import Database
from tests.security.shelf import Shelf
from tests.security.world import World
from tests.site import served


@pytest.fixture
async def site(settings):
    async with served(settings, worker=False) as running:
        yield running


@pytest.fixture(scope="session")
def made_world(templates, tmp_path_factory):
    """The world, built once; tests work on copies of its database."""
    path = tmp_path_factory.mktemp("world") / "world.db"
    shutil.copy(templates["sqlite"].removeprefix("sqlite:///"), path)

    async def build():
        db = Database(f"sqlite:///{path}")
        await db.open()
        try:
            return await World(db).build()
        finally:
            await db.close()

    return path, asyncio.run(build())


@pytest.fixture
async def world(made_world, database_url, settings):
    """The world, served; and its people in browsers of their own (`visitors`)."""
    path, made = made_world
    file = Path(database_url.removeprefix("sqlite:///"))
    shutil.copy(path, file)
    world = copy.copy(made)
    async with served(settings, worker=False) as running:
        world.site, world.db = running, running.db
        world.visitors = {
            name: await running.signed_in(viewer) for name, viewer in world.people.items()
        } | {"stranger": running.stranger()}
        world.shelf = Shelf(running, str(file))
        yield world
        world.shelf.close()
