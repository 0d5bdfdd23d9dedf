"""The real client and a stand-in OpenDota, with a socket between them."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import redis.asyncio

from app.kernel.operation.settings import Settings
from app.kernel.operation.valkey import Valkey
from integrations.base import Connection
from integrations.opendota.client import OpenDota
from integrations.standins.opendota import PATH, Game, World, application
from integrations.standins.serving import Running, serve

STEAM_BASE = 76561197960265728


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 18, 30, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


@pytest.fixture
async def redis_client(tmp_path: Path) -> AsyncIterator[redis.asyncio.Redis]:
    server = Valkey(tmp_path)
    await server.start()
    client = redis.asyncio.Redis.from_url(server.url)
    yield client
    await client.aclose()
    server.stop()


@pytest.fixture
async def standin(world: World) -> AsyncIterator[Running]:
    running = await serve(application(world), path=PATH)
    yield running
    await running.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
def connect(
    standin: Running, http: httpx.AsyncClient, redis_client: redis.asyncio.Redis, clock: Clock
) -> Callable[..., OpenDota]:
    """A client of the stand-in; each call is one more worker."""

    def make(key: str = "", base_url: str = "", by: httpx.AsyncClient = http) -> OpenDota:
        settings = Settings(opendota_url=base_url or standin.base_url, opendota_key=key)
        return OpenDota(Connection(by, redis_client, settings, clock))

    return make


@pytest.fixture
def opendota(connect: Callable[..., OpenDota]) -> OpenDota:
    return connect()


@pytest.fixture
def game(clock: Clock) -> Callable[..., Game]:
    """An invented game; say only what matters."""

    def make(match_id: int = 8_000_000_001, **fields: object) -> Game:
        line_ups = [
            tuple(str(STEAM_BASE + side * 100 + number) for number in range(5)) for side in (1, 2)
        ]
        plain = {
            "radiant": line_ups[0],
            "dire": line_ups[1],
            "radiant_win": True,
            "started_at": clock.now - timedelta(hours=1),
            "league_id": 70_001,
        }
        return Game(match_id=match_id, **{**plain, **fields})

    return make
