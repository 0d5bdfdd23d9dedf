"""A site within the process, and worlds to walk in."""

from pathlib import Path

import msgspec
import pytest

from app.kernel.operation.valkey import Valkey
from tests.walks.inside import inside
from tests.walks.worlds import Cast, prepare


@pytest.fixture(scope="session")
def valkey(tmp_path_factory):
    started = Valkey(tmp_path_factory.mktemp("valkey"))
    yield started
    started.stop()


@pytest.fixture
async def indoors(templates, valkey, tmp_path):
    """The site, on an empty database."""
    empty = Path(templates["sqlite"].removeprefix("sqlite:///"))
    await valkey.start()
    async with inside(empty, valkey.url, tmp_path) as site:
        yield site
    valkey.stop()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """Where prepared worlds stand for all tests of this process."""
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture
async def world_of(indoors, templates, shelf):
    """Of a plan: its files by phase, and who is there; prepared when first asked for."""
    empty = Path(templates["sqlite"].removeprefix("sqlite:///"))

    async def world(name):
        if not (shelf / f"{name}.json").exists():
            await prepare(indoors, empty, name, shelf)
        files = {each.stem.split("-")[1]: each for each in sorted(shelf.glob(f"{name}-*.db"))}
        return files, msgspec.json.decode((shelf / f"{name}.json").read_bytes(), type=Cast)

    return world
