"""Redis, PostgreSQL or the database's file is away for a while; then all is right again.

The short ones run with every test run, those of the promised length with `make test-slow`.
"""

import contextlib
import sqlite3

import pytest

from tests.chaos.conftest import Scene

LONG = pytest.param(20, marks=pytest.mark.slow)
OUTAGES = [3, LONG]
# A request may have been on its way when its server was cut off: then nobody knows.
HONEST = {303, 503, 0}


async def recovers(scene: Scene, trouble: str) -> None:
    took = await scene.house.all_is_well(scene.spectator, trouble)
    print(f"{trouble}: right again after {took:.1f} s")


@pytest.mark.parametrize("seconds", OUTAGES)
async def test_redis_is_killed_and_comes_back_empty(halves: Scene, seconds: int) -> None:
    halves.redis.kill()
    statuses = await halves.house.go_on(seconds)
    # The database is there: rulings count, and show when pages are live again.
    assert 303 in statuses
    halves.redis.start()
    await recovers(halves, f"Redis killed for {seconds} s")


@pytest.mark.parametrize("seconds", [LONG])
async def test_redis_is_silent(halves: Scene, seconds: int) -> None:
    halves.redis.freeze()
    with contextlib.ExitStack() as stack:
        stack.callback(halves.redis.thaw)
        await halves.house.go_on(seconds)
    await recovers(halves, f"Redis silent for {seconds} s")


@pytest.mark.parametrize("seconds", OUTAGES)
async def test_postgresql_refuses(halves: Scene, seconds: int) -> None:
    halves.postgres.stop_at_once()
    statuses = await halves.house.go_on(seconds)
    assert 503 in statuses
    assert set(statuses) <= HONEST
    halves.postgres.start()
    await recovers(halves, f"PostgreSQL refusing for {seconds} s")


@pytest.mark.parametrize("seconds", [LONG])
async def test_postgresql_is_silent(halves: Scene, seconds: int) -> None:
    halves.postgres.freeze()
    with contextlib.ExitStack() as stack:
        stack.callback(halves.postgres.thaw)
        statuses = await halves.house.go_on(seconds)
        assert set(statuses) <= HONEST
    await recovers(halves, f"PostgreSQL silent for {seconds} s")


@pytest.mark.slow
async def test_postgresqls_machine_is_silent_and_then_starts_anew(halves: Scene) -> None:
    halves.postgres.freeze()
    await halves.house.go_on(20)
    halves.postgres.kill()
    halves.postgres.start()
    await recovers(halves, "PostgreSQL silent for 20 s, then started anew")


@pytest.mark.slow
async def test_both_are_away(halves: Scene) -> None:
    halves.postgres.stop_at_once()
    halves.redis.kill()
    await halves.house.go_on(20)
    halves.redis.start()
    halves.postgres.start()
    await recovers(halves, "PostgreSQL and Redis away for 20 s")


@pytest.mark.parametrize("seconds", [13, pytest.param(30, marks=pytest.mark.slow)])
async def test_sqlite_is_locked_by_another_program(all_in_one: Scene, seconds: int) -> None:
    path = all_in_one.house.database_url.removeprefix("sqlite:///")
    other = sqlite3.connect(path, timeout=20)
    other.execute("BEGIN EXCLUSIVE")
    try:
        statuses = await all_in_one.house.go_on(seconds)
    finally:
        other.rollback()
        other.close()
    assert set(statuses) <= {303, 503}
    assert 503 in statuses
    await recovers(all_in_one, f"SQLite locked for {seconds} s")
