"""Which games can belong to a tournament at all."""

from datetime import UTC, datetime

import pytest

from tournaments.fitness import (
    competitions_of,
    is_shared,
    unfit,
    unfit_for_match,
    unfit_series,
)
from tournaments.reports import GameReport, ReportedSide, SeriesReport

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIDES = (ReportedSide(), ReportedSide())


def cup(**fields):
    return {"game": "dota2", "league_id": None, "faceit": None} | fields


def game(**fields):
    values = {
        "source": "opendota",
        "external_id": "1",
        "game": "dota2",
        "started_at": START,
        "duration": 2_400,
        "sides": SIDES,
        "winner": 0,
        "humans": 10,
    }
    return GameReport(**(values | fields))


def series(**fields):
    values = {"source": "faceit", "external_id": "1", "game": "cs2", "sides": SIDES, "winner": 0}
    return SeriesReport(**(values | fields))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"humans": None}, None),
        ({"humans": 11}, None),
        ({"humans": 9}, "Only 9 of 10"),
        ({"duration": 0}, None),
        ({"duration": 1}, "too short"),
        ({"duration": 359}, "too short"),
        ({"duration": 360}, None),
        ({"organised": False, "mode": "turbo"}, "(turbo)"),
        ({"game": "cs2"}, "not the one"),
    ],
)
def test_a_game_has_ten_people_for_six_minutes_in_a_lobby_for_it(fields, reason):
    said = unfit(game(**fields), cup())
    assert (said is None) == (reason is None)
    assert reason is None or reason in said.text.format_map(said.params)


def test_an_organiser_may_take_an_odd_one_but_none_of_elsewhere():
    odd = {"organised": False, "humans": 2, "duration": 10}
    assert unfit(game(**odd), cup(), by_hand=True) is None
    assert unfit(game(game="cs2"), cup(), by_hand=True)
    assert unfit(game(competition="78"), cup(league_id="77"), by_hand=True)


@pytest.mark.parametrize(
    ("ours", "fields", "fits"),
    [
        ({}, {"competition": None}, True),
        ({}, {"competition": "77"}, True),
        ({"league_id": "77"}, {"competition": "77"}, True),
        ({"league_id": "77"}, {"competition": "78"}, False),
        ({"league_id": "77"}, {"competition": None}, False),
        # A server that was ours to begin with is in no league.
        ({"league_id": "77"}, {"competition": None, "trusted": True}, True),
        ({"faceit": "hub:abc"}, {"competition": "abc"}, True),
        ({"faceit": "hub:abc"}, {"competition": "hub:abc"}, False),
        ({"faceit": "championship:abc"}, {"competition": "abd"}, False),
    ],
)
def test_what_is_played_in_a_league_counts_from_there_only(ours, fields, fits):
    assert (unfit(game(**fields), cup(**ours)) is None) == fits
    assert (unfit_series(series(**fields), cup(game="cs2", **ours)) is None) == fits


def test_the_competitions_of_a_tournament():
    assert competitions_of(cup()) == set()
    assert competitions_of(cup(league_id="77", faceit="championship:abc")) == {"77", "abc"}
    assert is_shared(cup(faceit="hub:abc"))
    assert not is_shared(cup(faceit="championship:abc"))
    assert not is_shared(cup())


@pytest.mark.parametrize(
    ("report", "fits"),
    [
        (series(best_of=3), True),
        (series(best_of=1), False),
        (series(best_of=0), True),
        # Nobody plays a walkover, of whatever length.
        (series(best_of=1, kind="walkover"), True),
        (series(best_of=1, kind="cancelled", winner=None), True),
        (game(), True),
    ],
)
def test_a_played_series_is_as_long_as_its_match(report, fits):
    said = unfit_for_match(report, {"best_of": 3})
    assert (said is None) == fits
    if said:
        assert (said.params["theirs"], said.params["ours"]) == (1, 3)
