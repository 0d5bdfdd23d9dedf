"""The two set-ups: everything in one process, and halves on PostgreSQL and Redis of our own."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from tests.chaos.house import House, living
from tests.chaos.own_servers import OwnPostgres, OwnRedis
from tests.chaos.spectator import Spectator

ALL_IN_ONE = ("up --no-demo",)
HALVES = ("web", "worker")


class Scene(NamedTuple):
    """A house in which all is well, somebody who watches, and the servers it stands on."""

    house: House
    spectator: Spectator
    postgres: OwnPostgres | None = None
    redis: OwnRedis | None = None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Processes begin, all is seen to work, the outage, half a minute, and the check.
    for item in items:
        if "tests/chaos/" in str(item.path):
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def cluster() -> Iterator[OwnPostgres]:
    """A PostgreSQL that is ours to kill; where only we may enter, its user may not."""
    folder = Path(tempfile.mkdtemp(prefix="baige-chaos-", dir="/tmp"))
    made = OwnPostgres(folder)
    made.start()
    yield made
    made.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def own_database(cluster: OwnPostgres) -> str:
    name = f"chaos_{time.monotonic_ns()}"
    while True:
        try:
            connection = await asyncpg.connect(cluster.url("postgres"))
            break
        except asyncpg.CannotConnectNowError:
            await asyncio.sleep(0.1)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return cluster.url(name)


@pytest.fixture
async def all_in_one(tmp_path: Path) -> AsyncIterator[Scene]:
    """`baige up`: SQLite, and the embedded Valkey."""
    url = f"sqlite:///{tmp_path / 'baige.db'}"
    async with (
        living(tmp_path, url, ALL_IN_ONE, data_dir=str(tmp_path)) as house,
        begun(house) as spectator,
    ):
        yield Scene(house, spectator)


@pytest.fixture
async def halves(cluster: OwnPostgres, own_database: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """`baige web` and `baige worker` on PostgreSQL and Redis."""
    redis = OwnRedis(tmp_path)
    redis.start()
    try:
        async with (
            living(tmp_path, own_database, HALVES, redis_url=redis.url) as house,
            begun(house) as spectator,
        ):
            yield Scene(house, spectator, cluster, redis)
    finally:
        redis.kill()


@asynccontextmanager
async def begun(house: House) -> AsyncIterator[Spectator]:
    """The house is started, and seen to work before there is any trouble."""
    await house.start()
    async with Spectator(house.base_url, house.slug) as spectator:
        await house.all_is_well(spectator, "before")
        yield spectator
