"""The ladder: challenges, places, and everything around them."""

import pytest

import brackets
from brackets import BadSpec, Options, Outcome, Reason, Spec
from brackets.explaining import what_is_needed, why_opponents
from tests.unit.brackets.golden import run

UP, DOWN = Outcome(1), Outcome(0)


def ladder(entrants: int, pairings=None, **options: object) -> brackets.Stage:
    spec = Spec("ladder", entrants, Options(**options))
    return brackets.Stage(spec, brackets.format_of(spec), pairings=pairings)


def order(stage: brackets.Stage) -> list[int]:
    return [row.seed for row in stage.standings]


def test_without_challenges_everybody_challenges_the_next_above() -> None:
    stage = ladder(5, rounds=2)
    assert [view.seeds for view in stage.ready] == [(1, 2), (3, 4)]
    stage.apply("S1.1", UP)
    stage.apply("S1.2", DOWN)
    assert order(stage) == [2, 1, 3, 4, 5]
    assert [view.seeds for view in stage.ready] == [(1, 3), (4, 5)]
    stage.apply("S2.1", DOWN)
    stage.apply("S2.2", UP)
    assert stage.complete
    assert stage.placements == [(1, [2]), (2, [1]), (3, [3]), (4, [5]), (5, [4])]


@pytest.mark.parametrize("entrants", [2, 3, 4, 7, 8])
def test_the_best_of_all_comes_from_the_last_place_to_the_first(entrants: int) -> None:
    stage = ladder(entrants)
    while stage.ready:
        for view in stage.ready:
            stage.apply(view.id, UP if entrants == view.seeds[1] else DOWN)
    assert order(stage) == [entrants, *range(1, entrants)]


def test_who_beats_somebody_far_above_takes_the_place_and_those_between_move_down() -> None:
    stage = ladder(5, {1: [(5, 2), (3, 4)]}, rounds=1)
    assert [view.seeds for view in stage.ready] == [(2, 5), (3, 4)]
    stage.apply("S1.1", UP)
    stage.apply("S1.2", DOWN)
    assert order(stage) == [1, 5, 2, 3, 4]
    assert why_opponents(stage, "S1.1") == (Reason("challenge", {"a": 2, "b": 5}),)
    assert stage.standings[1].steps[0].tie_break == "ladder"


@pytest.mark.parametrize("pairs", [[(1, 2), (2, 3)], [(1, 9)], [(1, 1)]])
def test_a_challenge_is_between_two_who_are_in_no_other(pairs: list) -> None:
    with pytest.raises(BadSpec):
        ladder(4, {1: pairs})


def test_who_leaves_gives_up_its_place() -> None:
    stage = ladder(4, rounds=3)
    stage.remove(1)
    assert stage.match("S1.1").winner == 2
    stage.apply("S1.2", UP)
    assert [view.seeds for view in stage.ready] == [(4, 3)]
    assert stage.placements == []
    stage.apply("S2.1", Outcome(None, "double_forfeit"))
    stage.apply("S3.1", DOWN)
    assert stage.placements == [(1, [2]), (2, [4]), (3, [3])]


def test_the_last_one_left_has_nobody_to_meet() -> None:
    stage = ladder(2)
    stage.remove(2)
    assert stage.complete
    assert stage.champion == 1


def test_what_is_needed_at_the_end_counts_the_order_of_the_matches() -> None:
    stage = ladder(4, {1: [(4, 1), (3, 2)]}, rounds=1)
    outlook = what_is_needed(stage, 4, 1)
    assert outlook.exact
    assert [(need.own, need.through, need.ways) for need in outlook.needs] == [
        ("win", 2, 2),
        ("loss", 0, 2),
    ]


def test_on_the_command_line_the_entries_of_a_round_are_its_challenges() -> None:
    request = {
        "format": "ladder",
        "entrants": 4,
        "options": {"rounds": 2},
        "results": [
            {"round": 1, "seeds": [4, 1], "winner": 4, "score": [2, 0]},
            {"round": 2, "seeds": [3, 2], "winner": 3},
        ],
    }
    answer = run("play", request)
    assert answer["complete"]
    assert answer["placements"] == [[1, [4]], [2, [1]], [3, [3]], [4, [2]]]
    assert [each["bracket"] for each in answer["rounds"]] == ["ladder", "ladder"]
    assert run("check", request | answer)["violations"] == []
    answer["placements"] = [[1, [1]], [2, [4]], [3, [3]], [4, [2]]]
    assert run("check", request | answer)["violations"] == ["the ladder is [4, 1, 3, 2]"]


def test_no_tie_break_ranks_before_the_ladder() -> None:
    request = {
        "format": "ladder",
        "entrants": 3,
        "options": {"rounds": 1, "tie_breaks": ["points"]},
        "results": [{"seeds": [1, 2], "winner": 1}],
    }
    answer = run("play", request)
    assert answer["placements"] == [[1, [1]], [2, [2]], [3, [3]]]
    assert run("check", request | answer)["violations"] == []


def test_rounds_may_be_left_out_where_the_challenges_are_the_usual_ones() -> None:
    results = [
        {"seeds": [2, 1], "winner": 2},
        {"seeds": [3, 4], "winner": 4, "round": 1},
        {"seeds": [1, 4], "winner": 1},
    ]
    request = {"format": "ladder", "entrants": 4, "options": {"rounds": 2}, "results": results}
    answer = run("play", request)
    assert answer["complete"]
    assert answer["placements"] == [[1, [2]], [2, [1]], [3, [4]], [4, [3]]]
