"""The disk is full, and freed again: SQLite and Valkey on it, or PostgreSQL's tables and Redis."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.chaos.conftest import ALL_IN_ONE, HALVES, Scene, begun
from tests.chaos.house import living
from tests.chaos.own_servers import OwnPostgres, OwnRedis
from tests.chaos.small_disk import Limited, Mounted, Starved, small_disk
from tests.chaos.test_kills import children_of
from tests.chaos.test_outages import LONG, recovers

Disk = Mounted | Limited | Starved


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where PostgreSQL's user may enter, too."""
    made = Path(tempfile.mkdtemp(prefix="baige-disk-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def all_in_one(folder: Path) -> AsyncIterator[tuple[Scene, Disk]]:
    """Everything is on the disk: the database, and what Valkey writes."""
    with small_disk(folder / "disk", 24) as mounted:
        data = folder / "disk"
        url = f"sqlite:///{data / 'baige.db'}"
        async with (
            living(data, url, ALL_IN_ONE, data_dir=str(data)) as house,
            begun(house) as spectator,
        ):
            [process] = house.processes.values()

            def processes() -> list[int]:
                return [process.process.pid, *children_of(process.process.pid)]

            yield Scene(house, spectator), mounted or Limited(data, processes)


@pytest.fixture
async def halves(cluster: OwnPostgres, folder: Path) -> AsyncIterator[tuple[Scene, Disk]]:
    """PostgreSQL's tables and what Redis writes are on the disk, the log of changes is not:
    without that PostgreSQL ends itself, and whoever watches over it begins it again."""
    disk = folder / "disk"
    with small_disk(disk, 64) as mounted:
        tables, written = disk / "tables", disk / "redis"
        tables.mkdir(mode=0o700)
        written.mkdir()
        # Not the folder itself: a house closes its data to others, so to PostgreSQL.
        own = folder / "house"
        own.mkdir()
        if os.getuid() == 0:
            shutil.chown(tables, "postgres", "postgres")
        redis = OwnRedis(written, keeps=True)
        redis.start()
        name = folder.name.replace("-", "_")
        await tell(cluster, f"CREATE TABLESPACE {name} LOCATION '{tables}'")
        await tell(cluster, f"CREATE DATABASE {name} TABLESPACE {name}")
        try:
            async with (
                living(own, cluster.url(name), HALVES, redis_url=redis.url) as house,
                begun(house) as spectator,
            ):
                scene = Scene(house, spectator, cluster, redis)
                yield scene, mounted or Starved(redis.url)
        finally:
            redis.kill()
            await tell(cluster, f"DROP DATABASE {name} WITH (FORCE)")
            await tell(cluster, f"DROP TABLESPACE {name}")


async def tell(cluster: OwnPostgres, words: str) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    await connection.execute(words)
    await connection.close()


async def full_for(scene: Scene, disk: Disk, seconds: float) -> list[int]:
    async def keep_full() -> None:
        while True:
            disk.fill()
            await asyncio.sleep(0.2)

    filling = asyncio.create_task(keep_full())
    try:
        return await scene.house.go_on(seconds)
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
        disk.free()


@pytest.mark.parametrize("seconds", [4, LONG])
async def test_all_in_one(all_in_one: tuple[Scene, Disk], seconds: int) -> None:
    scene, disk = all_in_one
    statuses = await full_for(scene, disk, seconds)
    assert 503 in statuses
    assert set(statuses) <= {303, 503}
    await recovers(scene, f"disk full for {seconds} s, all in one ({type(disk).__name__})")


@pytest.mark.parametrize("seconds", [LONG])
async def test_halves(halves: tuple[Scene, Disk], seconds: int) -> None:
    scene, disk = halves
    statuses = await full_for(scene, disk, seconds)
    assert set(statuses) <= {303, 503}
    await recovers(
        scene, f"disk full for {seconds} s, PostgreSQL and Redis ({type(disk).__name__})"
    )


@pytest.mark.slow
async def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """The same where nobody may mount: the system refuses to let files grow."""
    url = f"sqlite:///{tmp_path / 'baige.db'}"
    async with (
        living(tmp_path, url, ALL_IN_ONE, data_dir=str(tmp_path)) as house,
        begun(house) as spectator,
    ):
        [process] = house.processes.values()
        disk = Limited(tmp_path, lambda: [process.process.pid, *children_of(process.process.pid)])
        scene = Scene(house, spectator)
        statuses = await full_for(scene, disk, 20)
        assert 503 in statuses
        await recovers(scene, "files may not grow for 20 s")
