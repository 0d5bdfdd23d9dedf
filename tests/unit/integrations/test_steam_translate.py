"""Steam's match in our own words. The games are invented, in its shape."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from integrations.base import Delivery, Unusable
from integrations.dota2 import ANONYMOUS, STEAM_BASE
from integrations.opendota.translate import game_of as opendotas
from integrations.standins.dota_games import Game
from integrations.steam.translate import game_of, translate

LINE_UPS = [tuple(str(STEAM_BASE + side * 100 + n) for n in range(1, 6)) for side in (1, 2)]
START = datetime(2026, 2, 14, 17, 5, tzinfo=UTC)


def invented(**fields):
    plain = {
        "match_id": 8_100_000_042,
        "radiant": LINE_UPS[0],
        "dire": LINE_UPS[1],
        "radiant_win": True,
        "started_at": START,
        "league_id": 70_001,
        "radiant_team_id": 900_001,
        "dire_team_id": 900_002,
    }
    return Game(**{**plain, **fields})


@pytest.fixture
def match():
    return invented().as_steam()


def _report(match):
    return game_of(msgspec.json.encode(match))


def test_a_league_game_says_all_we_need(match):
    report = _report(match)
    assert (report.source, report.external_id, report.game) == ("steam", "8100000042", "dota2")
    assert (report.started_at, report.duration, report.winner) == (START, 2_100, 0)
    assert (report.humans, report.organised, report.competition) == (10, True, "70001")
    assert [side.team_id for side in report.sides] == ["900001", "900002"]
    assert [side.steam_ids for side in report.sides] == LINE_UPS
    assert report.sides[0].score == match["radiant_score"]
    assert report.url is None


@pytest.mark.parametrize(
    "fields",
    [{}, {"anonymous": True}, {"bots": 2}, {"lobby_type": 7}, {"game_mode": 23}, {"hidden": (3,)}],
)
def test_steam_and_opendota_tell_the_same_of_a_game(fields):
    game = invented(**fields)
    by_steam = game_of(msgspec.json.encode(game.as_steam()))
    by_opendota = opendotas(msgspec.json.encode(game.as_json()))
    assert msgspec.structs.replace(by_steam, source="", url=None) == msgspec.structs.replace(
        by_opendota, source="", url=None
    )


def test_the_shape_is_steams_own(match):
    assert not {"od_data", "patch", "version"} & set(match)
    hidden = invented(hidden=(0,), bots=1).as_steam()["players"]
    assert hidden[0]["account_id"] == ANONYMOUS
    assert "account_id" not in hidden[9]
    assert not {"isRadiant", "personaname"} & set(hidden[0])


def test_without_teams_there_are_no_team_fields():
    match = invented(radiant_team_id=None, dire_team_id=None).as_steam()
    assert "radiant_team_id" not in match
    assert [side.team_id for side in _report(match).sides] == [None, None]


@pytest.mark.parametrize("field", ["start_time", "duration", "radiant_win", "players", "match_id"])
@pytest.mark.parametrize("how", ["null", "missing"])
def test_what_is_no_account_of_a_finished_game(match, field, how):
    match[field] = None
    if how == "missing":
        del match[field]
    with pytest.raises(Unusable):
        _report(match)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("match_id", 2**64),
        ("match_id", -5),
        ("match_id", "9" * 5_000),
        ("duration", 2**40),
        ("duration", -1),
        ("start_time", 10**18),
    ],
)
def test_numbers_nobody_can_keep_are_unusable(match, field, value):
    match[field] = value
    with pytest.raises(Unusable):
        _report(match)


def test_a_score_nobody_can_keep_is_not_known(match):
    match["radiant_score"] = 2**40
    assert _report(match).sides[0].score is None


@pytest.mark.parametrize(
    "error",
    ["Match ID not found", "Practice matches are not available via GetMatchDetails", "Oh no"],
)
def test_an_error_is_no_match(error):
    with pytest.raises(Unusable):
        _report({"error": error})


def test_nothing_delivered_is_unusable():
    with pytest.raises(Unusable):
        translate([])


def _delivered(game, minutes, seconds=0):
    body = msgspec.json.encode(game.as_steam())
    return Delivery(
        subject="8100000042", body=body, received_at=START + timedelta(minutes=minutes + seconds)
    )


DELIVERIES = [
    _delivered(invented(), 1),
    _delivered(invented(radiant_win=False), 2),
    _delivered(invented(duration=2_200), 3),
]


@given(order=some.permutations(DELIVERIES * 2), extra=some.sampled_from(DELIVERIES))
def test_any_order_and_any_repetition_tell_the_same(order, extra):
    assert translate([*order, extra]) == translate(DELIVERIES)
    assert translate(order).games[0].duration == 2_200


values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted(set(invented().as_steam()) | {"error"})


@given(body=some.binary(max_size=200))
def test_any_bytes_are_a_report_or_unusable(body):
    for read in (game_of, opendotas):
        with suppress(Unusable):
            read(body)


@given(changes=some.dictionaries(some.sampled_from(NAMES), values, max_size=6))
def test_any_match_changed_anyhow_is_a_report_or_unusable(changes):
    body = msgspec.json.encode({**invented().as_steam(), **changes})
    for read in (game_of, opendotas):
        try:
            report = read(body)
        except Unusable:
            continue
        assert 0 <= report.duration < 2**31
        assert int(report.external_id) < 2**63


@given(
    rows=some.lists(
        some.dictionaries(some.sampled_from(["player_slot", "account_id", "leaver_status"]), values)
    )
)
def test_any_players_are_a_report_or_unusable(rows):
    with suppress(Unusable):
        _report({**invented().as_steam(), "players": rows})
