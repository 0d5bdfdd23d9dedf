"""Every habit of FACEIT's that its client must bear, over a real socket."""

import logging
from datetime import timedelta

import httpx
import msgspec
import pytest

from app.kernel.http import outbound
from app.kernel.operation.settings import Settings
from integrations.base import Broken, Busy, Connection, NotYet, Refused
from integrations.faceit.client import Faceit
from integrations.faceit.translate import translate
from integrations.provider import Follow
from integrations.standins import faceit
from integrations.standins.faceit import Match, Team, match_id, uuid
from integrations.standins.serving import serve

CUP, HUB = uuid("cup"), uuid("hub")
ID = match_id("1")
KEY = "a-secret-key-of-faceit"
WOLVES = Team(name="Wolves", steam_ids=tuple(f"7656119800000100{n}" for n in range(5)))
RIDERS = Team(name="Riders", steam_ids=tuple(f"7656119800000200{n}" for n in range(5)))


@pytest.fixture
def world(clock):
    return faceit.World(clock)


@pytest.fixture
async def standin(world):
    running = await serve(faceit.application(world), path=faceit.PATH)
    yield running
    await running.stop()


@pytest.fixture
def connect(standin, http, redis_client, clock):
    def make(key=KEY, base_url="", by=http):
        settings = Settings(faceit_url=base_url or standin.base_url, faceit_key=key)
        return Faceit(Connection(by, redis_client, settings, clock))

    return make


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def match(clock):
    def make(name="1", **fields):
        plain = {
            "match_id": match_id(name),
            "competition": CUP,
            "first": WOLVES,
            "second": RIDERS,
            "winner": 0,
            "finished_at": clock.now - timedelta(hours=1),
            "maps": (("de_mirage", 13, 7),),
        }
        return Match(**(plain | fields))

    return make


async def nothing(_):
    return set()


async def asked(client, kind, ref, known=nothing, **fields):
    follow = Follow(kind=kind, ref=ref, **fields)
    return [each async for each in client.ask(follow, known)]


def names(deliveries):
    return [(each.subject, each.part) for each in deliveries]


# -- one match -----------------------------------------------------------------


async def test_a_match_and_its_maps_are_read_and_translated(world, client, match):
    world.publish(match())
    found = await asked(client, "game", ID)
    assert names(found) == [(ID, "details"), (ID, "stats")]
    told = translate(found)
    assert (told.series.winner, told.series.score, told.series.competition) == (0, (1, 0), CUP)
    assert [game.label for game in told.games] == ["de_mirage"]


@pytest.mark.parametrize("rounds_as_score", [True, False])
async def test_the_score_of_a_best_of_1_may_be_rounds(world, client, match, rounds_as_score):
    world.publish(match(rounds_as_score=rounds_as_score))
    assert translate(await asked(client, "game", ID)).series.score == (1, 0)


async def test_an_unknown_match_is_not_yet(client):
    with pytest.raises(NotYet):
        await asked(client, "game", ID)


async def test_a_match_appears_late_after_some_polls(world, client, match):
    world.publish(match(late_polls=2))
    for _ in range(2):
        with pytest.raises(NotYet):
            await client.match(ID)
    assert await client.match(ID)


@pytest.mark.parametrize("status", ["SCHEDULED", "CONFIGURING", "READY", "ONGOING", "SOMETHING"])
async def test_a_match_that_is_not_over_is_asked_for_again(world, client, match, status):
    world.publish(match(status=status))
    with pytest.raises(NotYet, match="not over"):
        await asked(client, "game", ID)
    world.publish(match())
    assert names(await asked(client, "game", ID))[0] == (ID, "details")


async def test_late_maps_hold_nothing_up(world, client, match):
    world.publish(match(late_stats=1))
    found = []
    with pytest.raises(NotYet, match="it is not known"):
        async for each in client.ask(Follow(kind="game", ref=ID), nothing):
            found.append(each)
    assert names(found) == [(ID, "details")]
    assert translate(found).series.winner == 0
    assert names(await asked(client, "game", ID)) == [(ID, "details"), (ID, "stats")]


@pytest.mark.parametrize(
    "fields",
    [{"forfeit": True, "maps": ()}, {"status": "CANCELLED"}, {"second": None, "maps": ()}],
)
async def test_what_was_not_played_has_no_maps_to_ask_for(world, client, match, fields):
    world.publish(match(**fields))
    assert names(await asked(client, "game", ID)) == [(ID, "details")]
    assert world.calls.total() == 1


# -- a competition -------------------------------------------------------------


async def test_a_championships_matches_that_are_over_come_as_they_are(world, client, match, http):
    states = {"1": "FINISHED", "2": "CANCELLED", "3": "ONGOING", "4": "SCHEDULED"}
    for name, status in states.items():
        world.publish(match(name, status=status))
    found = await asked(client, "league", CUP)
    assert set(names(found)) == {(match_id("1"), "details"), (match_id("2"), "details")}
    body = next(each.body for each in found if each.subject == ID)
    assert body == msgspec.json.encode(match().as_json())


async def test_what_was_played_is_unfinished_until_its_maps_are_there(world, client, match):
    world.publish(match("1"))
    world.publish(match("2", status="CANCELLED"))
    world.publish(match("3", second=None, maps=()))
    found = {each.subject: each.unfinished for each in await asked(client, "league", CUP)}
    assert found == {match_id("1"): True, match_id("2"): False, match_id("3"): False}


async def test_what_is_known_is_not_delivered_again(world, client, match):
    for name in "12":
        world.publish(match(name))

    async def known(subjects):
        return set(subjects) & {match_id("1")}

    assert names(await asked(client, "league", CUP, known)) == [(match_id("2"), "details")]


async def test_a_correction_in_a_list_is_delivered_once(world, client, match):
    world.publish(match())

    async def all_known(subjects):
        return set(subjects)

    assert names(await asked(client, "league", CUP)) == [(ID, "details")]
    assert await asked(client, "league", CUP, all_known) == []
    world.publish(match(winner=1, maps=(("de_mirage", 7, 13),)))
    found = await asked(client, "league", CUP, all_known)
    assert [translate(found).series.winner, len(found)] == [1, 1]
    assert await asked(client, "league", CUP, all_known) == []


async def test_pages_have_no_total_and_end_with_a_short_one(world, client, match):
    world.limit = 100
    for number in range(250):
        world.publish(match(str(number)))
    assert len({each.subject for each in await asked(client, "league", CUP)}) == 250
    assert world.calls["championships"] == 3


async def test_a_full_last_page_is_followed_by_an_empty_one(world, client, match):
    for number in range(100):
        world.publish(match(str(number)))
    assert len(await asked(client, "league", CUP)) == 100
    assert world.calls["championships"] == 2


async def test_a_list_longer_than_a_seconds_calls_goes_on_where_it_stopped(
    world, client, match, clock
):
    for number in range(1_150):
        world.publish(match(str(number)))
    found = []
    with pytest.raises(Busy):
        async for each in client.ask(Follow(kind="league", ref=CUP), nothing):
            found.append(each.subject)
    clock.forward(seconds=1)
    found += [each.subject for each in await asked(client, "league", CUP)]
    assert len(found) == len(set(found)) == 1_150
    assert world.refused == 0


async def test_a_hub_is_asked_as_a_hub(world, client, match):
    world.publish(match(competition=HUB, kind="hub"))
    assert names(await asked(client, "league", f"hub:{HUB}")) == [(ID, "details")]
    assert world.calls == {"hubs": 1}


async def test_a_hubs_past_is_left_alone(world, client, match, clock):
    began = clock.now - timedelta(hours=3)
    for number in range(300):
        ended = clock.now - timedelta(hours=number)
        world.publish(match(str(number), competition=HUB, kind="hub", finished_at=ended))
    found = await asked(client, "league", f"hub:{HUB}", since=began)
    assert len(found) == 4
    assert world.calls["hubs"] == 2


async def test_a_match_nobody_can_read_does_not_hide_the_others(connect, match):
    items = [{"match_id": None}, 5, "x", match().as_json()]

    def answer(request):
        return httpx.Response(200, json={"items": items, "start": 0, "end": 100})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = connect(base_url="http://f.test", by=http)
        assert names(await asked(client, "league", CUP)) == [(ID, "details")]


async def test_a_list_that_never_ends_is_given_up(connect, match, clock):
    item = match().as_json()
    calls = []

    def answer(request):
        calls.append(request)
        clock.forward(seconds=1)
        return httpx.Response(200, json={"items": [item] * 100, "start": 0, "end": 100})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = connect(base_url="http://f.test", by=http)
        await asked(client, "league", CUP)
    assert len(calls) == 100


# -- players -------------------------------------------------------------------


async def test_a_steam_account_is_linked_to_its_player(world, client, match):
    world.publish(match())
    found = await client.player_by_steam_id(WOLVES.steam_ids[0])
    assert (found.player_id, found.nickname) == (uuid(WOLVES.steam_ids[0]), "rider1000")


async def test_a_steam_account_without_a_player_has_none(world, client, match):
    world.publish(match())
    assert await client.player_by_steam_id("76561198999999999") is None
    assert await client.player_by_steam_id("../hubs") is None
    assert world.calls.total() == 1


async def test_another_player_than_asked_for_is_broken(connect):
    def answer(request):
        games = {"cs2": {"game_player_id": "76561198000000001"}}
        return httpx.Response(200, json={"player_id": "x", "nickname": "y", "games": games})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(Broken):
            await connect(base_url="http://f.test", by=http).player_by_steam_id(WOLVES.steam_ids[0])


# -- what goes wrong -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["error", "html", "cut", "drop", "redirect"])
async def test_an_unusable_answer_is_broken(world, client, match, kind):
    world.publish(match())
    world.fault(kind)
    for call in (client.match(ID), client.stats(ID), asked(client, "league", CUP)):
        with pytest.raises(Broken):
            await call


@pytest.mark.parametrize("kind", ["null", "empty"])
async def test_nothing_is_not_yet_and_no_list(world, client, match, kind):
    world.publish(match())
    world.fault(kind)
    for call in (client.match(ID), client.stats(ID)):
        with pytest.raises(NotYet):
            await call
    with pytest.raises(Broken):
        await asked(client, "league", CUP)


async def test_a_slow_answer_is_broken(world, client, match, monkeypatch):
    world.publish(match())
    world.fault("slow")
    monkeypatch.setattr(outbound, "TIMEOUT", httpx.Timeout(0.2))
    with pytest.raises(Broken, match="in time"):
        await client.match(ID)


async def test_another_match_than_asked_for_is_broken(connect, match):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=match("2").as_json()))
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(Broken):
            await connect(base_url="http://f.test", by=http).match(ID)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b'{"errors":[{"code":"err_nf0","http_status":404}]}', NotYet),
        (b'{"message":"not found"}', NotYet),
        (b"<!doctype html><title>404</title>", Broken),
        (b"not found", Broken),
    ],
)
async def test_only_a_404_in_json_is_not_yet(connect, body, failure):
    transport = httpx.MockTransport(lambda _: httpx.Response(404, content=body))
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(failure):
            await connect(base_url="http://f.test", by=http).match(ID)


@pytest.mark.parametrize("ref", ["", "x", "../players", f"{CUP}/stats", f"hub:{CUP}?x", "1-2"])
async def test_nothing_but_an_id_becomes_part_of_an_address(world, client, ref):
    for kind in ("league", "game"):
        with pytest.raises(NotYet):
            await asked(client, kind, ref)
    assert world.calls.total() == 0


# -- quota and key -------------------------------------------------------------


async def test_ten_calls_a_second_and_not_one_more(world, client, match, clock):
    world.publish(match())
    for _ in range(10):
        await client.match(ID)
    with pytest.raises(Busy) as caught:
        await client.match(ID)
    assert caught.value.until == clock.now + timedelta(seconds=1)
    assert (world.calls["matches"], world.refused) == (10, 0)
    clock.forward(seconds=1)
    assert await client.match(ID)


async def test_two_workers_share_the_ten(world, connect, match):
    world.publish(match())
    one, two = connect(), connect()
    for client in [one, two] * 5:
        await client.match(ID)
    for client in (one, two):
        with pytest.raises(Busy):
            await client.match(ID)
    assert world.refused == 0


async def test_the_headers_are_believed(world, client, match):
    world.publish(match())
    world.limit = 3  # somebody else uses the key as well
    for _ in range(3):
        await client.match(ID)
    with pytest.raises(Busy):
        await client.match(ID)
    assert world.refused == 0


@pytest.mark.parametrize(("reset", "rest"), [(0, 1), (1, 1), (30, 30)])
async def test_a_429_without_retry_after_closes_the_second_or_rests_until_the_reset(
    world, client, match, clock, reset, rest
):
    world.publish(match())
    world.limit, world.reset = 0, reset
    with pytest.raises(Busy) as caught:
        await client.match(ID)
    assert caught.value.until == clock.now + timedelta(seconds=rest)
    world.limit = 10
    clock.forward(seconds=rest - 0.5)
    with pytest.raises(Busy):
        await client.match(ID)
    assert world.calls.total() == 1
    clock.forward(seconds=0.5)
    assert await client.match(ID)


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden"])
async def test_a_refused_key_stops_everything_and_is_never_shown(
    world, client, match, caplog, kind
):
    world.publish(match())
    world.fault(kind)
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused) as caught:
        await client.match(ID)
    world.heal()
    with pytest.raises(Refused):
        await client.match(ID)
    assert world.calls.total() == 1
    assert KEY not in str(caught.value) + caplog.text
    await client.api.health.resume()
    assert await client.match(ID)


async def test_the_key_is_a_bearers(world, connect, match):
    world.key = "another"
    world.publish(match())
    with pytest.raises(Refused):
        await connect().match(ID)
    assert await connect(key="another").match(ID)


async def test_after_failures_faceit_is_given_a_rest(world, client, match, clock):
    world.publish(match())
    world.fault("error")
    for _ in range(5):
        with pytest.raises(Broken):
            await client.match(ID)
    with pytest.raises(Busy):
        await client.match(ID)
    world.heal()
    clock.forward(seconds=31)
    assert await client.match(ID)
