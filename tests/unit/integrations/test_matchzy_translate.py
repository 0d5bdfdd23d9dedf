"""A load's events in our own words: whatever order, however often, whatever is lost."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.base import Delivery, Unusable
from integrations.matchzy.config import Order, Team, config_of
from integrations.matchzy.events import head_of
from integrations.matchzy.maps import ends_a_map
from integrations.matchzy.translate import translate
from integrations.standins.game_server_events import GET5, MATCHZY, WITHOUT_IDS, Outcome, events_of
from tournaments.reports import Told

BEGAN = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
POOL = ("de_ancient", "de_anubis", "de_dust2", "de_inferno", "de_mirage")
PLAYERS = [{str(76561198000000100 + 10 * side + n): f"p{n}" for n in range(5)} for side in (0, 1)]


def config(best_of=3, maps=POOL, load=7):
    teams = (Team("41", "Alpha", PLAYERS[0]), Team("42", "Bravo", PLAYERS[1]))
    return config_of(
        Order(
            load=load,
            teams=teams,
            best_of=best_of,
            maps=maps,
            title="t",
            site="http://x",
            secret="s",
        )
    )


def first_word(best_of=3, maps=POOL, match=5, entrants=(41, 42)):
    said = {"match": match, "entrants": entrants, "best_of": best_of, "maps": maps}
    body = msgspec.json.encode({**said, "loaded_at": BEGAN})
    return Delivery(subject="7", part="load", body=body, received_at=BEGAN)


def deliveries(events, seconds=60):
    """As the inbox keeps them, a minute apart."""
    found = []
    for number, event in enumerate(events, start=1):
        body = msgspec.json.encode(event)
        head = head_of(body)
        at = BEGAN + timedelta(seconds=seconds * number)
        found.append(
            Delivery(subject="7", part=head.part if head else "", body=body, received_at=at)
        )
    return found


def played(*maps, best_of=3, shape=MATCHZY, pool=POOL):
    return events_of(config(best_of, pool), Outcome(maps=maps), shape)


def told(events, **said):
    return translate([first_word(**said), *deliveries(events)])


def scores(found):
    return [(game.number, *(side.score for side in game.sides)) for game in found.games]


def without(events, *names):
    return [
        event
        for event in events
        if event["event"] not in names
        and f"{event['event']}:{event.get('map_number')}" not in names
    ]


@pytest.mark.parametrize("shape", [MATCHZY, GET5, WITHOUT_IDS])
def test_a_series_says_all_we_need(shape):
    found = told(played((13, 9), (8, 13), (19, 17), shape=shape))
    assert found.match == 5
    assert found.series is found.live is None
    assert scores(found) == [(0, 13, 9), (1, 8, 13), (2, 19, 17)]
    first, second, third = found.games
    assert [game.winner for game in found.games] == [0, 1, 0]
    assert (first.source, first.external_id, first.series, first.game) == (
        "matchzy",
        "7:0",
        "7",
        "cs2",
    )
    assert [game.label for game in found.games] == ["de_ancient", "de_anubis", "de_dust2"]
    assert [side.entrant for side in second.sides] == [41, 42]
    assert third.sides[1].steam_ids == tuple(PLAYERS[1])
    assert all(game.trusted and game.organised for game in found.games)
    # 22 rounds and their end, a minute each.
    assert first.duration == 23 * 60


@pytest.mark.parametrize(
    ("lost", "known"),
    [
        (("series_end",), 3),
        (("series_start", "map_picked", "side_picked", "going_live"), 3),
        (("map_result:0",), 3),
        (("map_result:1",), 3),
        (("map_result:2",), 3),
        (("map_result",), 3),
        (("map_result:0", "map_result:1", "series_end"), 3),
        # Nothing says that the last map is over.
        (("map_result:2", "series_end"), 2),
        (("round_end",), 3),
    ],
)
def test_what_is_lost(lost, known):
    maps = ((13, 9), (8, 13), (13, 11))
    found = told(without(played(*maps), *lost))
    assert scores(found) == [(number, *maps[number]) for number in range(known)]
    assert (found.live is None) == (known == 3)


def test_a_lost_map_whose_last_rounds_are_lost_too_is_not_guessed():
    events = played((13, 9), (8, 13), (13, 11))
    cut = [
        event
        for event in without(events, "map_result:0")
        if not (event.get("map_number") == 0 and event.get("round_number", 0) > 18)
    ]
    found = told(cut)
    assert [number for number, *_ in scores(found)] == [1, 2]


def test_winners_are_told_by_their_scores_only():
    events = played((13, 9), best_of=1)
    for event in events:
        if "winner" in event:
            event["winner"] = {"side": "3", "team": "team2"}
    assert told(events, best_of=1).games[0].winner == 0


def test_a_drawn_map_has_no_winner_and_its_series_no_end():
    events = played((12, 12), best_of=1)
    assert events[-1]["event"] == "map_result"
    assert events[-1]["winner"]["team"] == "team2"
    game = told(events, best_of=1).games[0]
    assert (game.winner, [side.score for side in game.sides]) == (None, [12, 12])


def test_a_tied_best_of_two_ends_with_nobody():
    events = played((13, 9), (8, 13), best_of=2)
    assert events[-1]["winner"]["team"] == "none"
    assert [game.winner for game in told(events, best_of=2).games] == [0, 1]


def test_results_name_no_players_so_the_last_round_does():
    events = played((13, 9), best_of=1)
    result = next(event for event in events if event["event"] == "map_result")
    assert result["team1"]["players"] == []
    assert len(told(events, best_of=1).games[0].sides[0].steam_ids) == 5
    assert told(without(events, "round_end"), best_of=1).games[0].sides[0].steam_ids == ()


def test_bots_are_nobody():
    events = played((13, 9), best_of=1)
    for event in events:
        if event["event"] == "round_end":
            event["team1"]["players"][0]["steamid"] = "BOT"
            event["team1"]["players"][1]["steamid"] = 76561198000000999
            event["team1"]["players"][2] = None
    assert len(told(events, best_of=1).games[0].sides[0].steam_ids) == 3


def test_the_live_score_follows_the_rounds():
    events = played((13, 9), (8, 13), (13, 11))
    found = told(events[:8])
    assert (found.live.number, found.live.label, found.live.score) == (0, "de_ancient", (0, 0))
    found = told(events[:11])
    assert sum(found.live.score) == 3
    assert found.games == ()
    before = next(n for n, each in enumerate(events) if each["event"] == "map_result")
    between = told(events[: before + 1])
    assert (len(between.games), between.live) == (1, None)
    second = told(events[: before + 5])
    assert (second.live.number, second.live.label, sum(second.live.score)) == (1, "de_anubis", 3)
    assert second.live.started_at > second.games[0].started_at


def test_rounds_played_again_after_a_backup_replace_those_undone():
    events = played((13, 11), best_of=1)
    rounds = [event for event in events if event["event"] == "round_end"]
    other = events_of(config(1), Outcome(maps=((13, 4),), seed=1))
    replayed = [e for e in other if e["event"] == "round_end" and e["round_number"] > 10]
    found = told([*rounds[:20], *replayed[:3]], best_of=1)
    assert found.live.score == tuple(replayed[2][team]["score"] for team in ("team1", "team2"))


def test_a_pool_as_long_as_the_series_needs_no_veto():
    pool = POOL[:3]
    found = told(played((13, 9), (8, 13), (13, 11), pool=pool), maps=pool)
    assert [game.label for game in found.games] == list(pool)


@pytest.mark.parametrize("name", ['de_"x"', "workshop/1/de_x", "x" * 41, "", None])
def test_an_odd_map_name_is_not_shown(name):
    events = played((13, 9), (13, 11))
    for event in events:
        if event["event"] == "map_picked":
            event["map_name"] = name
    assert told(events).games[0].label == ""


@pytest.mark.parametrize(("seconds", "duration"), [(0, 0), (5, 0), (60, 23 * 60), (3_600, 0)])
def test_a_duration_that_cannot_be_is_not_known(seconds, duration):
    events = deliveries(played((13, 9), best_of=1), seconds)
    assert translate([first_word(1), *events]).games[0].duration == duration


def test_numbers_as_text_and_keys_nobody_knows():
    events = played((13, 9), best_of=1)
    for event in events:
        event["new"] = {"x": [1]}
        for number in ("map_number", "round_number"):
            if number in event:
                event[number] = str(event[number])
        for team in ("team1", "team2"):
            if "score" in event.get(team, {}):
                event[team]["score"] = str(event[team]["score"])
    assert scores(told(events, best_of=1)) == [(0, 13, 9)]


def test_events_of_the_fork_and_of_nobody_are_ignored():
    events = played((13, 9), best_of=1)
    extra = [
        {"event": "player_ready", "matchid": 7, "team1": "text", "map_number": 4},
        {"event": "demo_upload_ended", "matchid": 7, "map_number": 9, "success": True},
        {"event": "player_disconnect", "matchid": 7, "player": 3},
        {"event": "round_end", "matchid": 7, "map_number": -1, "round_number": 3},
        {"event": "round_end", "matchid": 7, "map_number": 10**12},
        {"event": "round_end", "matchid": 7, "map_number": 1, "team1": {"score": -4}},
        {"event": None},
        [1, 2],
    ]
    found = told([*extra[:4], *events, *extra[4:]], best_of=1)
    assert scores(found) == [(0, 13, 9)]


def test_a_test_tells_nothing():
    assert told(played((13, 9), best_of=1), match=None, entrants=None) == Told()


def test_without_our_own_first_word_nothing_can_be_made_of_it():
    with pytest.raises(Unusable) as caught:
        translate(deliveries(played((13, 9), best_of=1)))
    assert caught.value.reason


@pytest.mark.parametrize(
    ("score", "over"),
    [
        ((13, 0), True),
        ((13, 11), True),
        ((13, 12), False),
        ((12, 12), False),
        ((12, 4), False),
        ((14, 12), False),
        ((15, 15), False),
        ((16, 14), True),
        ((17, 16), False),
        ((19, 17), True),
        ((0, 0), False),
    ],
)
def test_which_scores_end_a_map(score, over):
    assert ends_a_map(*score) is over
    assert ends_a_map(*score[::-1]) is over


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_rubbish_beside_a_load_is_ignored(body):
    assert translate([first_word(), Delivery(subject="7", part="x", body=body)]) == Told(match=5)
    with pytest.raises(Unusable):
        translate([Delivery(subject="7", part="load", body=body)])


# -- whatever order, however often -------------------------------------------

FINALS = st.sampled_from([(13, 0), (13, 11), (4, 13), (16, 14), (12, 12), (17, 19)])
ROUGHLY = settings(max_examples=150, deadline=None)


@st.composite
def loads(draw):
    """A load's deliveries, some lost, and the same again in another order, some twice."""
    maps = draw(st.lists(FINALS, min_size=1, max_size=3))
    shape = draw(st.sampled_from([MATCHZY, GET5]))
    events = played(*maps, best_of=3, shape=shape)
    sent = [first_word(), *deliveries(events)]
    keep = draw(st.sets(st.integers(1, len(sent) - 1), max_size=len(sent)))
    kept = [sent[0], *(sent[n] for n in sorted(keep))]
    again = draw(st.permutations(kept + draw(st.lists(st.sampled_from(kept), max_size=5))))
    return kept, again


@ROUGHLY
@given(loads())
def test_any_order_and_any_repetition_tells_the_same(two):
    kept, again = two
    assert translate(again) == translate(kept)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = ("event", "matchid", "map_number", "round_number", "team1", "team2", "map_name", "score")
EVENTS = st.dictionaries(
    st.sampled_from(FIELDS),
    JSON | st.sampled_from(["round_end", "map_result", "going_live", "series_end"]),
).map(msgspec.json.encode)
BODIES = st.binary(max_size=40) | JSON.map(msgspec.json.encode) | EVENTS


@ROUGHLY
@given(st.lists(st.tuples(st.sampled_from(["", "load", "round_end:0:1"]), BODIES), max_size=6))
def test_no_bytes_raise_anything_but_unusable(parts):
    found = [Delivery(subject="7", part=part, body=body) for part, body in parts]
    with suppress(Unusable):
        assert isinstance(translate(found), Told)
    assert isinstance(translate([first_word(), *found]), Told)
    for each in found:
        if head := head_of(each.body):
            assert len(head.part) <= 60
            assert head.part.isascii()
