"""A day with 64 matches of both games, outages, limits, rubbish, and a worker that dies.

Every result arrives, once, and is right; no provider is asked once too often; and
pages are served all the while, for they ask nobody.
"""

import asyncio
import contextlib
import random

import httpx
import msgspec
import pytest

from app.asgi import Site
from app.kernel.http import outbound
from app.kernel.operation.relay import Relay
from app.kernel.operation.supervision import Supervisor
from app.services import connect
from app.serving import serving
from integrations import registry
from integrations.base import Connection
from integrations.following import Follower
from integrations.inbox import Inbox
from integrations.standins.faceit import uuid
from integrations.standins.together import StandIns
from integrations.tables import Subject
from tests.factories import clan, held, person
from tests.simulation.players import Players, decided
from tournaments.checking import differences
from tournaments.tables import Entrant, Game, Match, Notice, Result, ToldSeries

MINUTES = 24 * 60

# From minute to minute: who does what wrong. Each day has one of each.
WRONGS = (
    (90, 130, "opendota", "error"),
    (140, 150, "opendota", "limit"),
    (160, 175, "opendota", "html"),
    (185, 200, "opendota", "cut"),
    (205, 215, "opendota", "slow"),
    (220, 240, "opendota", "empty"),
    (100, 120, "steam", "error"),
    (165, 170, "steam", "html"),
    (980, 1000, "faceit", "error"),
    (1010, 1020, "faceit", "limit"),
    (1030, 1045, "faceit", "html"),
    (1050, 1060, "faceit", "slow"),
    (1070, 1080, "faceit", "cut"),
)
CUPS = (
    # minute of the start, clans, place, fields of the tournament
    (30, 32, "opendota", {"league_id": "77", "third_place": True}),
    (480, 16, "server", {"game": "cs2", "third_place": True}),
    (930, 16, "faceit", {"game": "cs2", "third_place": True}),
)
# About every hour and a half the worker dies in the middle of whatever it does.
DEATHS = range(45, MINUTES, 97)


class Worker:
    """The background half, driven by hand; `die` leaves everything as it is."""

    def __init__(self, db, redis, settings, day, http):
        self._parts = (db, redis, settings, day, http)
        self._db, self._redis, self._day = db, redis, day
        self.live()

    def live(self):
        db, redis, settings, day, http = self._parts
        self.pollers = registry.pollers(Connection(http, redis, settings, day))
        self.inbox = Inbox(db)
        self.follower = Follower(db, self.pollers, self.inbox, base=60)

        async def delivered(payloads):
            await self.inbox.delivered(payloads, now=day())

        async def started(payloads):
            await self.follower.started(payloads, now=day())

        async def reconsider(payloads):
            await self.inbox.reconsider(payloads, now=day())

        async def ignored(_):
            return

        kinds = {"delivered": delivered, "started": started, "reconsider": reconsider}
        others = ("matches", "tournament", "claim", "server_test", "pictures", "steam_linked")
        self.relay = Relay(redis, dict.fromkeys(others, ignored) | kinds)

    async def turn(self):
        """What one minute brings."""
        for following in await self.follower.due(now=self._day()):
            await self.follower.poll(following, now=self._day())
        while await self.relay.deliver():
            pass

    async def die(self, chance):
        """Be cut off somewhere in the middle, and come back as a new one."""
        turn = asyncio.create_task(self.turn())
        await asyncio.sleep(chance.random() * 0.03)
        turn.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await turn
        self.live()


@pytest.fixture
async def house(settings, day, monkeypatch):
    """Site, worker and stand-ins, all living by the test's clock."""
    monkeypatch.setattr(outbound, "TIMEOUT", httpx.Timeout(0.05))
    stand_ins = StandIns(day)
    for world in stand_ins.worlds.values():
        world.slow_seconds = 0.2
    wanted = msgspec.structs.replace(settings, steam_key=stand_ins.steam.key)
    async with (
        stand_ins.served(wanted) as given,
        connect(given, given.redis_url) as (db, redis),
        outbound.client() as http,
    ):
        site = Site(given, db, redis)
        async with (
            Supervisor() as background,
            site.live(background),
            serving(site.app, "127.0.0.1", 0, site.hub.close) as port,
        ):
            worker = Worker(db, redis, given, day, http)
            yield db, worker, stand_ins, f"http://127.0.0.1:{port}"


async def hold(db, organiser, numbers, place, fields):
    clans = [await clan(number, fields.get("game", "dota2")) for number in numbers]
    changes = dict(fields)
    if place == "faceit":
        changes["faceit"] = uuid("cup")
    number = str(len(clans))
    cup = await held(
        db, organiser, clans, start=True, name=f"Cup {place}", size_limit=number, **changes
    )
    cup.championship = uuid("cup")
    rows = await Entrant.select(Entrant.id, Entrant.clan).where(Entrant.tournament == cup.id)
    by_clan = {each.id: each.steam_ids for each in clans}
    cup.line_ups = {row["id"]: by_clan[row["clan"]] for row in rows}
    return cup


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_day(house, day):
    db, worker, stand_ins, site = house
    chance = random.Random(20260301)
    players = Players(day, stand_ins, site, chance)
    organiser = await person("organiser", organiser=True)
    numbers, cups = iter(range(1, 65)), []
    async with httpx.AsyncClient(base_url=site, trust_env=False) as spectator:
        while day.minute < MINUTES:
            for start, size, place, fields in CUPS:
                if start == day.minute:
                    mine = [next(numbers) for _ in range(size)]
                    cups.append((await hold(db, organiser, mine, place, fields), place))
            for start, end, provider, kind in WRONGS:
                if day.minute == start:
                    stand_ins.worlds[provider].fault(kind)
                elif day.minute == end:
                    stand_ins.worlds[provider].heal()
            for cup, place in cups:
                await players.play(cup, place)
            await (worker.die(chance) if day.minute in DEATHS else worker.turn())
            if day.minute % 30 == 0:
                assert (await spectator.get("/")).status_code == 200
            day.go_on(minutes=1)
    matches = await Match.select().where(Match.state == "decided")
    assert [await decided(cup) for cup, _ in cups] == [32, 16, 16]
    assert {row["id"]: row["winner"] for row in matches} == players.truth
    assert all(row["flag"] == "" for row in matches)
    assert await Result.count() == 64
    dota = await Game.select(Game.external_id).where(Game.space == "dota2")
    assert len({row["external_id"] for row in dota}) == len(dota) == 32
    assert await ToldSeries.count() == 16
    assert await Notice.count() == 0
    assert await Subject.count().where(Subject.state == "recorded") == 64
    # Not one call over a limit that the provider had not made up itself.
    made_up = sum(end - start for start, end, _, kind in WRONGS if kind == "limit")
    refused = {name: world.refused for name, world in stand_ins.worlds.items()}
    assert refused["steam"] == 0
    assert refused["opendota"] + refused["faceit"] <= made_up
    # A league is asked once a minute while it is played, a game once or twice.
    assert stand_ins.opendota.calls["leagues"] <= 480
    assert stand_ins.opendota.calls["matches"] <= 3 * 32 + 40
    assert await differences() == []
