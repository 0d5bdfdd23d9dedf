"""Fixtures: a migrated database of either kind, Redis, a served site."""

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from app.kernel import clock
from app.kernel.db import migrations
from app.kernel.db.database import Database
from app.kernel.operation import log
from app.kernel.operation.settings import Settings
from app.kernel.operation.valkey import Valkey
from tests import servers
from tests.day import Day
from tests.emptied import Emptied
from tests.processes import kill_the_rest
from tests.site import Served, served

os.environ["PICCOLO_CONF"] = "app.piccolo_conf"
for name in [name for name in os.environ if name.startswith("BAIGE_") and "_TEST_" not in name]:
    del os.environ[name]

log.configure("warning")

# Every client of httpx reads all the certificates of the world, 50 ms; one reading will do.
ssl.create_default_context = cache(ssl.create_default_context)

KINDS = ("sqlite", "postgres")
_emptied: dict[str, Emptied] = {}


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One migrated database of each kind; tests copy SQLite's, and take turns in one of
    PostgreSQL's."""
    folder = tmp_path_factory.mktemp("template")
    made = {"sqlite": f"sqlite:///{folder / 'template.db'}"}
    asyncio.run(migrations.apply(Database(made["sqlite"])))
    yield made
    if "postgres" in made:
        asyncio.run(_emptied.pop("postgres").drop())
        asyncio.run(servers.drop_database(made["postgres"]))


@pytest.fixture(params=KINDS)
async def database_url(
    request: pytest.FixtureRequest, templates: dict[str, str], tmp_path: Path
) -> AsyncIterator[str]:
    """A migrated, empty database: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "baige.db"
        shutil.copy(templates["sqlite"].removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    emptied = _emptied.get("postgres")
    if emptied is None:
        templates["postgres"] = await servers.make_database()
        await migrations.apply(Database(templates["postgres"]))
        emptied = _emptied["postgres"] = Emptied(templates["postgres"])
    yield await emptied.take()
    await emptied.give_back()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def real_redis() -> Iterator[str | None]:
    """A database of the real Redis that no other run of these tests uses, or None."""
    number = servers.claim_redis()
    yield f"{servers.REDIS}/{number}" if number else None
    if number:
        servers.release_redis(number)


@pytest.fixture
async def redis_url(
    database_url: str, real_redis: str | None, tmp_path: Path
) -> AsyncIterator[str]:
    """With PostgreSQL the real Redis where there is one, else the embedded Valkey."""
    if database_url.startswith("postgres") and real_redis:
        client = redis.asyncio.Redis.from_url(real_redis)
        await client.flushdb()
        await client.aclose()
        yield real_redis
        return
    valkey = Valkey(tmp_path / "v")
    await valkey.start()
    yield valkey.url
    valkey.stop()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, database_url=database_url, redis_url=redis_url, poll_seconds=0.2
    )


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    """A clock of the test's; everything in the house asks it."""
    made = Day()
    monkeypatch.setattr(clock, "now", made)
    return made


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Served]:
    """The whole house (web and worker) on a loopback port, with a stand-in OpenDota."""
    async with served(settings) as running:
        yield running


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Quick tests first: a mistake shows sooner. Where several run at once the long
    ones come first, so that nobody waits for the last of them."""
    order = (
        "unit",
        "property",
        "contract",
        "integration",
        "simulation",
        "security",
        "races",
        "budgets",
        "crash",
        "chaos",
        "browser",
    )

    def rank(item: Any) -> int:
        return next((n for n, name in enumerate(order) if f"tests/{name}/" in str(item.path)), 99)

    for item in items:
        params = getattr(item, "callspec", None) and item.callspec.params
        if item.get_closest_marker("slow_on_postgres") and "postgres" in (params or {}).values():
            item.add_marker(pytest.mark.slow)
    items.sort(key=rank, reverse=hasattr(config, "workerinput"))


@pytest.fixture(autouse=True)
def _no_process_outlives_its_test() -> Iterator[None]:
    yield
    kill_the_rest()
