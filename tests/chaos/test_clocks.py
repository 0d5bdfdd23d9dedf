"""The machine's clock is set while everything runs: an hour or two back, or on."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.conftest import ALL_IN_ONE, HALVES, Scene, begun
from tests.chaos.house import living
from tests.chaos.own_servers import OwnPostgres, OwnRedis
from tests.chaos.test_outages import recovers
from tests.servers import skip_or_fail
from tests.site import until

JUMPS = [
    pytest.param("-1h", marks=pytest.mark.slow),
    pytest.param("+1h", marks=pytest.mark.slow),
    "-2h",
]


class Clock:
    """The time that processes are told; only the one people set, not the one that counts."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            skip_or_fail("libfaketime")
        self._file = folder / "clock"
        self.set("+0")
        self.environment = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",
            # Else threads that wait for Python's lock wait for much too long.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

    def set(self, by: str) -> None:
        """From the true time."""
        # At once: nobody reads half of it.
        new = self._file.with_suffix(".new")
        new.write_text(by)
        shutil.move(new, self._file)


@pytest.fixture
def told(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
async def all_in_one(told: Clock, tmp_path: Path) -> AsyncIterator[Scene]:
    """The embedded Valkey lives by the same clock."""
    url = f"sqlite:///{tmp_path / 'baige.db'}"
    async with living(tmp_path, url, ALL_IN_ONE, data_dir=str(tmp_path)) as house:
        house.live_by(told.environment)
        async with begun(house) as spectator:
            yield Scene(house, spectator)


@pytest.fixture
async def halves(
    told: Clock, cluster: OwnPostgres, own_database: str, tmp_path: Path
) -> AsyncIterator[Scene]:
    """Redis lives by the same clock, PostgreSQL on a machine of its own."""
    # Debian's Redis does not begin under libfaketime (its allocator asks for the time).
    redis = OwnRedis(tmp_path, valkey=True)
    redis.environment = told.environment
    redis.start()
    try:
        async with living(tmp_path, own_database, HALVES, redis_url=redis.url) as house:
            house.live_by(told.environment)
            async with begun(house) as spectator:
                yield Scene(house, spectator, cluster, redis)
    finally:
        redis.kill()


async def lives_through(scene: Scene, told: Clock, jump: str) -> None:
    """Set wrong, and set right again as whoever finds it wrong does."""
    for times, (by, name) in enumerate(((jump, jump), ("+0", f"{jump}, and right again")), 1):
        scene.house.publish()
        told.set(by)
        await until(lambda times=times: noticed(scene, times), seconds=20)
        await recovers(scene, f"clock {name}")


async def noticed(scene: Scene, times: int) -> bool:
    """Whether every process has said so (what they were told before they keep for a second)."""
    said = [each.said.count("the clock was set") for each in scene.house.processes.values()]
    return min(said) >= times


@pytest.mark.parametrize("jump", JUMPS)
async def test_all_in_one(all_in_one: Scene, told: Clock, jump: str) -> None:
    await lives_through(all_in_one, told, jump)


@pytest.mark.slow
@pytest.mark.parametrize("jump", JUMPS)
async def test_halves(halves: Scene, told: Clock, jump: str) -> None:
    await lives_through(halves, told, jump)


@pytest.mark.slow
async def test_killed_and_then_set_back(halves: Scene, told: Clock) -> None:
    """What the dead worker held in Redis ends by a clock that is two hours behind."""
    await halves.house.processes["worker"].kill()
    told.set("-2h")
    await halves.house.processes["worker"].start()
    await recovers(halves, "worker killed, clock -2h")
