"""Game servers' habits over real sockets: the stand-in has each, the translation bears it."""

from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response, get, post

from integrations.base import Delivery
from integrations.matchzy.config import Order, Team, config_of, console_line
from integrations.matchzy.events import head_of
from integrations.matchzy.translate import translate
from integrations.standins.game_server import Faults, GameServer
from integrations.standins.game_server_events import GET5, MATCHZY, WITHOUT_IDS, Outcome, Shape
from integrations.standins.serving import serve

BEGAN = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
POOL = ("de_ancient", "de_anubis", "de_dust2", "de_inferno")
SECRET = "a-secret"


class Receiver:
    """Gives out a configuration and keeps what comes back."""

    def __init__(self):
        self.site = ""
        self.loads = 0
        self.best_of = 1
        self.changes = {}
        self.status = 200
        self.events = []
        self.headers = []

    def config(self):
        self.loads += 1
        teams = tuple(
            Team(str(40 + side), name, {f"7656119800000{side}{n:03}": f"p{n}" for n in range(5)})
            for side, name in ((1, "Alpha"), (2, "Bravo"))
        )
        order = Order(
            load=self.loads,
            teams=teams,
            best_of=self.best_of,
            maps=POOL,
            title="t",
            site=self.site,
            secret=SECRET,
        )
        return {**config_of(order), **self.changes}

    def told(self):
        """What the translation makes of it."""
        said = {"match": 5, "entrants": (41, 42), "best_of": self.best_of, "maps": POOL}
        found = [
            Delivery(
                subject="1",
                part="load",
                body=msgspec.json.encode({**said, "loaded_at": BEGAN}),
                received_at=BEGAN,
            )
        ]
        for number, body in enumerate(self.events):
            at = BEGAN + timedelta(seconds=number)
            part = head_of(body).part
            found.append(Delivery(subject="1", part=part, body=body, received_at=at))
        return translate(found)

    def heard(self, name):
        events = [msgspec.json.decode(body) for body in self.events]
        return [event for event in events if event["event"] == name]


@pytest.fixture
async def receiver():
    receiver = Receiver()

    @get("/game-servers/matchzy/1/config")
    async def config(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return Response(b"", status_code=403)
        return Response(receiver.config())

    @post("/game-servers/matchzy/events")
    async def events(request: Request) -> Response:
        receiver.headers.append(dict(request.headers))
        if receiver.status == 200:
            receiver.events.append(await request.body())
        return Response(b"", status_code=receiver.status)

    running = await serve(Litestar([config, events], openapi_config=None, logging_config=None))
    receiver.site = running.base_url
    yield receiver
    await running.stop()


@pytest.fixture
async def connect():
    async with httpx.AsyncClient(trust_env=False) as http:

        def make(shape: Shape = MATCHZY) -> GameServer:
            return GameServer(http, shape=shape)

        yield make


async def loaded(receiver, server):
    assert await server.type(console_line(receiver.site, 1, SECRET)), server.log
    return server


async def test_the_line_brings_the_match_and_the_header_comes_back(receiver, connect):
    server = await loaded(receiver, connect())
    await server.play(Outcome(maps=((13, 7),)))
    assert {each["authorization"] for each in receiver.headers} == {f"Bearer {SECRET}"}
    game = receiver.told().games[0]
    assert (game.winner, game.label, [side.entrant for side in game.sides]) == (
        0,
        "de_ancient",
        [41, 42],
    )
    assert [side.score for side in game.sides] == [13, 7]


async def test_a_header_needs_its_value(receiver, connect):
    server = connect()
    url = f"{receiver.site}/game-servers/matchzy/1/config"
    assert not await server.type(f'matchzy_loadmatch_url "{url}" "Authorization"')
    assert not await server.type(f'get5_loadmatch_url "{url}"')
    assert server.answers == [403, 403]
    assert not await server.type("status")
    assert not await server.type('matchzy_loadmatch_url "http://127.0.0.1:1/x"')
    assert "An error occured" in server.log[-1]


async def test_a_load_while_a_match_is_set_up_is_ignored(receiver, connect):
    server = await loaded(receiver, connect())
    assert not await server.type(console_line(receiver.site, 1, SECRET))
    assert receiver.loads == 1
    server.end()
    await loaded(receiver, server)
    assert server.config["matchid"] == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"matchid": "seven"},
        {"matchid": 2**31},
        {"team1": {"name": "A", "players": ["76561198000000001"]}},
        {"team2": {"name": "A"}},
        {"maplist": []},
        {"maplist": None},
        {"num_maps": 9},
        {"map_sides": []},
        {"map_sides": ["ct"]},
        {"cvars": []},
    ],
)
async def test_what_a_server_does_not_take_it_only_logs(receiver, connect, changes):
    receiver.changes = changes
    server = connect()
    assert not await server.type(console_line(receiver.site, 1, SECRET))
    assert server.answers == [200]
    assert len(server.log) == 1
    assert receiver.events == []


async def test_nothing_is_sent_twice_by_itself(receiver, connect):
    server = await loaded(receiver, connect())
    receiver.status = 500
    told = await server.play(Outcome(maps=((13, 7),)))
    assert len(server.answers) == 2 + len(told)
    assert len(receiver.events) == 1


async def test_picks_count_from_one_and_maps_from_nought(receiver, connect):
    receiver.best_of = 3
    server = await loaded(receiver, connect())
    await server.play(Outcome(maps=((13, 7), (13, 2))))
    assert [event["map_number"] for event in receiver.heard("map_picked")] == [1, 2]
    assert [event["map_number"] for event in receiver.heard("going_live")] == [0, 1]
    assert ["map_number" in event for event in receiver.heard("map_vetoed")] == [False]
    assert [game.label for game in receiver.told().games] == ["de_ancient", "de_anubis"]


async def test_results_name_no_players_and_a_winner_that_is_no_help(receiver, connect):
    server = await loaded(receiver, connect())
    await server.play(Outcome(maps=((12, 12),)))
    result = receiver.heard("map_result")[0]
    assert [result[team]["players"] for team in ("team1", "team2")] == [[], []]
    assert result["winner"]["team"] == "team2"
    assert {event["winner"]["side"] for event in receiver.heard("round_end")} <= {"2", "3"}
    assert receiver.heard("series_end") == []
    game = receiver.told().games[0]
    assert game.winner is None
    assert [len(side.steam_ids) for side in game.sides] == [5, 5]


async def test_a_tied_best_of_two_ends_with_none(receiver, connect):
    receiver.best_of = 2
    server = await loaded(receiver, connect())
    assert server.config["clinch_series"] is False
    await server.play(Outcome(maps=((13, 7), (4, 13))))
    assert receiver.heard("series_end")[0]["winner"]["team"] == "none"
    assert [game.winner for game in receiver.told().games] == [0, 1]


@pytest.mark.parametrize(
    "faults",
    [
        Faults(),
        Faults(twice=True),
        Faults(together=True),
        Faults(twice=True, together=True),
        Faults(lost=("series_end",)),
        Faults(lost=("map_result",)),
        Faults(lost=("map_result:0",), together=True),
    ],
)
@pytest.mark.parametrize("shape", [MATCHZY, GET5, WITHOUT_IDS])
async def test_whatever_happens_on_the_way_the_maps_are_the_same(receiver, connect, faults, shape):
    receiver.best_of = 3
    server = await loaded(receiver, connect(shape))
    await server.play(Outcome(maps=((13, 7), (4, 13), (16, 14))), faults)
    found = receiver.told()
    assert [(game.number, game.winner) for game in found.games] == [(0, 0), (1, 1), (2, 0)]
    assert found.live is None


async def test_get5_writes_the_load_as_text(receiver, connect):
    server = await loaded(receiver, connect(GET5))
    await server.play(Outcome(maps=((13, 7),)))
    assert {event["matchid"] for event in receiver.heard("round_end")} == {"1"}
    assert receiver.heard("series_start")[0]["team1_name"] == "Alpha"
    assert receiver.heard("map_result")[0]["team1"]["players"]


async def test_teams_without_ids(receiver, connect):
    server = await loaded(receiver, connect(WITHOUT_IDS))
    await server.play(Outcome(maps=((7, 13),)))
    assert receiver.heard("round_end")[0]["team1"]["id"] == ""
    assert receiver.told().games[0].winner == 1
