"""Why this opponent, why this place, and what is still needed."""

import pytest

import brackets
from brackets import BadSpec, Options, Outcome, Reason, Spec
from brackets.explaining import what_is_needed, why_opponents
from brackets.playing import play_by_rule, rule


def test_why_two_meet_in_an_elimination() -> None:
    stage = brackets.start(Spec("double_elimination", 7))
    assert why_opponents(stage, "U1.2") == (Reason("seeds", {"a": 4, "b": 5}),)
    # Seed 1 and the loser of U1.2 come through byes: of those nobody speaks.
    assert why_opponents(stage, "U2.1")[0] == Reason("waits", {"seed": 1})
    assert [each.code for each in why_opponents(stage, "U2.1")] == ["waits", "won"]
    assert [each.code for each in why_opponents(stage, "L1.2")] == ["lost", "lost"]
    assert [each.code for each in why_opponents(stage, "L2.1")] == ["dropped", "dropped"]
    # Seed 1 had a bye, so nobody comes down from its match.
    ladder = brackets.start(Spec("gauntlet", 3))
    assert [each.code for each in why_opponents(ladder, "U2.1")] == ["waits", "won"]
    alone = brackets.start(Spec("single_elimination", 3))
    assert why_opponents(alone, "U1.1")[1] == Reason("nobody", {})


def test_nobody_has_won_a_bye_before_it_is_played_either() -> None:
    five = brackets.start(Spec("double_elimination", 5))
    # Both second rounds of a half that the best seeds fill by byes.
    assert why_opponents(five, "U2.2") == (Reason("seeds", {"a": 2, "b": 3}),)


def test_why_two_meet_in_tables() -> None:
    groups = brackets.start(Spec("round_robin", 4))
    assert why_opponents(groups, "G1.1.1") == (Reason("everybody", {"legs": 1}),)
    swiss = play_by_rule(Spec("swiss", 5, Options(rounds=4)), rule("lower_seed_wins"))
    codes = {why_opponents(swiss, view.id)[0].code for view in swiss.matches}
    assert {"swiss_equal", "swiss_nearest", "swiss_bye"} <= codes
    full = play_by_rule(Spec("swiss", 2, Options(rounds=2)), rule("lower_seed_wins"))
    assert why_opponents(full, "S2.1")[0].code == "swiss_rematch"
    for rules, first in (("valve-2024", "valve_half"), ("valve-2021", "valve_fold")):
        valve = play_by_rule(
            Spec("swiss_limits", 16, Options(rules=rules)), rule("lower_seed_wins")
        )
        seen = {why_opponents(valve, view.id)[0].code for view in valve.matches}
        assert first in seen
        assert ("valve_table" in seen) == (rules == "valve-2024")
        assert "valve_high_low" in seen
    small = play_by_rule(Spec("swiss_limits", 3), rule("lower_seed_wins"))
    codes = {why_opponents(small, view.id)[0].code for view in small.matches}
    assert {"valve_rematch", "swiss_bye"} <= codes


def test_rounds_somebody_paired_by_hand_say_so() -> None:
    for spec in (Spec("swiss", 4, Options(rounds=2)), Spec("swiss_limits", 4)):
        stage = brackets.Stage(spec, brackets.format_of(spec), pairings={1: [(1, 2), (3, 4)]})
        assert why_opponents(stage, "S1.1")[0].code == "by_hand"
        with pytest.raises(BadSpec):
            brackets.Stage(spec, brackets.format_of(spec), pairings={1: [(1, 2), (1, 4)]})


def test_why_this_place_names_each_tie_break_with_its_numbers() -> None:
    stage = play_by_rule(
        Spec("round_robin", 3, Options(tie_breaks=("points", "coin"), coin="x")),
        lambda low, high, _: low if (low, high) != (1, 3) else high,
    )
    steps = stage.standings[0].steps
    assert [step.tie_break for step in steps] == ["points", "coin"]
    assert {value for _, value in steps[0].values} == {1}
    assert steps[-1].after == (stage.standings[0].seed,)


def left_open(entrants: int, matches: int, **options: object) -> brackets.Stage:
    """A round robin in which the better seed wins, but the last matches are open."""
    stage = brackets.start(Spec("round_robin", entrants, Options(**options)))
    for view in stage.ready[:-matches]:
        stage.apply(view.id, Outcome(0 if view.seeds[0] < view.seeds[1] else 1))
    return stage


def test_what_is_needed_is_counted_exactly() -> None:
    stage = left_open(4, 2)
    first = what_is_needed(stage, 1, 2)
    assert first.exact
    assert {need.own for need in first.needs} == {"win", "loss"}
    assert sum(need.ways for need in first.needs) == 4
    assert all(need.through + need.tied <= need.ways for need in first.needs)
    drawn = what_is_needed(left_open(4, 2, best_of=2), 1, 2)
    assert {need.own for need in drawn.needs} == {"win", "draw", "loss"}
    rest = what_is_needed(left_open(4, 1), stage.ready[0].seeds[0], 2)
    assert rest.exact


def test_who_has_no_match_now_looks_on() -> None:
    stage = left_open(4, 1)
    idle = next(seed for seed in (1, 2, 3, 4) if seed not in stage.ready[0].seeds)
    assert [need.own for need in what_is_needed(stage, idle, 2).needs] == ["rest"]


def test_a_sure_place_and_a_lost_one() -> None:
    stage = left_open(4, 1)
    best, worst = stage.standings[0].seed, stage.standings[-1].seed
    assert all(need.through == need.ways for need in what_is_needed(stage, best, 3).needs)
    assert all(need.through == 0 for need in what_is_needed(stage, worst, 1).needs)


def test_many_rounds_to_come_are_an_estimate_the_same_each_time() -> None:
    stage = brackets.start(Spec("swiss_limits", 8))
    outlook = what_is_needed(stage, 1, 4)
    assert not outlook.exact
    assert outlook == what_is_needed(stage, 1, 4)
    win, loss = outlook.needs
    assert win.through > loss.through
    with pytest.raises(BadSpec):
        what_is_needed(brackets.start(Spec("gauntlet", 4)), 1, 2)
