"""The stand-in's invented games."""

from datetime import UTC, datetime

import msgspec

from integrations.opendota.translate import game_of
from integrations.standins.dota_games import Game

LINE_UPS = [tuple(str(76561198300000000 + side * 10 + n) for n in range(5)) for side in (1, 2)]


def _game(**fields):
    plain = {
        "match_id": 8_000_000_007,
        "radiant": LINE_UPS[0],
        "dire": LINE_UPS[1],
        "radiant_win": True,
        "started_at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    return Game(**{**plain, **fields})


def _report(game):
    return game_of(msgspec.json.encode(game.as_json()))


def test_the_same_seed_invents_the_same():
    assert _game(seed=5).as_json() == _game(seed=5).as_json()
    assert _game(seed=5).as_json() != _game(seed=6).as_json()


def test_a_game_adds_up():
    match = _game().as_json()
    sides = [[p for p in match["players"] if p["isRadiant"] is side] for side in (True, False)]
    assert [sum(p["kills"] for p in side) for side in sides] == [
        match["radiant_score"],
        match["dire_score"],
    ]
    assert len({p["hero_id"] for p in match["players"]}) == 10
    assert [p["win"] for p in match["players"]] == [1] * 5 + [0] * 5


def test_hidden_players_and_bots():
    report = _report(_game(hidden=(0, 128), bots=1))
    assert [len(side.steam_ids) for side in report.sides] == [4, 3]
    assert report.humans == 9
    assert _report(_game(anonymous=True)).sides[0].steam_ids == ()
