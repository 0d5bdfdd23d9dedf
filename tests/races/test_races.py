"""Races over real HTTP, each with a control that shows the anomaly without the lock."""

import pytest
from piccolo.engine.postgres import PostgresEngine

from app.kernel import clock
from app.kernel.db.sqlite import PooledSQLiteEngine
from tests.factories import clan, cup, cup_data, large_cup, person
from tests.racing import lock_off, statuses
from tournaments import registration, setup
from tournaments.checking import differences
from tournaments.tables import Entrant, Match, Result, Stage

RULE = {"kind": "score", "score_a": "1", "score_b": "0", "reason": "race"}


async def _fifty_reports(site):
    """Both captains send the same report again and again, all at once."""
    made = await cup(site.db, 4)
    match = await made.match("U1.1")
    one, four = made.clans[0].captain, made.clans[3].captain
    people = [await site.signed_in(who) for who in (one, four)]
    posts = [
        people[n % 2].post(f"/matches/{match['id']}/report", score_a="1", score_b="0")
        for n in range(50)
    ]
    return made, await statuses(*posts)


async def test_fifty_reports_of_one_match_give_one_result(quiet):
    made, codes = await _fifty_reports(quiet)
    assert set(codes) == {303}
    assert await Result.count() == 1
    decided = await made.match("U1.1")
    assert decided["winner"] == 0
    assert (await made.match("U2.1"))["entrant_a"] == decided["entrant_a"]
    assert await differences() == []


async def test_control_without_the_lock_fifty_reports_go_wrong(quiet, monkeypatch):
    with lock_off(monkeypatch):
        _, codes = await _fifty_reports(quiet)
    # The unique index lets one result through even so; the others break on it.
    assert set(codes) != {303} or await Result.count() != 1


async def _pairs(site, made, keys):
    """Rule both matches of each pair at once; how many next slots stayed empty."""
    organiser = await site.signed_in(made.organiser)
    by_key = {row["key"]: row for row in await made.matches()}
    bad = []
    for first, second in keys:
        posts = [
            organiser.post(f"/matches/{by_key[key]['id']}/rule", **RULE) for key in (first, second)
        ]
        bad += [code for code in await statuses(*posts) if code != 303]
    later = {by_key[first]["winner_to"] for first, _ in keys}
    rows = [row for row in await made.matches() if row["key"] in later]
    return bad, sum(row["entrant_a"] is None or row["entrant_b"] is None for row in rows)


def pairs_of(round_: int, count: int):
    return [(f"U{round_}.{2 * n - 1}", f"U{round_}.{2 * n}") for n in range(1, count + 1)]


@pytest.mark.timeout(240)
async def test_two_feeding_matches_together_100_pairs(quiet):
    made = await large_cup(quiet.db, 256)
    bad, empty = [], 0
    for round_, count in ((1, 64), (2, 32), (3, 4)):
        more, slots = await _pairs(quiet, made, pairs_of(round_, count))
        bad += more
        empty += slots
    assert (bad, empty) == ([], 0)
    assert await differences() == []


async def test_control_without_the_lock_feeding_matches_go_wrong(quiet, monkeypatch):
    made = await large_cup(quiet.db, 32)
    with lock_off(monkeypatch):
        bad, empty = await _pairs(quiet, made, pairs_of(1, 8))
    assert bad or empty


async def _sixteen(site):
    """A whole first round is ruled at once; how the next one looks."""
    made = await large_cup(site.db, 32)
    organiser = await site.signed_in(made.organiser)
    first = [row for row in await made.matches() if row["round"] == 1]
    posts = [organiser.post(f"/matches/{row['id']}/rule", **RULE) for row in first]
    codes = await statuses(*posts)
    return codes, [row["state"] for row in await made.matches() if row["round"] == 2]


async def test_a_round_of_sixteen_at_once(quiet):
    assert await _sixteen(quiet) == ([303] * 16, ["ready"] * 8)
    assert await differences() == []


async def test_control_without_the_lock_a_round_of_sixteen_goes_wrong(quiet, monkeypatch):
    with lock_off(monkeypatch):
        codes, states = await _sixteen(quiet)
    assert set(codes) != {303} or states != ["ready"] * 8


async def _last_place(site):
    """Twenty clans ask for the last of two places; how many are in at the end."""
    organiser = await person("organiser", organiser=True)
    clans = [await clan(number) for number in range(1, 22)]
    async with site.db.transaction() as tx:
        row = await setup.create_tournament(
            tx, organiser, cup_data(size_limit="2"), now=clock.now()
        )
        await setup.publish(tx, organiser, row["id"], now=clock.now())
        first = clans[0]
        await registration.register(
            tx, first.captain, row["id"], first.id, first.players, now=clock.now()
        )
    posts = []
    for each in clans[1:]:
        captain = await site.signed_in(each.captain)
        fields = {"clan": each.id, "players": [str(player) for player in each.players]}
        posts.append(captain.post(f"/tournaments/{row['slug']}/register", **fields))
    codes = await statuses(*posts)
    return codes, await Entrant.count().where(Entrant.tournament == row["id"])


async def test_twenty_clans_for_the_last_place(quiet):
    codes, entrants = await _last_place(quiet)
    assert entrants == 2
    assert sorted(codes) == [303] + [409] * 19


async def test_control_without_the_lock_the_cup_is_overfull_or_breaks(quiet, monkeypatch):
    with lock_off(monkeypatch):
        codes, entrants = await _last_place(quiet)
    assert entrants > 2 or {500, 503} & set(codes)


async def _start_twice(site):
    made = await cup(site.db, 4, start=False)
    async with site.db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, made.id, now=clock.now())
    organiser = await site.signed_in(made.organiser)
    codes = await statuses(*(organiser.post(f"/tournaments/{made.slug}/start") for _ in range(8)))
    return codes, await Stage.count(), await Match.count()


async def test_a_double_click_on_start_starts_once(quiet):
    assert await _start_twice(quiet) == ([303] * 8, 1, 3)


async def test_control_without_the_lock_start_goes_wrong(quiet, monkeypatch):
    with lock_off(monkeypatch):
        codes, stages, matches = await _start_twice(quiet)
    # The unique index holds even then, at the price of failed requests.
    assert set(codes) != {303} or (stages, matches) != (1, 3)


async def test_the_engines_are_what_the_controls_think(quiet):
    assert isinstance(quiet.db.engine, PooledSQLiteEngine | PostgresEngine)
