"""Every habit of OpenDota's that its client must bear, over a real socket."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.kernel.http import outbound
from integrations import budget
from integrations.base import Broken, Busy, NotYet, Refused
from integrations.opendota.translate import game_of

ID, LEAGUE = "8000000001", "70001"
KEY = "11111111-2222-4333-8444-555555555555"


async def test_a_published_game_is_read_and_translated(world, opendota, game):
    world.publish(game(radiant_win=False, radiant_team_id=901, dire_team_id=902))
    report = game_of(await opendota.match(ID))
    assert (report.external_id, report.winner, report.competition) == (ID, 1, LEAGUE)
    assert [side.team_id for side in report.sides] == ["901", "902"]
    assert [len(side.steam_ids) for side in report.sides] == [5, 5]
    assert report.organised
    assert report.humans == 10


async def test_an_unknown_match_is_not_yet(opendota):
    with pytest.raises(NotYet):
        await opendota.match(ID)


async def test_a_game_appears_late_after_some_polls(world, opendota, game):
    world.publish(game(late_polls=2))
    for _ in range(2):
        with pytest.raises(NotYet):
            await opendota.match(ID)
    assert await opendota.match(ID)


async def test_a_game_appears_late_at_its_time(world, opendota, game, clock):
    world.publish(game(available_at=clock.now + timedelta(minutes=7)))
    with pytest.raises(NotYet):
        await opendota.match(ID)
    clock.forward(minutes=7)
    assert await opendota.match(ID)


async def test_a_leagues_ids_come_once_each_and_in_order(world, opendota, game):
    for number in (3, 1, 2):
        world.publish(game(8_000_000_000 + number))
    listed = await opendota.league_match_ids(LEAGUE)
    assert listed == ("8000000001", "8000000002", "8000000003")


async def test_an_unknown_league_has_an_empty_body_and_no_matches(opendota):
    assert await opendota.league_match_ids("404404") == ()


@pytest.mark.parametrize("kind", ["null", "empty"])
async def test_nothing_is_no_match_and_no_ids(world, opendota, kind):
    world.fault(kind)
    with pytest.raises(NotYet):
        await opendota.match(ID)
    assert await opendota.league_match_ids(LEAGUE) == ()


@pytest.mark.parametrize("kind", ["error", "html", "cut", "drop", "redirect"])
async def test_an_unusable_answer_is_broken(world, opendota, game, kind):
    world.publish(game())
    world.fault(kind)
    with pytest.raises(Broken):
        await opendota.match(ID)
    with pytest.raises(Broken):
        await opendota.league_match_ids(LEAGUE)


async def test_a_redirect_is_not_followed(world, opendota, game):
    world.publish(game())
    world.fault("redirect", times=1)
    with pytest.raises(Broken):
        await opendota.match(ID)
    assert world.calls.total() == 1


async def test_a_slow_answer_is_broken(world, opendota, game, monkeypatch):
    world.publish(game())
    world.fault("slow")
    monkeypatch.setattr(outbound, "TIMEOUT", httpx.Timeout(0.2))
    with pytest.raises(Broken, match="in time"):
        await opendota.match(ID)


async def test_an_answer_that_drips_is_broken(http):
    gone = asyncio.Event()

    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while not writer.is_closing() and not reader.at_eof():
            writer.write(b" ")
            await asyncio.sleep(0.02)
        writer.close()
        gone.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(outbound.NoAnswer, match="in time"):
            await outbound.fetch(http, f"http://127.0.0.1:{port}/", seconds=0.3)
        await asyncio.wait_for(gone.wait(), 2)


async def test_nobody_listening_is_broken(connect):
    with pytest.raises(Broken):
        await connect(base_url="http://127.0.0.1:1/api").match(ID)


async def test_another_match_than_asked_for_is_broken(connect):
    def answer(request):
        return httpx.Response(200, json={"match_id": 5, "radiant_win": True})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = connect(base_url="http://o.test", by=http)
        with pytest.raises(Broken):
            await client.match(ID)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b'{"error":"Not Found"}', NotYet),
        (b"<!doctype html><title>404 not found</title>", Broken),
    ],
)
async def test_only_a_404_in_json_is_not_yet(connect, body, failure):
    transport = httpx.MockTransport(lambda request: httpx.Response(404, content=body))
    async with httpx.AsyncClient(transport=transport) as http:
        client = connect(base_url="http://o.test", by=http)
        with pytest.raises(failure):
            await client.match(ID)


@pytest.mark.parametrize("body", [b"[" * 100_000, b" " * (outbound.LARGEST_ANSWER + 1)])
async def test_too_deep_or_too_large_is_broken(connect, body):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    async with httpx.AsyncClient(transport=transport) as http:
        client = connect(base_url="http://o.test", by=http)
        with pytest.raises(Broken):
            await client.match(ID)


async def test_a_list_with_text_nulls_and_doubles_is_read(connect):
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, content=b'[9, null, "7", 9, 8]')
    )
    async with httpx.AsyncClient(transport=transport) as http:
        client = connect(base_url="http://o.test", by=http)
        assert await client.league_match_ids(LEAGUE) == ("7", "8", "9")


@pytest.mark.parametrize("typed", ["", "abc", "../players/1", "1?x=2", "٣", "9" * 5_000])
async def test_an_id_of_another_kind_is_never_asked_for(world, opendota, typed):
    with pytest.raises(NotYet):
        await opendota.match(typed)
    with pytest.raises(NotYet):
        await opendota.league_match_ids(typed)
    assert world.calls.total() == 0


@pytest.mark.parametrize("kind", ["forbidden", "unauthorized"])
async def test_a_refusal_of_us_is_told_apart(world, opendota, kind):
    world.fault(kind)
    with pytest.raises(Refused):
        await opendota.match(ID)


async def test_a_malformed_key_is_refused(world, connect, game):
    world.publish(game())
    with pytest.raises(Refused):
        await connect("no-uuid").match(ID)


async def test_a_key_is_sent_and_stays_out_of_logs_and_errors(world, connect, game, caplog):
    caplog.set_level(logging.DEBUG)
    world.publish(game())
    client = connect(KEY)
    await client.match(ID)
    world.fault("error")
    with pytest.raises(Broken) as caught:
        await client.match(ID)
    assert world.spend(KEY) == {"minute": 300 - 3}
    assert KEY not in caplog.text + str(caught.value)


async def test_a_minutes_limit_lasts_until_the_next_minute(world, opendota, game, clock):
    world.publish(game())
    world.fault("limit", times=1)
    with pytest.raises(Busy) as caught:
        await opendota.match(ID)
    assert caught.value.until == datetime(2026, 3, 1, 18, 31, tzinfo=UTC)
    with pytest.raises(Busy):
        await opendota.match(ID)
    assert world.calls.total() == 1
    clock.now = caught.value.until
    assert await opendota.match(ID)


@pytest.mark.parametrize("key", ["", KEY])
async def test_a_days_limit_lasts_until_midnight_utc(world, connect, game, clock, key):
    opendota = connect(key)
    world.publish(game())
    world.fault("daily", times=1)
    with pytest.raises(Busy) as caught:
        await opendota.match(ID)
    assert caught.value.until == datetime(2026, 3, 2, tzinfo=UTC)
    clock.forward(hours=3)
    with pytest.raises(Busy):
        await opendota.match(ID)
    assert world.calls.total() == 1
    clock.now = caught.value.until
    assert await opendota.match(ID)


async def test_two_workers_at_once_cause_no_call_too_many(world, connect, game):
    world.publish(game())
    workers = [connect(), connect()]
    calls = [workers[number % 2].match(ID) for number in range(90)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, bytes) for answer in answers) == 60
    assert sum(isinstance(answer, Busy) for answer in answers) == 30
    assert (world.calls.total(), world.refused) == (60, 0)


async def test_the_providers_count_is_believed_over_ours(world, opendota, game):
    world.publish(game())
    for _ in range(58):
        # Somebody else behind our address.
        world.spend("")
    assert await opendota.match(ID)
    assert await opendota.match(ID)
    with pytest.raises(Busy):
        await opendota.match(ID)
    assert world.refused == 0


@pytest.mark.parametrize("kind", ["error", "html", "cut"])
async def test_after_failures_in_a_row_the_provider_gets_a_rest(world, opendota, game, clock, kind):
    world.publish(game())
    world.fault(kind)
    for _ in range(budget.FAILURES_TO_OPEN):
        with pytest.raises(Broken):
            await opendota.match(ID)
    with pytest.raises(Busy) as caught:
        await opendota.match(ID)
    assert world.calls.total() == budget.FAILURES_TO_OPEN
    assert caught.value.until == clock.now + budget.FIRST_REST
    world.heal()
    clock.now = caught.value.until
    assert await opendota.match(ID)
    assert await opendota.match(ID)


async def test_not_yet_is_no_failure(opendota):
    for _ in range(2 * budget.FAILURES_TO_OPEN):
        with pytest.raises(NotYet):
            await opendota.match(ID)
