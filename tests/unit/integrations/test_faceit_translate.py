"""FACEIT's match in our own words. The matches are the stand-in's: invented, in its shape."""

import contextlib
import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import faceit as provider
from integrations.base import Delivery, Unusable
from integrations.faceit.translate import translate
from integrations.standins.faceit import Match, Team, match_id, uuid
from tournaments.reports import Told

NOW = datetime(2026, 3, 1, 18, tzinfo=UTC)
ID = match_id("final")
WOLVES = Team(name="Steppe Wolves", steam_ids=tuple(f"7656119800000100{n}" for n in range(5)))
RIDERS = Team(name="Tulpar Riders", steam_ids=tuple(f"7656119800000200{n}" for n in range(5)))
MIRAGE, NUKE, DUST = ("de_mirage", 13, 7), ("de_nuke", 9, 13), ("de_dust2", 16, 14)


def played(**fields):
    plain = {
        "match_id": ID,
        "competition": uuid("cup"),
        "first": WOLVES,
        "second": RIDERS,
        "winner": 0,
        "finished_at": NOW,
        "maps": (MIRAGE,),
    }
    return Match(**(plain | fields))


def delivery(body, part="details", **fields):
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Delivery(subject=ID, part=part, body=raw, **fields)


def told(match, *, stats=True):
    parts = [delivery(match.as_json())]
    if stats and match.is_played:
        parts.append(delivery(match.stats(), "stats"))
    return translate(parts)


def test_a_match_says_all_we_need():
    series = told(played(maps=(MIRAGE, NUKE, DUST), best_of=3)).series
    assert (series.source, series.external_id, series.game) == ("faceit", ID, "cs2")
    assert (series.kind, series.winner, series.score, series.best_of) == ("played", 0, (2, 1), 3)
    assert series.started_at == NOW - timedelta(minutes=135)
    assert series.finished_at == NOW
    assert series.competition == uuid("cup")
    assert series.url == f"https://www.faceit.com/en/cs2/room/{ID}"
    assert [side.team_id for side in series.sides] == [WOLVES.id, RIDERS.id]
    assert [side.steam_ids for side in series.sides] == [WOLVES.steam_ids, RIDERS.steam_ids]
    assert [side.name for side in series.sides] == ["Steppe Wolves", "Tulpar Riders"]


def test_its_maps_are_games_to_be_read_and_not_weighed():
    games = told(played(maps=(MIRAGE, NUKE, DUST), best_of=3)).games
    assert [game.external_id for game in games] == [f"{ID}:1", f"{ID}:2", f"{ID}:3"]
    assert [(game.label, game.number) for game in games] == [
        ("de_mirage", 0),
        ("de_nuke", 1),
        ("de_dust2", 2),
    ]
    assert [[side.score for side in game.sides] for game in games] == [[13, 7], [9, 13], [16, 14]]
    assert [game.winner for game in games] == [0, 1, 0]
    assert all(game.told_whole and game.series == ID for game in games)


@pytest.mark.parametrize("rounds_as_score", [True, False])
@pytest.mark.parametrize(("winner", "score"), [(0, (1, 0)), (1, (0, 1))])
def test_a_best_of_1_is_decided_by_the_winner_whatever_its_score_means(
    rounds_as_score, winner, score
):
    map_ = MIRAGE if winner == 0 else NUKE
    match = played(maps=(map_,), winner=winner, rounds_as_score=rounds_as_score)
    assert match.score == (map_[1:] if rounds_as_score else score)
    series = told(match).series
    assert (series.winner, series.score) == (winner, score)
    assert told(match).games[0].sides[0].score == map_[1]


def test_without_stats_the_series_is_told_all_the_same():
    match = told(played(), stats=False)
    assert (match.series.winner, match.series.score, match.games) == (0, (1, 0), ())


def test_finished_without_being_played_is_a_walkover():
    series = told(played(forfeit=True, maps=(), winner=1)).series
    assert (series.kind, series.winner, series.score) == ("walkover", 1, None)
    assert series.started_at is None


def test_a_bye_tells_nothing():
    assert told(played(second=None, maps=())) == Told()


@pytest.mark.parametrize("status", ["CANCELLED", "ABORTED"])
@pytest.mark.parametrize("maps", [(), (MIRAGE,)])
def test_a_cancelled_match_has_no_winner_however_far_it_came(status, maps):
    match = translate([delivery(played(status=status, maps=maps).as_json())])
    assert (match.series.kind, match.series.winner, match.games) == ("cancelled", None, ())


def test_cancelled_with_an_empty_winner_and_nil_nil():
    body = played(status="CANCELLED").as_json()
    body["results"] = {"winner": "", "score": {"faction1": 0, "faction2": 0}}
    assert translate([delivery(body)]).series.kind == "cancelled"


def test_cancelled_before_anybody_was_to_play_it_tells_nothing():
    body = played(status="CANCELLED").as_json() | {"teams": {}}
    assert translate([delivery(body)]) == Told()


def test_finished_without_a_winner_is_drawn_or_nobodys():
    drawn = told(played(winner=None, best_of=2, maps=(MIRAGE, NUKE))).series
    assert (drawn.kind, drawn.winner, drawn.score) == ("played", None, (1, 1))
    level = told(played(winner=None, maps=(("de_mirage", 12, 12),), rounds_as_score=True))
    assert (level.series.kind, level.series.winner, level.series.score) == ("played", None, None)
    assert (level.games[0].winner, level.games[0].sides[0].score) == (None, 12)
    nobodys = told(played(winner=None, maps=())).series
    assert (nobodys.kind, nobodys.winner) == ("cancelled", None)


@pytest.mark.parametrize("status", ["ONGOING", "READY", "CONFIGURING", "VOTING", "PAUSED", None])
def test_what_is_not_over_is_asked_for_again(status):
    with pytest.raises(Unusable, match="not over"):
        translate([delivery(played().as_json() | {"status": status})])


def test_a_webhook_alone_says_too_little():
    with pytest.raises(Unusable, match="not been delivered"):
        translate([delivery({"event": "match_status_finished", "payload": {"id": ID}}, "an-id")])


def test_a_mix_is_known_by_its_players_and_not_by_its_captains_id():
    mix = Team(name="mix", steam_ids=WOLVES.steam_ids, premade=False)
    match = told(played(first=mix))
    assert match.series.sides[0].team_id is None
    assert match.series.sides[0].steam_ids == WOLVES.steam_ids
    assert match.games[0].winner == 0


def test_a_substitute_who_plays_is_one_of_the_side():
    sub = "76561198000009999"
    team = Team(name="Wolves", steam_ids=WOLVES.steam_ids, playing_substitutes=(sub,))
    assert told(played(first=team)).series.sides[0].steam_ids == (*WOLVES.steam_ids, sub)
    body = played(first=team).as_json()
    del body["teams"]["faction1"]["substitutes"][0]["playing"]
    assert translate([delivery(body)]).series.sides[0].steam_ids == WOLVES.steam_ids


def test_the_order_of_the_factions_in_the_json_means_nothing():
    body = played().as_json()
    turned = body | {"teams": dict(reversed(body["teams"].items()))}
    assert list(turned["teams"]) != list(body["teams"])
    assert translate([delivery(turned)]) == translate([delivery(body)])


def test_a_correction_counts_by_when_it_came():
    old = delivery(played(winner=0).as_json(), received_at=NOW)
    new = delivery(played(winner=1, maps=(NUKE,)).as_json(), received_at=NOW + timedelta(hours=1))
    for order in ([old, new], [new, old]):
        assert translate(order).series.winner == 1


@pytest.mark.parametrize("score", [{"faction1": 13, "faction2": 7}, {}, None, {"faction1": 1}])
def test_a_longer_series_without_a_score_in_maps_still_has_its_winner(score):
    body = played(best_of=3).as_json() | {"results": {"winner": "faction1", "score": score}}
    series = translate([delivery(body)]).series
    assert (series.winner, series.score) == (0, None)


@pytest.mark.parametrize(
    "url",
    [None, "javascript:alert(1)", "https://evil.test/", "https://www.faceit.com/" + "x" * 300],
)
def test_only_faceits_own_address_becomes_a_link(url):
    body = played().as_json() | {"faceit_url": url}
    expected = f"https://www.faceit.com/en/cs2/room/{ID}"
    assert translate([delivery(body)]).series.url == expected


def test_maps_of_other_teams_or_without_a_winner_are_left_out():
    match = played(maps=(MIRAGE, NUKE), best_of=2, winner=None)
    stats = match.stats()
    stats["rounds"][0]["teams"][0]["team_id"] = uuid("somebody else")
    stats["rounds"][1]["round_stats"]["Winner"] = None
    stats["rounds"][1]["teams"][0]["team_stats"]["Team Win"] = "0"
    stats["rounds"][1]["teams"][1]["team_stats"] = None
    found = translate([delivery(match.as_json()), delivery(stats, "stats")])
    assert found.games == ()
    assert found.series.score == (1, 1)


def test_details_of_another_match_are_nothing():
    with pytest.raises(Unusable):
        translate([delivery(played(match_id=match_id("other")).as_json())])


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"<html>", b'{"match_id":', b"\xff\xfe", b"[" * 100_000]
)
def test_rubbish_is_unusable_and_beside_a_match_does_no_harm(body):
    with pytest.raises(Unusable):
        translate([delivery(body)])
    well = delivery(played().as_json())
    assert translate([well, delivery(body, "stats"), delivery(body, "x")]).series.winner == 0


def test_nothing_at_all_is_unusable():
    with pytest.raises(Unusable):
        translate([])


@pytest.mark.parametrize("started", [10**18, -(10**18), 0, None])
def test_a_start_that_is_no_time_is_no_start(started):
    body = played().as_json() | {"started_at": started}
    assert (
        translate([delivery(body), delivery(played().stats(), "stats")]).series.started_at is None
    )


def test_a_number_as_text_and_unknown_keys():
    body = played().as_json()
    body |= {"best_of": "1", "started_at": str(body["started_at"]), "a_key_of_tomorrow": {"x": [1]}}
    assert translate([delivery(body)]) == translate([delivery(played().as_json())])


PARTS = [
    delivery(played(best_of=3, maps=(MIRAGE, DUST)).as_json(), received_at=NOW),
    delivery(played(best_of=3, maps=(MIRAGE,)).stats(), "stats", received_at=NOW),
    delivery(
        played(best_of=3, maps=(MIRAGE, DUST)).stats(),
        "stats",
        received_at=NOW + timedelta(minutes=5),
    ),
    delivery({"event": "match_status_finished"}, "event-1", received_at=NOW),
    delivery({"event": "match_demo_ready"}, "event-2", received_at=NOW),
]


@given(st.lists(st.sampled_from(PARTS), max_size=12), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_tells_the_same(extra, chance: random.Random):
    mixed = [*PARTS, *extra]
    chance.shuffle(mixed)
    assert translate(mixed) == translate(PARTS)
    assert len(translate(mixed).games) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
FIELDS = sorted(played().as_json())


@given(st.binary(max_size=60) | st.text(max_size=20).map(str.encode))
def test_no_bytes_raise_anything_else(body):
    for part in ("details", "stats"):
        with pytest.raises(Unusable):
            translate([delivery(body, part)])


@given(st.sampled_from(FIELDS), JSON)
def test_no_value_of_a_field_raises_anything_else(field, value):
    parts = [delivery(played().as_json() | {field: value}), delivery(played().stats(), "stats")]
    with contextlib.suppress(Unusable):
        assert isinstance(translate(parts), Told)


@given(st.sampled_from(sorted(played().stats()["rounds"][0])), JSON)
def test_no_value_in_the_maps_harms_the_series(field, value):
    stats = played().stats()
    stats["rounds"][0][field] = value
    assert translate([delivery(played().as_json()), delivery(stats, "stats")]).series.winner == 0


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (ID, ID),
        (ID.upper(), ID),
        (f"https://www.faceit.com/en/cs2/room/{ID}", ID),
        (f"https://www.faceit.com/ru/cs2/room/{ID}/scoreboard?x=1", ID),
        (f"faceit.com/kk/cs2/room/{ID}", ID),
        (f"https://evil.test/cs2/room/{ID}", None),
        (uuid("cup"), None),
        ("", None),
        ("7490235544", None),
        ("x" * 10_000, None),
    ],
)
def test_a_captain_hands_in_a_room(typed, found):
    assert provider.room(typed) == found


@pytest.mark.parametrize(
    ("game", "kept", "ref"),
    [
        ("cs2", f"championship:{uuid('cup')}", uuid("cup")),
        ("cs2", f"hub:{uuid('cup')}", f"hub:{uuid('cup')}"),
        ("cs2", None, None),
        ("dota2", f"hub:{uuid('cup')}", None),
    ],
)
def test_what_is_followed(game, kept, ref):
    found = provider.follows({"game": game, "faceit": kept})
    assert [each.ref for each in found] == ([ref] if ref else [])
    assert all(len(each.ref) <= 40 for each in found)
