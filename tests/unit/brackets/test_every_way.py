"""What the engine does in corners that no vector visits."""

import runpy
import sys

import pytest

import brackets
from brackets import BadSpec, Options, Outcome, Spec
from brackets.table import Line, Meeting, table
from tests.unit.brackets.golden import run

WIN = Outcome(0)


def stage(format_: str, entrants: int, **options: object) -> brackets.Stage:
    return brackets.start(Spec(format_, entrants, Options(**options)))


def play(made: brackets.Stage, outcome: Outcome = WIN) -> brackets.Stage:
    while ready := made.ready_ids:
        for id_ in ready:
            made.apply(id_, outcome)
    return made


def test_the_module_is_the_command_line(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["brackets"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("brackets", run_name="__main__")
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_undo_in_a_swiss_takes_the_later_round_along() -> None:
    made = stage("swiss", 4, rounds=2)
    for id_ in ("S1.1", "S1.2", "S2.1"):
        made.apply(id_, WIN)
    with pytest.raises(brackets.HasSuccessors) as refused:
        made.undo("S1.2")
    assert refused.value.matches == ["S2.1"]
    assert made.undo("S1.2", cascade=True) == ["S1.2", "S2.1", "S2.2"]
    assert made.ready_ids == ["S1.2"]
    # Matches that nobody has played are no reason to ask.
    made.apply("S1.2", WIN)
    made.undo("S1.2")
    assert not made.complete


def test_undo_of_a_final_that_made_the_reset_needless() -> None:
    made = play(stage("double_elimination", 4))
    assert made.find("F2.1") is None
    made.undo("F1.1")
    assert made.match("F2.1").state == "waiting"
    assert made.ready_ids == ["F1.1"]


def test_undo_calls_back_whoever_went_on_without_a_match() -> None:
    made = stage("single_elimination", 4)
    made.remove(1)
    made.apply("U1.2", WIN)
    made.undo("U1.2")
    assert made.match("U2.1").seeds == (4, None)
    both = stage("double_elimination", 4)
    both.apply("U1.1", Outcome(None, "double_forfeit"))
    assert both.match("L1.1").state == "waiting"
    both.apply("U1.2", WIN)
    assert both.match("U2.1").state == "bye"
    both.undo("U1.2")
    assert both.match("U2.1").state == "waiting"


def test_an_amended_outcome_keeps_its_winner() -> None:
    made = stage("round_robin", 3)
    made.apply("G1.1.1", Outcome(0, score=(2, 0)))
    assert made.amend("G1.1.1", Outcome(0, score=(2, 1))) == ["G1.1.1"]
    with pytest.raises(brackets.BadOutcome):
        made.amend("G1.1.1", Outcome(1))
    made.apply("G1.2.1", Outcome(None))
    with pytest.raises(brackets.BadOutcome):
        made.amend("G1.2.1", Outcome(None, "double_forfeit"))


def test_bad_outcomes_and_bad_removals() -> None:
    made = stage("gauntlet", 3)
    for bad in (Outcome(None, "walkover"), Outcome(None, "forfeit")):
        with pytest.raises(brackets.BadOutcome):
            made.apply("U1.1", bad)
    made.apply("U1.1", Outcome(1, "walkover", score=(0, 0)))
    with pytest.raises(BadSpec):
        made.remove(4)
    assert made.remove(1) != []
    assert made.remove(1) == []


def test_a_stage_that_is_not_over_has_no_champion() -> None:
    made = stage("gauntlet", 3)
    assert made.champion is None
    assert play(made).champion == 1
    nobody = stage("gauntlet", 2)
    nobody.apply("U1.1", Outcome(None, "double_forfeit"))
    assert nobody.complete
    assert nobody.champion is None


def test_where_several_win_nobody_is_champion() -> None:
    for format_, entrants, options in (
        ("round_robin", 6, {"groups": 2}),
        ("gsl", 8, {"groups": 2}),
        ("double_elimination", 4, {"grand_final": "none"}),
    ):
        made = play(stage(format_, entrants, **options))
        assert made.complete
        assert made.champion is None, format_
    assert play(stage("round_robin", 4)).champion
    assert play(stage("double_elimination", 4)).champion


def test_an_outcome_that_has_no_match_is_refused() -> None:
    spec = Spec("gauntlet", 3)
    with pytest.raises(brackets.NotReady):
        brackets.fold(spec, {"U9.1": WIN})
    made = stage("gauntlet", 3)
    with pytest.raises(brackets.UnknownMatch):
        brackets.rebuild(made, outcomes={"U2.1": WIN})
    made.apply("U1.1", WIN)
    back = brackets.rebuild(made, outcomes={"U1.1": None})
    assert back.stage.ready_ids == ["U1.1"]


def test_a_round_robin_may_void_who_left() -> None:
    points = {}
    for removed in ("keep", "void"):
        made = play(stage("round_robin", 3, removed=removed))
        made.remove(3)
        points[removed] = sum(row.points for row in made.standings)
        assert made.placements == [(1, [1]), (2, [2])]
        assert made.active == [1, 2]
    assert points == {"keep": 3, "void": 1}


def test_double_elimination_without_a_grand_final_or_with_an_advantage() -> None:
    assert [p for p, _ in play(stage("double_elimination", 4, grand_final="none")).placements] == [
        1,
        2,
        3,
        4,
    ]
    made = stage("double_elimination", 4, grand_final="advantage", best_of=3)
    assert play(made).match("F1.1").head_start == (1, 0)
    two = play(stage("double_elimination", 2, grand_final="single"))
    assert two.placements == [(1, [1]), (2, [2])]


def test_a_table_leaves_out_byes_of_others() -> None:
    lines = table([1], [Meeting(2, None, 2), Meeting(1, None, 1)], Options().points)
    assert lines[1].byes == 1
    assert Line(4).points == 0


def test_accelerated_the_upper_half_starts_one_up() -> None:
    made = stage("swiss", 8, rounds=3, accelerated=True)
    assert [view.seeds for view in made.ready] == [(1, 3), (2, 4), (5, 7), (6, 8)]


def test_those_who_are_all_gone_have_no_places() -> None:
    made = stage("round_robin", 2)
    made.remove(1)
    made.remove(2)
    assert made.complete
    assert made.placements == []


def test_a_swiss_round_of_nobody_who_can_meet() -> None:
    made = stage("swiss_limits", 3, wins=1, losses=1)
    assert play(made).complete
    with pytest.raises(BadSpec):
        spec = Spec("swiss_limits", 4)
        brackets.Stage(spec, brackets.format_of(spec), pairings={1: [(1, 2)]})


@pytest.mark.parametrize("limits", [(1, 1), (1, 3), (2, 2), (3, 3), (4, 2)])
def test_a_swiss_with_limits_never_takes_more_rounds_than_it_says(limits):
    wins, losses = limits
    made = stage("swiss_limits", 32, wins=wins, losses=losses)
    assert len(play(made).rounds) == made.format.rounds(made.spec) == wins + losses - 1


def test_what_is_shown_of_a_stage_in_play() -> None:
    request = {"format": "gauntlet", "entrants": 3}
    answer = run("play", request)
    assert [len(each["matches"]) for each in answer["rounds"]] == [1]
    assert [row["place"] for row in answer["standings"]] == [None, None, None]
    ladder = {"format": "ladder", "entrants": 3, "results": "lower_seed_wins"}
    assert run("check", ladder | run("play", ladder))["violations"] == []


def test_what_has_fallen_does_not_come_back_by_itself() -> None:
    made = stage("single_elimination", 4)
    made.remove(4)
    made.apply("U1.2", WIN)
    made.apply("U2.1", WIN)
    back = brackets.rebuild(made, removed={})
    assert back.fallen == ["U2.1"]
    # 1 is through again, and meets 2 again: but that result was taken away.
    back.stage.remove(4)
    assert back.stage.match("U2.1").state == "ready"


def test_byes_of_both_brackets_have_no_number() -> None:
    made = stage("double_elimination", 5)
    # Of the lower bracket some know nobody yet, and still are no match.
    numbers = {view.id: view.number for view in made.matches}
    play(made)
    byes = {view.id for view in made.matches if view.state == "bye"}
    assert {id_[0] for id_ in byes} == {"U", "L"}
    assert {id_ for id_, number in numbers.items() if not number} == byes
    assert sorted(filter(None, numbers.values())) == list(range(1, len(numbers) - len(byes) + 1))
