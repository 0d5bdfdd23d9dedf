"""Matches played on game servers, over real sockets, on both databases."""

import asyncio
import re
from datetime import timedelta
from html import unescape

import httpx
import msgspec
import pytest
from markupsafe import escape

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.matchzy.events import head_of
from integrations.standins.game_server import Faults, GameServer
from integrations.standins.game_server_events import GET5, WITHOUT_IDS, Outcome, events_of
from integrations.tables import InboxDelivery, ServerLink, ServerLoad, Subject
from tests.factories import cup
from tests.site import until
from tournaments import rulings
from tournaments.checking import differences
from tournaments.maps import pool_of
from tournaments.tables import Game, LiveGame, Match, Notice, Result, Tournament

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow_on_postgres]


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(site):
    yield
    assert await differences() == []


@pytest.fixture
async def http():
    async with httpx.AsyncClient(timeout=30) as client:
        yield client


async def held(site, clans=2, **changes):
    """A started cup of Counter-Strike 2, and its first match."""
    made = await cup(site.db, clans, game="cs2", **changes)
    return made, (await made.matches())[0]


async def line_of(site, made, match):
    return await made.line(site.base_url, match["id"])


async def loaded(site, http, made, match, **kwargs):
    server = GameServer(http, **kwargs)
    assert await server.type(await line_of(site, made, match)), server.log
    return server


async def settled(site):
    """Everything that was promised is done."""

    async def done():
        return await OutboxEntry.count() == 0

    await until(done)


async def now_is(match):
    return await Match.select().where(Match.id == match["id"]).first()


async def plays(site, http, made, match, maps, faults=None, **kwargs):
    server = await loaded(site, http, made, match, **kwargs)
    await server.play(Outcome(maps=maps), faults or Faults())
    await settled(site)
    return server, await now_is(match)


async def test_a_best_of_one(site, http):
    made, match = await held(site)
    server, row = await plays(site, http, made, match, ((13, 7),))
    assert set(server.answers) == {200}
    assert (row["state"], row["winner"], row["score_a"], row["score_b"]) == ("decided", 0, 1, 0)
    assert (row["source"], row["flag"]) == ("matchzy", "")
    game = await Game.select().first()
    assert (game["score_a"], game["score_b"], game["matched_by"], game["matched"]) == (
        13,
        7,
        "server",
        10,
    )
    assert game["trusted"]
    # The veto left one map.
    assert game["label"] == "de_ancient"
    assert await LiveGame.count() == 0


async def test_a_best_of_three_goes_over_three_maps(site, http):
    made, match = await held(site, best_of="3", final_best_of="3")
    _, row = await plays(site, http, made, match, ((13, 9), (8, 13), (19, 17)))
    assert (row["score_a"], row["score_b"], row["winner"]) == (2, 1, 0)
    games = await Game.select().order_by(Game.number)
    assert [(game["number"], game["winner"], game["label"]) for game in games] == [
        (0, 0, "de_ancient"),
        (1, 1, "de_anubis"),
        (2, 0, "de_dust2"),
    ]


async def test_a_best_of_two_is_drawn_in_a_round_robin(site, http):
    made, match = await held(site, format="round_robin", best_of="2")
    server, row = await plays(site, http, made, match, ((13, 9), (8, 13)))
    assert (row["state"], row["winner"], row["score_a"], row["score_b"]) == ("decided", None, 1, 1)
    assert (row["outcome"], row["flag"]) == ("played", "")


async def test_a_drawn_best_of_one_never_ends_its_series(site, http):
    made, match = await held(site, format="round_robin")
    server, row = await plays(site, http, made, match, ((12, 12),))
    assert not await InboxDelivery.exists().where(InboxDelivery.part.like("series_end%"))
    assert (row["state"], row["winner"], row["score_a"], row["score_b"]) == ("decided", None, 0, 0)
    assert (await Game.select().first())["drawn"]


async def test_a_draw_where_there_are_none_waits_for_the_organiser(site, http):
    made, match = await held(site)
    _, row = await plays(site, http, made, match, ((12, 12),))
    assert (row["state"], row["flag"]) == ("ready", "disputed")
    assert "without a result" in (await Notice.select().first())["text"]


@pytest.mark.parametrize("lost", [("map_result:0", "series_end"), ("map_result", "going_live")])
async def test_lost_events(site, http, lost):
    made, match = await held(site, best_of="3", final_best_of="3")
    maps = ((13, 9), (8, 13), (10, 13))
    _, row = await plays(site, http, made, match, maps, Faults(lost=lost))
    assert (row["state"], row["score_a"], row["score_b"]) == ("decided", 1, 2)
    assert await Game.count() == 3


async def test_all_at_once_in_no_order_and_twice(site, http):
    made, match = await held(site, best_of="3", final_best_of="3")
    maps = ((13, 9), (8, 13), (13, 4))
    faults = Faults(twice=True, together=True)
    server, row = await plays(site, http, made, match, maps, faults)
    assert set(server.answers) == {200}
    assert (row["score_a"], row["score_b"]) == (2, 1)
    assert await Game.count() == 3
    assert await Result.count().where(Result.voided_at.is_null()) == 1


@pytest.mark.parametrize("shape", [GET5, WITHOUT_IDS])
async def test_other_shapes(site, http, shape):
    made, match = await held(site)
    _, row = await plays(site, http, made, match, ((7, 13),), shape=shape)
    assert (row["state"], row["winner"], row["source"]) == ("decided", 1, "matchzy")
    assert (await Game.select().first())["matched"] == 10


async def test_duplicates_hours_later_change_nothing(site, http):
    made, match = await held(site)
    server = await loaded(site, http, made, match)
    config = server.config
    told = await server.play(Outcome(maps=((13, 7),)))
    await settled(site)
    before = (await now_is(match), await Game.select().first(), await InboxDelivery.count())
    later = clock.now() + timedelta(hours=7)
    inbox = Inbox(site.db)
    for event in told:
        body = msgspec.json.encode(event)
        again = Delivery(subject=str(config["matchid"]), part=head_of(body).part, body=body)
        await inbox.land("matchzy", again, made.id, now=later)
    server.config = config
    for event in told:
        await server.send(event)
    await settled(site)
    after = (await now_is(match), await Game.select().first())
    assert after == before[:2]
    assert await InboxDelivery.count() <= 2 * before[2]


async def test_a_wrong_secret_is_refused_and_nothing_is_kept(site, http):
    made, match = await held(site, 4)
    other = (await made.matches())[1]
    server = await loaded(site, http, made, match)
    await settled(site)
    kept = await InboxDelivery.count()
    stolen = (await made.link(other["id"])).secret
    for header in ("", "Bearer", "Bearer wrong", f"Bearer {stolen}"):
        config = server.config
        await server.play(Outcome(maps=((13, 7),)), Faults(header=header))
        server.config = config
    assert set(server.answers) == {200, 403}
    assert await InboxDelivery.count() == kept
    assert (await now_is(match))["state"] == "ready"


async def test_an_old_secret_is_refused_after_a_new_one_was_made(site, http):
    made, match = await held(site)
    server = await loaded(site, http, made, match)
    organiser = await site.signed_in(made.organiser)
    link = await ServerLink.select().first()
    answer = await organiser.post(f"/server-links/{link['id']}/renew")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/matches/{match['id']}#server"
    await server.play(Outcome(maps=((13, 7),)))
    assert server.answers[-1] == 403
    assert await Game.count() == 0
    page = (await organiser.get(f"/matches/{match['id']}")).text
    again = GameServer(http)
    assert await again.type(unescape(re.search(r'id="console-line".* value="([^"]+)"', page)[1]))
    await again.play(Outcome(maps=((7, 13),)))
    await settled(site)
    assert (await now_is(match))["winner"] == 1


async def test_a_load_nobody_was_given_is_refused(site, http):
    made, match = await held(site)
    server = await loaded(site, http, made, match)
    for number in (99_999, -1, None, "x", 10**30, 1.5):
        server.config["matchid"] = number
        await server.send({"event": "going_live", "map_number": 0, "matchid": number})
        assert server.answers[-1] in (400, 403)
    assert await Subject.count() == 1


async def test_a_crash_and_a_second_load(site, http):
    made, match = await held(site, best_of="3", final_best_of="3")
    first = await loaded(site, http, made, match)
    crashed = events_of(first.config, Outcome(maps=((13, 7), (5, 13))))
    for event in crashed[:-8]:
        await first.send(event)
    await settled(site)
    row = await now_is(match)
    assert (row["score_a"], row["score_b"], row["flag"]) == (1, 0, "live")
    assert (await LiveGame.select().first())["number"] == 1
    second = await loaded(site, http, made, match)
    await settled(site)
    assert await LiveGame.count() == 0
    assert second.config["matchid"] > first.config["matchid"]
    told = events_of(second.config, Outcome(maps=((4, 13),)))
    for event in told[1:-6]:
        await second.send(event)
    await settled(site)
    live = await LiveGame.select().first()
    assert live["number"] == 0
    shown = (live["score_a"], live["score_b"])
    # Late news of the load that was given up does not take the place of what is played.
    await first.send(crashed[-8])
    await settled(site)
    live = await LiveGame.select().first()
    assert (live["number"], live["score_a"], live["score_b"]) == (0, *shown)
    await second.play(Outcome(maps=((4, 13), (9, 13))))
    await settled(site)
    row = await now_is(match)
    assert (row["state"], row["score_a"], row["score_b"], row["flag"]) == ("decided", 0, 2, "")


async def test_a_load_of_clans_that_do_not_meet_any_more_is_refused_with_a_reason(site, http):
    made, match = await held(site, 4)
    await ruled(site, made, match["id"], "walkover_a")
    await ruled(site, made, (await made.match("U1.2"))["id"], "walkover_a")
    final = await made.match("U2.1")
    server = await loaded(site, http, made, final)
    await ruled(site, made, match["id"], "walkover_b")
    assert (await now_is(final))["entrant_a"] != final["entrant_a"]
    await server.play(Outcome(maps=((13, 7),)))
    await settled(site)
    assert set(server.answers) == {200}
    subject = await Subject.select().first()
    assert (subject["state"], subject["match"]) == ("refused", final["id"])
    assert "other clans" in subject["reason"]
    assert (await now_is(final))["state"] == "ready"
    assert await LiveGame.count() == 0
    assert "other clans" in (await Notice.select().first())["text"]


async def ruled(site, made, match, kind):
    async with site.db.transaction() as tx:
        said = rulings.Ruling(kind, ("", ""), "The camera says so", "")
        await rulings.rule(tx, made.organiser, match, said, now=clock.now())


async def test_the_score_inside_a_map_is_live_and_gone_between_maps(site, http):
    made, match = await held(site, best_of="3", final_best_of="3")
    server = await loaded(site, http, made, match)
    told = events_of(server.config, Outcome(maps=((13, 7), (13, 2))))
    first_map = [event for event in told if event.get("map_number") == 0 and "team1" in event]
    going_live = next(event for event in told if event["event"] == "going_live")
    page = site.stranger()
    await server.send(going_live)
    await settled(site)
    assert (await now_is(match))["flag"] == "live"
    assert ">0</span>:" in (await page.get(f"/matches/{match['id']}")).text
    await server.send(first_map[9])
    await settled(site)
    text = (await page.get(f"/matches/{match['id']}")).text
    score = [first_map[9][team]["score"] for team in ("team1", "team2")]
    assert f'-0">{score[0]}</span>:' in text
    assert "Map 1" in text
    for path in (f"/tournaments/{made.slug}", "/matches"):
        assert f">{score[0]}:{score[1]}</strong>" in (await page.get(path)).text
    await server.send(first_map[-1])
    await settled(site)
    text = (await page.get(f"/matches/{match['id']}")).text
    assert "live-score" not in text
    assert "13 : 7" in text


async def test_what_a_configuration_says(site, http):
    made, match = await held(
        site, best_of="3", final_best_of="3", maps="de_mirage de_nuke de_train"
    )
    server = await loaded(site, http, made, match)
    config = server.config
    assert config["matchid"] == (await ServerLoad.select().first())["id"]
    assert (config["num_maps"], config["clinch_series"], config["skip_veto"]) == (3, True, True)
    assert config["maplist"] == ["de_mirage", "de_nuke", "de_train"]
    assert config["map_sides"] == ["knife"] * 3
    assert config["team1"]["id"] == str(match["entrant_a"])
    assert set(config["team1"]["players"]) == set(made.clans[0].steam_ids)
    assert (
        config["cvars"]["matchzy_remote_log_url"] == f"{site.base_url}/game-servers/matchzy/events"
    )
    await settled(site)
    secret = (await made.link(match["id"])).secret
    assert config["cvars"]["matchzy_remote_log_header_value"] == f"Bearer {secret}"
    assert not await InboxDelivery.exists().where(InboxDelivery.body.like(f"%{secret}%"))


async def test_a_match_that_cannot_be_played_has_no_configuration(site, http):
    made, match = await held(site, 4)
    final = await made.match("U2.1")
    server = GameServer(http)
    assert not await server.type(await line_of(site, made, final))
    assert server.answers == [409]
    _, row = await plays(site, http, made, match, ((13, 3),))
    again = GameServer(http)
    assert not await again.type(await line_of(site, made, match))
    assert again.answers == [409]
    loads = await ServerLoad.count()
    link, secret = await made.link(match["id"])
    for path, header in (
        (f"/game-servers/matchzy/{link['id']}/config", "Bearer wrong"),
        (f"/game-servers/matchzy/{link['id']}/config", ""),
        ("/game-servers/matchzy/424242/config", f"Bearer {secret}"),
        (f"/game-servers/matchzy/{link['id']}/config", secret),
        (f"/game-servers/matchzy/{link['id']}/config", f"Bearer {link['secret_hash']}"),
    ):
        headers = {"authorization": header} if header else {}
        assert (await http.get(site.base_url + path, headers=headers)).status_code == 403
    for number in (99_999_999_999, -1, -99_999_999_999):
        # No link can have such a number.
        path = f"/game-servers/matchzy/{number}/config"
        assert (await http.get(site.base_url + path)).status_code == 404
    assert await ServerLoad.count() == loads


async def test_many_servers_at_once(site, http):
    made = await cup(site.db, 8, game="cs2")
    matches = [row for row in await made.matches() if row["state"] == "ready"]
    assert len(matches) == 4
    servers = [await loaded(site, http, made, match) for match in matches]
    await asyncio.gather(*(server.play(Outcome(maps=((13, 5),))) for server in servers))
    await settled(site)
    assert [(await now_is(match))["winner"] for match in matches] == [0] * 4


HOSTILE = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"matchid": MATCH}',
    b'{"matchid": MATCH, "event": null}',
    b'{"matchid": MATCH, "event": "a\\u0000b", "map_number": 1e3}',
    b'{"matchid": MATCH, "event": "\xd2\x9b\xd0\xb0\xd0\xb7", "x": "\\u0000"}',
    b'{"matchid": MATCH, "event": "round_end", "map_number": 99999999999999999, "round_number": -5}',
    b'{"matchid": MATCH, "event": "round_end", "map_number": 0, "team1": 3}',
    b'{"matchid": MATCH, "event": "round_end", "map_number": 0, "round_number": 1,'
    b' "team1": {"score": 999999999999}, "team2": {"score": 1}}',
    b'{"matchid": MATCH, "event": "map_picked", "map_number": 1, "map_name": "<script>"}',
    b'{"matchid": MATCH, "event": "load", "match": 1}',
)


async def test_hostile_bytes_with_the_right_secret_break_nothing(site, http):
    made, match = await held(site)
    server = await loaded(site, http, made, match)
    cvars, number = server.config["cvars"], str(server.config["matchid"]).encode()
    headers = {"authorization": cvars["matchzy_remote_log_header_value"], "get5-serverid": "9"}
    for body in HOSTILE:
        answer = await http.post(
            cvars["matchzy_remote_log_url"], content=body.replace(b"MATCH", number), headers=headers
        )
        assert answer.status_code in (200, 400, 403), body
        assert answer.headers["content-type"].startswith("text/plain")
    huge = b'{"matchid": 1, "x": "' + b"x" * 200_000 + b'"}'
    answer = await http.post(cvars["matchzy_remote_log_url"], content=huge, headers=headers)
    assert answer.status_code == 413
    await settled(site)
    assert (await now_is(match))["state"] == "ready"
    await server.play(Outcome(maps=((13, 7),)))
    await settled(site)
    assert (await now_is(match))["winner"] == 0


async def test_the_test_of_a_server(site, http):
    made, match = await held(site, maps="de_mirage de_nuke")
    organiser = await site.signed_in(made.organiser)
    page = f"/tournaments/{made.slug}/test-server"
    text = (await organiser.get(page)).text
    assert "No configuration has been fetched yet" in text
    assert (await organiser.post(page)).headers["location"] == page
    text = (await organiser.get(page)).text
    line = unescape(re.search(r'id="console-line" readonly value="([^"]+)"', text)[1])
    link, secret = await ServerLink.select().first(), line.split()[-1].strip('"')
    server = GameServer(http)
    assert not await server.type(line.replace(secret, "wrong"))
    assert "A request came with a wrong header." in (await organiser.get(page)).text
    assert await server.type(line)
    config = server.config
    assert (config["team1"]["name"], config["team1"]["players"]) == ("Test A", {})
    assert config["maplist"] == ["de_mirage", "de_nuke"]
    await server.send({"event": "going_live", "map_number": 0, "matchid": 1}, "Bearer x")
    text = (await organiser.get(page)).text
    assert "2 requests came with a wrong header." in text
    assert "Its events arrive, with the right header." in text
    assert "Rounds come once a match is played" in text
    await server.play(Outcome(maps=((13, 2),)))
    await settled(site)
    text = (await organiser.get(page)).text
    assert "Rounds arrive too" in text
    assert "Map 1 ends 13:2." in text
    assert {row["state"] for row in await Subject.select()} == {"ignored"}
    assert await Game.count() == await Notice.count() == 0
    assert (await organiser.post(f"/server-links/{link['id']}/renew")).status_code == 303
    text = (await organiser.get(page)).text
    assert "console-line" in text
    assert secret not in text
    assert "wrong header" not in text
    assert "Nothing yet." in text


async def test_wrong_guesses_at_a_test_do_not_fill_the_database(site, http):
    made, _ = await held(site)
    link, _ = await made.link()
    url = f"{site.base_url}/game-servers/matchzy/{link['id']}/config"
    for _ in range(25):
        assert (await http.get(url, headers={"authorization": "Bearer x"})).status_code == 403
    await settled(site)
    assert (await ServerLink.select().first())["wrong"] == 20
    assert await ServerLoad.count() == 0


async def test_the_organiser_sets_the_pool(site):
    made, _ = await held(site)
    organiser = await site.signed_in(made.organiser)
    form = {
        "name": "Pool Cup",
        "game": "cs2",
        "size_limit": "8",
        "format": "single_elimination",
        "best_of": "3",
        "final_best_of": "5",
        "starts_at": (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "timezone": "UTC",
    }
    assert "de_mirage" in (await organiser.get("/tournaments/new")).text
    for wrong in ("de_mirage de_nuke de_train", 'de_"x"', "../de_x", "x" * 301):
        answer = await organiser.post("/tournaments/new", **form, maps=wrong)
        assert answer.status_code == 422
        assert 'id="maps-error"' in answer.text
        assert escape(wrong) in answer.text
    pool = "de_mirage, de_nuke  DE_TRAIN de_inferno de_dust2 de_nuke"
    answer = await organiser.post("/tournaments/new", **form, maps=pool)
    assert answer.status_code == 303
    row = await Tournament.select().where(Tournament.name == "Pool Cup").first()
    assert row["maps"] == "de_mirage de_nuke de_train de_inferno de_dust2"
    assert pool_of(row)[-1] == "de_dust2"
    answer = await organiser.post("/tournaments/new", **{**form, "name": "Two"}, maps="")
    row = await Tournament.select().where(Tournament.name == "Two").first()
    assert len(pool_of(row)) == 7
