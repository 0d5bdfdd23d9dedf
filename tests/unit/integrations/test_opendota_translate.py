"""OpenDota's match in our own words. The fixtures are invented, in its shape."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from integrations.base import Unusable
from integrations.dota2 import STEAM_BASE
from integrations.opendota.translate import game_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "opendota"


def _fixture(name):
    return msgspec.json.decode((FIXTURES / name).read_bytes())


def _translate(match):
    return game_of(msgspec.json.encode(match))


@pytest.fixture
def match():
    return _fixture("match_unparsed.json")


def test_a_league_game_says_all_we_need(match):
    report = _translate(match)
    assert (report.source, report.external_id, report.game) == ("opendota", "8100000042", "dota2")
    assert report.started_at == datetime(2026, 2, 14, 17, 5, tzinfo=UTC)
    assert (report.duration, report.winner, report.humans) == (2345, 0, 10)
    assert report.organised
    assert report.competition == "70001"
    assert report.url == "https://www.opendota.com/matches/8100000042"
    radiant, dire = report.sides
    assert (radiant.team_id, radiant.name) == ("900001", "Steppe Wolves")
    assert (dire.team_id, dire.name) == ("900002", "Tulpar Riders")
    assert (radiant.score, dire.score) == (match["radiant_score"], match["dire_score"])
    assert radiant.steam_ids == tuple(str(STEAM_BASE + 340_000_001 + n) for n in range(5))
    assert dire.steam_ids == tuple(str(STEAM_BASE + 340_000_011 + n) for n in range(5))


def test_ten_anonymous_players_leave_team_ids():
    report = game_of((FIXTURES / "match_anonymous.json").read_bytes())
    assert [side.steam_ids for side in report.sides] == [(), ()]
    assert [side.team_id for side in report.sides] == ["900001", "900002"]
    assert report.humans == 10


def test_a_sparse_answer_is_enough():
    report = game_of((FIXTURES / "match_sparse.json").read_bytes())
    assert (report.winner, report.competition) == (1, None)
    assert [side.team_id for side in report.sides] == [None, None]
    assert [side.score for side in report.sides] == [None, None]
    assert not report.organised


@pytest.mark.parametrize("field", ["start_time", "duration", "radiant_win", "players", "match_id"])
@pytest.mark.parametrize("how", ["null", "missing"])
def test_what_is_no_account_of_a_finished_game(match, field, how):
    match[field] = None
    if how == "missing":
        del match[field]
    with pytest.raises(Unusable) as caught:
        _translate(match)
    assert caught.value.reason == str(caught.value) != ""


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"<html>", b'{"match_id":', b"\xff\xfe", b"[" * 100_000]
)
def test_rubbish_is_unusable(body):
    with pytest.raises(Unusable):
        game_of(body)


@pytest.mark.parametrize("start", [10**18, -(10**18), 0])
def test_a_start_that_is_no_time_is_unusable(match, start):
    match["start_time"] = start
    with pytest.raises(Unusable):
        _translate(match)


@pytest.mark.parametrize("account", [None, 0, -1, 4_294_967_295, 2**40])
def test_an_anonymous_account_is_nobody(match, account):
    match["players"][0]["account_id"] = account
    assert len(_translate(match).sides[0].steam_ids) == 4


def test_numbers_as_text_and_players_without_a_slot(match):
    match["radiant_score"] = "31"
    match["players"] += [None, {"account_id": 7}]
    report = _translate(match)
    assert report.sides[0].score == 31
    assert sum(len(side.steam_ids) for side in report.sides) == 10


def test_bots_are_no_people(match):
    del match["human_players"]
    match["players"][9]["leaver_status"] = None
    assert _translate(match).humans == 9


def test_team_ids_in_their_own_objects_count(match):
    match["radiant_team_id"], match["dire_team_id"] = None, 0
    match["radiant_team"] = {"team_id": 77, "name": "Steppe Wolves"}
    assert [side.team_id for side in _translate(match).sides] == ["77", None]


@pytest.mark.parametrize(
    ("lobby", "mode", "fit"),
    [
        *[(lobby, 2, lobby in (1, 2)) for lobby in (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 12)],
        *[(1, mode, mode in (1, 2, 3, 4, 5, 8, 16, 22)) for mode in range(26)],
        (None, 2, False),
        (1, None, False),
    ],
)
def test_which_lobbies_and_modes_a_tournament_may_use(match, lobby, mode, fit):
    match["lobby_type"], match["game_mode"] = lobby, mode
    assert _translate(match).organised is fit
