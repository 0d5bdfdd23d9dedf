"""What all voices together make of a match; the rules, one by one, and blindness to order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import brackets
from tournaments.verdict import GameSeen, Said, SeriesSeen, Terms, weigh

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
BO1, BO2, BO3 = Terms(1), Terms(2, draws=True), Terms(3)


def game(nth, winner, source="opendota", **fields):
    values = {
        "source": source,
        "space": "dota2" if source in ("opendota", "steam") else source,
        "external_id": str(nth),
        "started_at": START + timedelta(hours=nth),
        "winner": winner,
    }
    return GameSeen(**(values | fields))


def mapped(load, number, winner, **fields):
    """One map of a load of a game server."""
    return game(
        number,
        winner,
        "matchzy",
        external_id=f"{load}:{number}",
        series=str(load),
        number=number,
        started_at=START + timedelta(hours=load, minutes=number),
        trusted=True,
        **fields,
    )


def played(a, b):
    winner = None if a == b else int(b > a)
    return brackets.Outcome(winner=winner, kind="played", score=(a, b))


def test_nothing_said_is_nothing_known():
    verdict = weigh(BO1)
    assert (verdict.outcome, verdict.certainty, verdict.score) == (None, "open", None)


def test_one_recognised_game_is_provisional_and_a_trusted_one_final():
    assert weigh(BO1, [game(1, 0)]).certainty == "provisional"
    verdict = weigh(BO1, [game(1, 1, trusted=True)])
    assert (verdict.outcome, verdict.certainty, verdict.source) == (
        played(0, 1),
        "final",
        "opendota",
    )


def test_a_series_is_trusted_when_every_game_that_made_it_is():
    mixed = [game(1, 0, trusted=True), game(2, 0)]
    for games in (mixed, mixed[::-1], [game(1, 0), game(2, 0, trusted=True)]):
        verdict = weigh(BO3, games)
        assert (verdict.outcome, verdict.certainty) == (played(2, 0), "provisional")
    trusted = [game(1, 0, trusted=True), game(2, 0, trusted=True)]
    assert weigh(BO3, trusted).certainty == "final"
    # What came after its end makes it no weaker.
    assert weigh(BO3, [*trusted, game(3, 1)]).certainty == "final"
    # Two captains outweigh a series that is ours in part only.
    verdict = weigh(BO3, mixed, said=[Said(0, (0, 2)), Said(1, (0, 2))])
    assert (verdict.outcome, verdict.certainty) == (played(0, 2), "disputed")


def test_a_series_under_way_shows_its_score():
    verdict = weigh(BO3, [game(1, 0), game(2, 1)])
    assert (verdict.outcome, verdict.score, verdict.agreeing) == (None, (1, 1), ("opendota",))


def test_two_sources_of_one_game_count_it_once_and_make_it_final():
    verdict = weigh(BO3, [game(1, 0), game(1, 0, "steam"), game(2, 0)])
    assert (verdict.outcome, verdict.certainty) == (played(2, 0), "final")
    assert verdict.agreeing == ("opendota", "steam")


def test_a_game_only_the_fallback_knows_fills_the_series():
    verdict = weigh(BO3, [game(1, 0), game(2, 1, "steam"), game(3, 0)])
    assert verdict.outcome == played(2, 1)


def test_sources_that_contradict_each_other_about_one_game_open_a_dispute():
    verdict = weigh(BO1, [game(1, 0), game(1, 1, "steam")])
    assert (verdict.outcome, verdict.certainty) == (played(1, 0), "disputed")
    assert verdict.against == ("steam",)


def test_a_late_game_in_the_middle_only_changes_the_score():
    assert weigh(BO3, [game(1, 0), game(3, 0)]).outcome == played(2, 0)
    assert weigh(BO3, [game(1, 0), game(2, 1), game(3, 0)]).outcome == played(2, 1)


def test_games_beyond_the_end_do_not_count():
    verdict = weigh(BO1, [game(2, 1), game(1, 0)])
    assert verdict.outcome == played(1, 0)
    assert verdict.counted == {"1"}


def test_a_captain_alone_is_only_a_claim():
    verdict = weigh(BO3, said=[Said(0, (2, 1))])
    assert (verdict.outcome, verdict.certainty) == (None, "open")


def test_both_captains_decide():
    verdict = weigh(BO3, said=[Said(0, (2, 1)), Said(1, (2, 1))])
    assert (verdict.outcome, verdict.certainty, verdict.authority, verdict.source) == (
        played(2, 1),
        "final",
        "captains",
        "captains",
    )


def test_captains_who_contradict_each_other_are_a_dispute():
    verdict = weigh(BO1, said=[Said(0, (1, 0)), Said(1, (0, 1))])
    assert (verdict.outcome, verdict.certainty) == (None, "disputed")


def test_a_captain_who_agrees_with_a_provider_makes_it_final():
    assert weigh(BO1, [game(1, 0)], said=[Said(1, (1, 0))]).certainty == "final"


def test_a_captain_who_contradicts_a_provider_opens_a_dispute():
    verdict = weigh(BO1, [game(1, 0, trusted=True)], said=[Said(1, (0, 1))])
    assert (verdict.outcome, verdict.certainty) == (played(1, 0), "disputed")
    assert verdict.against == ("captain 1",)


def test_one_captain_against_the_other_and_a_provider_is_outvoted():
    verdict = weigh(BO1, [game(1, 0)], said=[Said(0, (1, 0)), Said(1, (0, 1))])
    assert (verdict.outcome, verdict.certainty) == (played(1, 0), "final")


def test_both_captains_against_a_server_of_ours_dispute_it_and_do_not_win():
    said = [Said(0, (0, 1)), Said(1, (0, 1))]
    verdict = weigh(BO1, [mapped(7, 0, 0)], said=said)
    assert (verdict.outcome, verdict.certainty) == (played(1, 0), "disputed")


def test_both_captains_against_a_recognised_game_win_but_it_is_disputed():
    said = [Said(0, (0, 1)), Said(1, (0, 1))]
    verdict = weigh(BO1, [game(1, 0)], said=said)
    assert (verdict.outcome, verdict.certainty) == (played(0, 1), "disputed")


def test_a_crashed_load_is_silent_once_another_has_finished_a_map():
    verdict = weigh(BO3, [mapped(7, 0, 0), mapped(8, 0, 1), mapped(8, 1, 1)])
    assert (verdict.outcome, verdict.certainty) == (played(0, 2), "final")
    assert weigh(BO3, [mapped(7, 0, 0), mapped(8, 0, 1)]).score == (0, 1)


def test_two_finished_loads_that_differ_are_a_dispute():
    verdict = weigh(BO1, [mapped(7, 0, 0), mapped(8, 0, 1)])
    assert verdict.certainty == "disputed"


def test_a_finished_load_stands_beside_one_that_has_only_begun():
    games = [mapped(7, 0, 0), mapped(7, 1, 0), mapped(8, 0, 1)]
    assert weigh(BO3, games).outcome == played(2, 0)


@pytest.mark.parametrize(
    ("terms", "winners", "outcome", "stuck"),
    [
        (Terms(1, draws=True), [None], played(0, 0), False),
        (Terms(1), [None], None, True),
        (BO2, [0, 1], played(1, 1), False),
        (Terms(2, draws=True), [0, 0], played(2, 0), False),
        (BO3, [0, None, 1], None, True),
        (BO3, [0, None, 0], played(2, 0), False),
        (BO2, [None, None], None, True),
    ],
)
def test_drawn_maps(terms, winners, outcome, stuck):
    games = [mapped(7, number, winner) for number, winner in enumerate(winners)]
    verdict = weigh(terms, games)
    assert (verdict.outcome, verdict.stuck) == (outcome, stuck)


@pytest.mark.parametrize(
    ("told", "outcome", "stuck"),
    [
        (SeriesSeen(source="f", kind="played", winner=0, score=(2, 1)), played(2, 1), False),
        (
            SeriesSeen(source="f", kind="played", winner=1),
            brackets.Outcome(winner=1, kind="played", score=None),
            False,
        ),
        (
            SeriesSeen(source="f", kind="walkover", winner=1),
            brackets.Outcome(winner=1, kind="walkover", score=None),
            False,
        ),
        (SeriesSeen(source="f", kind="cancelled", winner=None), None, True),
        (SeriesSeen(source="f", kind="played", winner=None, score=(1, 1)), None, True),
        (SeriesSeen(source="f", kind="played", winner=1, score=(2, 1)), None, True),
        (SeriesSeen(source="f", kind="played", winner=0, score=(13, 7)), None, True),
    ],
)
def test_series_told_at_once(told, outcome, stuck):
    verdict = weigh(BO3, series=[told])
    assert (verdict.outcome, verdict.stuck) == (outcome, stuck)


def test_a_best_of_one_told_without_a_score_has_one():
    told = SeriesSeen(source="f", kind="played", winner=1)
    assert weigh(BO1, series=[told]).outcome == played(0, 1)


def test_a_head_start_counts():
    verdict = weigh(Terms(3, head_start=1), [game(1, 0)])
    assert verdict.outcome == played(2, 0)


# -- blindness to order ----------------------------------------------------

GAMES = st.builds(
    game,
    st.integers(1, 4),
    st.sampled_from([0, 1]),
    st.sampled_from(["opendota", "steam"]),
    trusted=st.booleans(),
)
MAPS = st.builds(mapped, st.integers(1, 3), st.integers(0, 2), st.sampled_from([0, 1, None]))
SERIES = st.builds(
    SeriesSeen,
    source=st.sampled_from(["faceit", "other"]),
    kind=st.sampled_from(["played", "walkover", "cancelled"]),
    winner=st.sampled_from([0, 1, None]),
    score=st.sampled_from([None, (2, 0), (2, 1), (0, 2), (1, 1), (1, 0)]),
    trusted=st.booleans(),
)
REPORTS = st.builds(
    Said, st.sampled_from([0, 1]), st.sampled_from([(2, 0), (2, 1), (1, 2), (1, 1)])
)


def once(items, key):
    """As the database keeps them: one row for each key."""
    return list({key(each): each for each in items}.values())


@settings(max_examples=2_000, deadline=None)
@given(
    st.lists(st.one_of(GAMES, MAPS), max_size=7),
    st.lists(SERIES, max_size=2),
    st.lists(REPORTS, max_size=2),
    st.sampled_from([Terms(1), Terms(1, draws=True), BO2, BO3, Terms(5), Terms(3, head_start=1)]),
    st.randoms(use_true_random=False),
)
def test_the_verdict_is_blind_to_order(games, series, said, terms, chance):
    games = once(games, lambda each: (each.source, each.external_id))
    series = once(series, lambda each: each.source)
    said = once(said, lambda each: each.side)
    first = weigh(terms, games, series, said)
    for evidence in (games, series, said):
        chance.shuffle(evidence)
    again = weigh(terms, games, series, said)
    assert (again.outcome, again.certainty, again.source, again.score) == (
        first.outcome,
        first.certainty,
        first.source,
        first.score,
    )
    assert (set(again.agreeing), set(again.against)) == (set(first.agreeing), set(first.against))
    assert again.counted == first.counted


def one_map(number, winner):
    """A map of a series that its source tells whole."""
    return game(number, winner, "faceit", series="1-x", number=number, told_whole=True)


WHOLE = SeriesSeen(source="faceit", kind="played", winner=0, score=(2, 1))


def test_games_of_a_told_series_are_no_voice_of_their_own():
    maps = [one_map(0, 0), one_map(1, 1), one_map(2, 0)]
    verdict = weigh(BO3, maps, [WHOLE])
    assert (verdict.outcome, verdict.certainty) == (played(2, 1), "provisional")
    assert verdict.agreeing == ("faceit",)


def test_maps_that_are_not_all_there_contradict_nothing():
    for some in ([one_map(1, 1)], [one_map(1, 1), one_map(0, 1)], []):
        verdict = weigh(BO3, some, [WHOLE])
        assert (verdict.outcome, verdict.certainty) == (played(2, 1), "provisional")
        assert verdict.against == ()


def test_maps_without_their_series_decide_nothing():
    verdict = weigh(BO1, [one_map(0, 0)])
    assert (verdict.outcome, verdict.certainty, verdict.score) == (None, "open", None)


@given(st.permutations([one_map(0, 0), one_map(1, 1), one_map(2, 0), mapped(7, 0, 1)]))
def test_maps_of_a_told_series_change_nothing_in_any_order(games):
    ours = [each for each in games if not each.told_whole]
    assert weigh(BO3, games, [WHOLE]) == weigh(BO3, ours, [WHOLE])
