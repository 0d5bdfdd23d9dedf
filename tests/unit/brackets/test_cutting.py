"""Who goes on, and who is level at the line."""

import pytest

import brackets
from brackets import BadSpec, Options, Outcome, Spec
from brackets.cutting import Tie, by_coin, by_seed, cut
from brackets.playing import play_by_rule, rule


def circle() -> brackets.Stage:
    """Of four, the first beats all and the others each other in turn."""
    stage = brackets.start(Spec("round_robin", 4))
    beats = {(1, 2), (1, 3), (1, 4), (2, 3), (3, 4), (4, 2)}
    for view in stage.ready:
        stage.apply(view.id, Outcome(0 if view.seeds in beats else 1))
    return stage


def test_a_tie_across_the_line_is_reported() -> None:
    line = cut(circle(), 2)
    assert line.through == [(1, 1, 1)]
    assert line.ties == [Tie(1, [2, 3, 4], 1)]
    assert line.order({1: [4, 2, 3]}) == [1, 4]
    with pytest.raises(BadSpec):
        line.order({})
    with pytest.raises(BadSpec):
        line.order({1: [4, 2]})


def test_a_tie_above_the_line_is_none() -> None:
    line = cut(circle(), 4)
    assert (line.ties, line.order({})) == ([], [1, 2, 3, 4])


def test_ways_to_settle() -> None:
    [tie] = cut(circle(), 3).ties
    assert tie.places == 2
    assert by_seed(tie) == [2, 3, 4]
    assert sorted(by_coin(tie, "a")) == [2, 3, 4]
    assert len({tuple(by_coin(tie, str(n))) for n in range(20)}) > 1


def test_groups_send_their_winners_first() -> None:
    stage = play_by_rule(Spec("round_robin", 8, Options(groups=2)), rule("lower_seed_wins"))
    assert cut(stage, 4).order({}) == [1, 2, 4, 3]
    with pytest.raises(BadSpec):
        cut(stage, 3)


def test_an_elimination_is_cut_by_its_places() -> None:
    stage = play_by_rule(Spec("single_elimination", 8), rule("lower_seed_wins"))
    assert cut(stage, 4).order({}) == [1, 2, 3, 4]
    assert cut(stage, 3).ties == [Tie(1, [3, 4], 1)]


def test_refusals() -> None:
    with pytest.raises(BadSpec):
        cut(brackets.start(Spec("single_elimination", 4)), 2)
    gone = brackets.start(Spec("round_robin", 3))
    for seed in (1, 2):
        gone.remove(seed)
    with pytest.raises(BadSpec):
        cut(gone, 2)
    assert cut(gone, 2, fewer=True).order({}) == [3]


def test_a_group_that_many_have_left_sends_who_stays() -> None:
    stage = play_by_rule(Spec("round_robin", 8, Options(groups=2)), rule("lower_seed_wins"))
    for seed in (1, 4, 5):
        stage.remove(seed)
    with pytest.raises(BadSpec):
        cut(stage, 4)
    # Nobody of the other group moves up for those.
    assert cut(stage, 4, fewer=True).order({}) == [8, 2, 3]
