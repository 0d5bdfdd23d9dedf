"""Every habit of Steam's Web API that its client must bear, over a real socket."""

import logging
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from app.kernel.http import outbound
from app.kernel.operation.settings import Settings
from integrations import budget
from integrations.base import Broken, Busy, Connection, NotYet, Refused
from integrations.provider import Follow
from integrations.standins.serving import serve
from integrations.standins.steam import KEY, Profile, World, application
from integrations.steam.answers import Listed
from integrations.steam.client import MISSED, MOST_IDS, Steam
from integrations.steam.translate import game_of

FIRST, LEAGUE = 8_000_000_001, "70001"
FOLLOW = Follow(kind="league", ref=LEAGUE)
ME, YOU = "76561198300000001", "76561198300000002"
HISTORY, LOOK_UP = "/GetMatchHistory/", "/GetMatchHistoryBySequenceNum"


@pytest.fixture
def world(clock):
    made = World(clock)
    made.look_up_seconds = 0
    return made


@pytest.fixture
async def standin(world):
    running = await serve(application(world))
    yield running
    await running.stop()


@pytest.fixture
def connect(standin, http, redis_client, clock):
    """A client of the stand-in; each call is one more worker."""

    def make(key=KEY, base_url="", by=http):
        settings = Settings(steam_url=base_url or standin.base_url, steam_key=key)
        return Steam(Connection(by, redis_client, settings, clock))

    return make


@pytest.fixture
def steam(connect):
    return connect()


async def all_of(steam, known=(), follow=FOLLOW):
    async def settled(subjects):
        return set(known) & set(subjects)

    return [delivery async for delivery in steam.ask(follow, settled)]


async def one_after_another(steam, clock):
    """Ask until nothing is left that one look-up in five seconds has held up."""
    found = []
    while True:
        try:
            async for delivery in steam.ask(FOLLOW, _known_of(found)):
                found.append(delivery)
            return found
        except Busy as error:
            clock.now = error.until


def _known_of(found):
    async def known(subjects):
        return {each.subject for each in found}

    return known


async def test_a_leagues_game_is_found_looked_up_and_translated(world, steam, game):
    world.publish(game(radiant_win=False, radiant_team_id=901, dire_team_id=902, hidden=(0,)))
    (delivery,) = await all_of(steam)
    assert (delivery.subject, delivery.part) == (str(FIRST), "")
    report = game_of(delivery.body)
    assert (report.source, report.external_id, report.winner) == ("steam", str(FIRST), 1)
    assert (report.competition, report.organised, report.humans) == (LEAGUE, True, 10)
    assert [side.team_id for side in report.sides] == ["901", "902"]
    assert [len(side.steam_ids) for side in report.sides] == [4, 5]


async def test_the_body_is_the_match_object_byte_by_byte(connect):
    match = b'{"match_id":8000000001, "match_seq_num" : 7,\n "x": 1e3}'
    bodies = {
        "GetMatchHistory": b'{"result":{"status":1,"matches":[null,'
        b'{"match_id":"8000000001","match_seq_num":7},{"match_id":5}]}}',
        "GetMatchHistoryBySequenceNum": b'{"result":{"status":"1","matches":[' + match + b"]}}",
    }

    def answer(request):
        return httpx.Response(200, content=bodies[request.url.path.split("/")[2]])

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        (delivery,) = await all_of(connect(base_url="http://s.test", by=http))
    assert delivery.body == match


async def test_what_is_known_is_not_looked_up(world, steam, game):
    for number in range(3):
        world.publish(game(FIRST + number))
    found = await all_of(steam, known=[str(FIRST), str(FIRST + 1), str(FIRST + 2)])
    assert found == []
    assert dict(world.calls) == {"GetMatchHistory": 1}


async def test_another_league_and_an_empty_one_have_no_games(world, steam, game):
    world.publish(game(league_id=5))
    assert await all_of(steam) == []


async def test_pages_of_a_hundred_are_read_to_the_end(world, steam, game):
    for number in range(230):
        world.publish(game(FIRST + number * 7))
    listed = await steam.league(LEAGUE)
    assert [int(each.id) for each in listed] == [FIRST + n * 7 for n in reversed(range(230))]
    assert world.calls["GetMatchHistory"] == 3


async def test_the_order_is_by_sequence_number_and_not_by_match_id(world, steam, game, clock):
    # The later id ended first.
    world.publish(game(FIRST, sequence=900))
    world.publish(game(FIRST + 1, sequence=800))
    found = await one_after_another(steam, clock)
    assert [each.subject for each in found] == [str(FIRST + 1), str(FIRST)]
    for each in found:
        assert msgspec.json.decode(each.body)["match_id"] == int(each.subject)


async def test_another_match_under_the_number_is_not_taken(world, steam, game, clock):
    world.publish(game(FIRST, sequence=800))
    world.publish(game(FIRST + 1, sequence=801))
    world.missing.add(FIRST)
    (only,) = await one_after_another(steam, clock)
    assert only.subject == str(FIRST + 1)
    # Nor asked for at once again: others wait for the one look-up in five seconds.
    before = world.calls["GetMatchHistoryBySequenceNum"]
    clock.forward(seconds=6)
    assert await all_of(steam, known=[only.subject]) == []
    assert world.calls["GetMatchHistoryBySequenceNum"] == before
    world.missing.clear()
    clock.now += MISSED
    (late,) = await all_of(steam, known=[only.subject])
    assert late.subject == str(FIRST)


async def test_one_look_up_in_five_seconds_whoever_asks(world, connect, game, clock):
    world.look_up_seconds = 5
    for number in range(3):
        world.publish(game(FIRST + number))
    workers = [connect(), connect()]
    found, pauses = [], []
    for number in range(6):
        try:
            async for delivery in workers[number % 2].ask(FOLLOW, _known_of(found)):
                found.append(delivery)
        except Busy as error:
            pauses.append(error.until - clock.now)
            clock.now = error.until
    assert len(found) == 3
    assert max(pauses) <= timedelta(seconds=5)
    assert world.refused == 0


async def test_no_match_is_looked_up_by_its_id(world, steam, game):
    world.publish(game())
    with pytest.raises(NotYet):
        await all_of(steam, follow=Follow(kind="game", ref=str(FIRST)))
    assert world.calls.total() == 0


async def test_match_details_are_dead_in_the_stand_in_too(world, standin, http, game):
    world.publish(game())
    url = f"{standin.base_url}/IDOTA2Match_570/GetMatchDetails/v1/"
    answer = await http.get(url, params={"key": KEY, "match_id": str(FIRST)})
    assert (answer.status_code, answer.content) == (500, b"{}")


async def test_a_hidden_history_is_a_clear_no(world, standin, http, steam, game):
    world.hidden.add("39734273")
    url = f"{standin.base_url}/IDOTA2Match_570/GetMatchHistory/v1"
    answer = await http.get(url, params={"key": KEY, "account_id": "39734273"})
    assert answer.json()["result"]["status"] == 15

    def hidden(request):
        return httpx.Response(200, content=answer.content)

    async with httpx.AsyncClient(transport=httpx.MockTransport(hidden)) as by:
        steam._look_ups._http = steam.api._http = by
        with pytest.raises(NotYet, match="hidden"):
            await all_of(steam)


async def test_status_two_asks_for_another_try_and_is_no_failure(world, steam, game, clock):
    world.publish(game())
    world.fault("later")
    for _ in range(budget.FAILURES_TO_OPEN + 1):
        with pytest.raises(Busy) as caught:
            await all_of(steam)
        clock.now = caught.value.until
    world.heal()
    assert len(await all_of(steam)) == 1


@pytest.mark.parametrize("kind", ["gone", "practice"])
async def test_the_old_error_sentences_are_final(world, steam, game, clock, kind):
    world.publish(game())
    world.fault(kind, LOOK_UP)
    assert await all_of(steam) == []
    clock.forward(hours=1)
    before = world.calls["GetMatchHistoryBySequenceNum"]
    assert await all_of(steam) == []
    assert world.calls["GetMatchHistoryBySequenceNum"] == before
    with pytest.raises(NotYet, match="does not show"):
        await steam.match((await steam.league(LEAGUE))[0])


async def test_another_status_is_broken(connect):
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, content=b'{"result":{"status":8}}')
    )
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(Broken):
            await all_of(connect(base_url="http://s.test", by=http))


@pytest.mark.parametrize("path", [HISTORY, LOOK_UP])
@pytest.mark.parametrize("kind", ["error", "html", "empty", "null", "cut", "drop", "redirect"])
async def test_an_unusable_answer_is_broken(world, steam, game, kind, path):
    world.publish(game())
    world.fault(kind, path)
    with pytest.raises(Broken):
        await all_of(steam)


async def test_a_slow_answer_is_broken(world, steam, game, monkeypatch):
    world.publish(game())
    world.fault("slow")
    monkeypatch.setattr(outbound, "TIMEOUT", httpx.Timeout(0.2))
    with pytest.raises(Broken, match="in time"):
        await all_of(steam)


async def test_after_failures_in_a_row_steam_gets_a_rest(world, steam, game, clock):
    world.publish(game())
    world.fault("error")
    for _ in range(budget.FAILURES_TO_OPEN):
        with pytest.raises(Broken):
            await all_of(steam)
    with pytest.raises(Busy) as caught:
        await all_of(steam)
    assert world.calls.total() == budget.FAILURES_TO_OPEN
    world.heal()
    clock.now = caught.value.until
    assert len(await all_of(steam)) == 1


async def test_a_bad_key_is_a_page_and_stops_every_call(world, connect, game):
    world.publish(game())
    steam = connect("wrong")
    with pytest.raises(Refused):
        await all_of(steam)
    with pytest.raises(Refused):
        await steam.summaries([ME])
    with pytest.raises(Refused):
        await steam.match(Listed(str(FIRST), "1"))
    # The first call alone went out.
    assert world.calls.total() == 1
    assert (await steam.api.health.condition()).stopped


async def test_a_refused_look_up_stops_every_call_too(world, steam, game):
    world.publish(game())
    world.fault("forbidden", LOOK_UP)
    with pytest.raises(Refused):
        await all_of(steam)
    with pytest.raises(Refused):
        await steam.bans([ME])


async def test_too_many_calls_is_a_page_and_waits_for_the_next_minute(world, steam, game, clock):
    world.publish(game())
    world.fault("limit", times=1)
    with pytest.raises(Busy) as caught:
        await all_of(steam)
    assert caught.value.until == datetime(2026, 3, 1, 18, 31, tzinfo=UTC)
    with pytest.raises(Busy):
        await all_of(steam)
    assert world.calls.total() == 1
    clock.now = caught.value.until
    assert len(await all_of(steam)) == 1


async def test_too_many_look_ups_wait_for_the_next_minute(world, steam, game, clock):
    world.publish(game())
    world.fault("limit", LOOK_UP, times=1)
    with pytest.raises(Busy) as caught:
        await all_of(steam)
    assert caught.value.until == datetime(2026, 3, 1, 18, 31, tzinfo=UTC)
    clock.now = caught.value.until
    assert len(await all_of(steam)) == 1


async def test_the_key_is_sent_and_stays_out_of_logs_errors_and_redis(
    world, connect, game, caplog, redis_client
):
    caplog.set_level(logging.DEBUG)
    world.publish(game())
    steam = connect()
    assert len(await all_of(steam)) == 1
    texts = []
    for kind in ("error", "html", "cut", "redirect", "limit", "forbidden"):
        world.fault(kind)
        with pytest.raises((Broken, Busy, Refused)) as caught:
            await steam.summaries([ME])
        texts.append(f"{caught.value!r}")
    # What the stand-in's own server writes is not ours.
    logged = [each.getMessage() for each in caplog.records if not each.name.startswith("uvicorn")]
    assert KEY not in "".join([*logged, *texts])
    stored = [await redis_client.dump(each) or b"" for each in await redis_client.keys()]
    assert KEY.encode() not in b"".join([*stored, *await redis_client.keys()])


@pytest.mark.parametrize("typed", ["", "abc", "../x", "1&key=2", "٣", "9" * 30])
async def test_an_id_of_another_kind_is_never_asked_for(world, steam, typed):
    with pytest.raises(NotYet):
        await all_of(steam, follow=Follow(kind="league", ref=typed))
    with pytest.raises(NotYet):
        await steam.summaries([typed])
    assert world.calls.total() == 0


# -- people ----------------------------------------------------------------


async def test_profiles_come_in_any_order_and_unknown_ones_are_missing(world, steam):
    world.meet(Profile(steam_id=ME, name="Айбек"))
    world.meet(Profile(steam_id=YOU, name="Private", private=True))
    found = await steam.summaries([ME, "76561198300000009", YOU])
    assert {key: each.personaname for key, each in found.items()} == {ME: "Айбек", YOU: "Private"}
    assert all(each.picture.endswith("_full.png") for each in found.values())
    assert await steam.summaries(["76561198300000009"]) == {}


async def test_a_private_profile_may_lack_almost_everything(connect):
    body = b'{"response":{"players":[{"steamid":"76561198300000001","personaname":null},null]}}'
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    async with httpx.AsyncClient(transport=transport) as http:
        found = await connect(base_url="http://s.test", by=http).summaries([ME])
    assert (found[ME].personaname, found[ME].picture) == (None, "")


async def test_more_than_a_hundred_ids_are_asked_for_in_parts(world, steam):
    ids = [str(int(ME) + number) for number in range(MOST_IDS + 1)]
    for each in ids:
        world.meet(Profile(steam_id=each))
    assert set(await steam.summaries(ids)) == set(ids)
    assert world.calls["GetPlayerSummaries"] == 2


async def test_bans_are_a_bare_object(world, steam):
    world.meet(Profile(steam_id=ME, vac_bans=1, days_since_ban=340))
    world.meet(Profile(steam_id=YOU))
    found = await steam.bans([ME, YOU])
    assert (found[ME].vac, found[ME].games, found[ME].days) == (1, 0, 340)
    assert not found[ME].community
    assert found[YOU].vac == 0


async def test_a_profiles_own_address_is_one_or_forty_two(world, steam):
    world.vanity["aibek"] = ME
    assert await steam.steam_id_of("aibek") == ME
    with pytest.raises(NotYet):
        await steam.steam_id_of("nobody-at-all")


# -- live ------------------------------------------------------------------


async def test_live_games_may_have_no_scoreboard_and_just_vanish(world, steam):
    world.live = [
        {
            "match_id": FIRST,
            "lobby_id": 24_088_626_259_672_024,
            "league_id": int(LEAGUE),
            "radiant_team": {"team_id": 901, "team_name": "Steppe Wolves", "team_logo": 2**60},
            "dire_team": {},
            "radiant_series_wins": 1,
            "series_type": 1,
            "stream_delay_s": 120,
        },
        {
            "match_id": str(FIRST + 1),
            "scoreboard": {
                "duration": 1215.3,
                "radiant": {"score": 12, "players": [{}]},
                "dire": {"score": 9},
            },
        },
    ]
    before, during = await steam.live_league_games(LEAGUE)
    assert before.scoreboard is None
    assert before.radiant_team.team_id == 901
    assert during.match_id == FIRST + 1
    assert (during.scoreboard.radiant.score, during.scoreboard.dire.score) == (12, 9)
    world.live = []
    assert await steam.live_league_games() == []


# -- the stand-in itself ---------------------------------------------------


async def test_the_stand_in_is_told_what_to_do_over_http(world, standin, http, steam, game):
    control = f"{standin.base_url}/_control"
    told = await http.post(f"{control}/games", content=msgspec.json.encode(game()))
    assert told.status_code == 204
    profile = msgspec.json.encode(Profile(steam_id=ME))
    assert (await http.post(f"{control}/profiles", content=profile)).status_code == 204
    assert len(await all_of(steam)) == 1
    assert (await http.get(f"{control}/calls")).json() == {
        "GetMatchHistory": 1,
        "GetMatchHistoryBySequenceNum": 1,
    }
    assert (await http.get(f"{standin.base_url}/A/B/v1", params={"key": KEY})).status_code == 404


async def test_the_stand_ins_own_limits(world, standin, http, clock):
    world.minute_limit = 2
    url = f"{standin.base_url}/ISteamUser/GetPlayerBans/v1/"
    codes = [(await http.get(url, params={"key": KEY})).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    world.minute_limit, world.look_up_seconds = 300, 5
    clock.forward(minutes=1)
    url = f"{standin.base_url}/IDOTA2Match_570/GetMatchHistoryBySequenceNum/v1/"
    codes = [(await http.get(url, params={"key": KEY})).status_code for _ in range(2)]
    assert codes == [200, 429]
    answer = await http.get(url)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (403, "text/html")


async def test_an_invented_picture_is_one(standin, http):
    answer = await http.get(f"{standin.base_url}/avatars/{ME}_full.png")
    assert answer.content.startswith(b"\x89PNG")
