"""What our PostgreSQL engine relies on in Piccolo, and how it lives through outages."""

import asyncio
import inspect
from urllib.parse import urlsplit

import asyncpg
import pytest
from piccolo.engine.base import Engine
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from app.kernel import clock
from app.kernel.db import database, postgres
from app.kernel.db.database import Database
from app.kernel.db.postgres import CONNECTIONS, PooledPostgresEngine, SafeTransaction
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation.away import DatabaseAway
from tests import faulty_proxy

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def row(kind="x"):
    await OutboxEntry.insert(OutboxEntry(at=clock.now(), kind=kind, payload="{}"))


@pytest.fixture
async def proxy(database_url):
    parts = urlsplit(database_url)
    async with faulty_proxy.before(parts.hostname, parts.port or 5432) as made:
        yield made


@pytest.fixture
async def far(database_url, proxy, monkeypatch):
    """The database behind the proxy, with short patience."""
    monkeypatch.setattr(postgres, "CONNECT_TIMEOUT", 0.3)
    monkeypatch.setattr(postgres, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(postgres, "RELEASE_TIMEOUT", 0.2)
    monkeypatch.setattr(postgres, "POOL_TIMEOUT", 0.5)
    url = urlsplit(database_url)
    user = f"{url.username}:{url.password}@" if url.password else f"{url.username}@"
    db = Database(url._replace(netloc=f"{user}127.0.0.1:{proxy.port}").geturl())
    await db.open()
    yield db
    await db.close()


def test_the_overridden_methods_are_still_piccolos(database_url):
    for name in ("run_querystring", "run_ddl", "_run_in_pool", "transaction"):
        assert list(inspect.signature(getattr(PostgresEngine, name)).parameters) == list(
            inspect.signature(getattr(PooledPostgresEngine, name)).parameters
        )
    assert "check_version" in vars(Engine)
    # All that ours does differently: who takes and gives back the connection.
    source = inspect.getsource(PostgresTransaction.__aenter__)
    for line in ("self.get_connection()", "self.begin()", "current_transaction.set(self)"):
        assert line in source
    for name in ("begin", "commit", "rollback"):
        assert name not in vars(SafeTransaction)


async def test_transactions_that_lose_their_connection_do_not_empty_the_pool(db):
    async def lose(at_the_end):
        with pytest.raises(DatabaseAway):
            async with db.transaction():
                await row("lost")
                [mine] = await OutboxEntry.raw("SELECT pg_backend_pid() AS pid")
                other = await asyncpg.connect(database_of(db))
                await other.execute(f"SELECT pg_terminate_backend({mine['pid']})")
                await other.close()
                if not at_the_end:
                    await row("lost too")

    for _ in range(CONNECTIONS + 2):
        await lose(at_the_end=False)
        await lose(at_the_end=True)
    async with asyncio.timeout(5):
        async with db.transaction():
            await row("kept")
    assert [each["kind"] for each in await OutboxEntry.select()] == ["kept"]


def database_of(db):
    config = db.engine.config
    return f"postgresql://{config['user']}@{config['host']}:{config.get('port', 5432)}/{config['database']}"


async def test_cancelled_anywhere_the_pool_stays_whole(db):
    async def slow():
        async with db.transaction():
            while True:
                await row("cancelled")

    for number in range(3 * CONNECTIONS):
        task = asyncio.create_task(slow())
        await asyncio.sleep(number * 0.0007)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(5):
        async with db.transaction():
            await row("last")
    assert [each["kind"] for each in await OutboxEntry.select()] == ["last"]


@pytest.mark.parametrize("forget", [False, True])
async def test_a_server_that_does_not_answer_is_away_and_comes_back(far, proxy, forget):
    await row("before")

    async def one():
        with pytest.raises(DatabaseAway):
            await row("meanwhile")

    async def transaction():
        with pytest.raises(DatabaseAway):
            async with far.transaction():
                await row("meanwhile")

    proxy.swallow()
    async with asyncio.timeout(15):
        # More than there are connections: those who wait for one are told as well.
        await asyncio.gather(*(each() for _ in range(8) for each in (one, transaction)))
    await proxy.heal(forget=forget)
    async with asyncio.timeout(5):
        while True:
            try:
                await row("after")
                break
            except DatabaseAway:
                await asyncio.sleep(0.1)
        await asyncio.gather(*(row("after") for _ in range(2 * CONNECTIONS)))
    kinds = [each["kind"] for each in await OutboxEntry.select()]
    assert kinds.count("before") == 1
    # What was on its way may have arrived: nobody was told that it had not.
    assert kinds.count("after") >= 2 * CONNECTIONS + 1


async def test_a_server_that_refuses_is_away_and_comes_back(far, proxy):
    await row("before")
    await proxy.refuse()
    for _ in range(2 * CONNECTIONS):
        with pytest.raises(DatabaseAway):
            await row("meanwhile")
        with pytest.raises(DatabaseAway):
            async with far.transaction():
                await row("meanwhile")
    await proxy.heal()
    await asyncio.gather(*(row("after") for _ in range(2 * CONNECTIONS)))
    kinds = {each["kind"] for each in await OutboxEntry.select()}
    assert kinds == {"before", "after"}


async def test_who_starts_first_waits_for_the_database(database_url, proxy, monkeypatch):
    await proxy.refuse()
    name = urlsplit(database_url).path
    db = Database(f"postgresql://postgres@127.0.0.1:{proxy.port}{name}")
    with pytest.raises(DatabaseAway):
        await db.open(patience=0)
    opening = asyncio.create_task(db.open())
    await asyncio.sleep(0.1)
    assert not opening.done()
    await proxy.heal()
    async with asyncio.timeout(5):
        await opening
    await db.answers()
    await db.close()


async def test_a_wrong_name_is_no_reason_to_wait(database_url):
    db = Database(database_url + "_nobody_made")
    async with asyncio.timeout(5):
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await db.open()
    await db.close()
    assert database.PATIENCE > 10
