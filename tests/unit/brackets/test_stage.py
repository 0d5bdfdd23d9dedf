"""A stage in play: what may be done to it, and what it then says."""

import pytest

import brackets
from brackets import Options, Outcome, Spec

WIN = Outcome(0)


def stage(entrants: int, **options: object) -> brackets.Stage:
    return brackets.start(Spec("single_elimination", entrants, Options(**options)))


def test_byes_advance_at_once_and_have_no_number() -> None:
    made = stage(6)
    assert [match.number for match in made.matches] == [0, 1, 0, 2, 3, 4, 5]
    assert made.match("U1.1").state == "bye"
    assert made.match("U2.1").slots[0].seed == 1
    assert made.match("U1.1").slots[1].empty
    assert made.match("U1.1").slots[1].source == brackets.Bye()


def test_sources_and_targets_name_the_neighbours() -> None:
    made = stage(4, third_place=True)
    final, third = made.match("U2.1"), made.match("T1.1")
    assert final.slots[0].source == brackets.WinnerOf("U1.1")
    assert third.slots[1].source == brackets.LoserOf("U1.2")
    assert made.match("U1.2").winner_to == ("U2.1", 1)
    assert made.match("U1.2").loser_to == ("T1.1", 1)
    assert made.match("U1.1").slots[0].source == brackets.Seed(1)
    assert third.number < final.number


def test_the_same_outcome_twice_changes_nothing() -> None:
    made = stage(4)
    assert made.apply("U1.1", WIN) == ["U1.1", "U2.1"]
    assert made.apply("U1.1", WIN) == []


def test_refusals() -> None:
    made = stage(4)
    with pytest.raises(brackets.NotReady):
        made.apply("U2.1", WIN)
    with pytest.raises(brackets.UnknownMatch):
        made.apply("U9.9", WIN)
    with pytest.raises(brackets.NotReady):
        made.undo("U1.1")
    made.apply("U1.1", WIN)
    with pytest.raises(brackets.AlreadyDecided):
        made.apply("U1.1", Outcome(1))
    for bad in (
        Outcome(None),
        Outcome(0, "double_forfeit"),
        Outcome(0, score=(1, 2)),
        Outcome(1, score=(-1, 2)),
    ):
        with pytest.raises(brackets.BadOutcome):
            made.apply("U1.2", bad)


def test_undo_asks_for_what_rests_on_it_first() -> None:
    made = stage(4, third_place=True)
    for key in ("U1.1", "U1.2", "T1.1", "U2.1"):
        made.apply(key, WIN)
    assert made.complete
    assert made.champion == 1
    assert made.affected("U1.1") == ["U2.1", "T1.1"]
    with pytest.raises(brackets.HasSuccessors) as caught:
        made.undo("U1.1")
    assert caught.value.matches == ["U2.1", "T1.1"]
    assert made.undo("U1.1", cascade=True) == ["U1.1", "T1.1", "U2.1"]
    assert made.match("U2.1").state == "waiting"
    assert made.champion is None
    assert not made.complete


def test_amend_keeps_the_winner_and_moves_nobody() -> None:
    made = stage(2, best_of=3)
    made.apply("U1.1", Outcome(0, score=(2, 0)))
    assert made.amend("U1.1", Outcome(0, score=(2, 1))) == ["U1.1"]
    assert made.match("U1.1").outcome == Outcome(0, score=(2, 1))
    with pytest.raises(brackets.BadOutcome):
        made.amend("U1.1", Outcome(1))


def test_a_double_forfeit_gives_the_next_opponent_a_bye() -> None:
    made = stage(4, third_place=True)
    made.apply("U1.1", Outcome(None, "double_forfeit"))
    made.apply("U1.2", WIN)
    assert made.match("U2.1").state == "bye"
    assert made.champion == 2
    assert made.complete
    assert made.placements == [(1, [2]), (3, [1, 3, 4])] or made.placements[0] == (1, [2])
    made.undo("U1.1")
    assert made.match("U2.1").state == "waiting"


def test_a_double_forfeit_in_the_final_leaves_the_first_place_free() -> None:
    made = stage(2)
    made.apply("U1.1", Outcome(None, "double_forfeit"))
    assert made.complete
    assert made.placements == [(2, [1, 2])]
    assert made.champion is None


def test_everybody_out_still_finishes() -> None:
    made = stage(4, third_place=True)
    made.apply("U1.1", Outcome(None, "double_forfeit"))
    made.apply("U1.2", Outcome(None, "double_forfeit"))
    assert made.complete
    assert made.champion is None


def test_best_of_by_round() -> None:
    options = {"final": 5, "third_place": 3, "upper:2": 3}
    made = stage(8, third_place=True, round_best_of=options)
    assert {match.id: match.best_of for match in made.matches if match.position == 1} == {
        "U1.1": 1,
        "U2.1": 3,
        "T1.1": 3,
        "U3.1": 5,
    }


def test_three_entrants_have_no_match_for_third_place() -> None:
    assert [match.bracket for match in stage(3, third_place=True).matches] == ["upper"] * 3


def test_fold_does_not_mind_the_order() -> None:
    spec = Spec("single_elimination", 4)
    outcomes = {"U2.1": WIN, "U1.2": WIN, "U1.1": Outcome(1)}
    assert brackets.fold(spec, outcomes).champion == 4
    with pytest.raises(brackets.NotReady):
        brackets.fold(spec, {"U2.1": WIN})
