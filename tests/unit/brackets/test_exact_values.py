"""Numbers and reasons to the last digit: what mutation testing found nobody looking at."""

from hashlib import sha256

import pytest

import brackets
from brackets import Options, Outcome, Points, Reason, Spec
from brackets.errors import BadSpec
from brackets.table import Meeting
from brackets.tie_breaks import rank

WIN, LOSS, DRAW = Outcome(0), Outcome(1), Outcome(None)


def stage(format_: str, entrants: int, **options: object) -> brackets.Stage:
    return brackets.start(Spec(format_, entrants, Options(**options)))


def play_round(made: brackets.Stage, *outcomes: Outcome) -> None:
    for id_, outcome in zip(made.ready_ids, outcomes, strict=True):
        made.apply(id_, outcome)


# -- tie-breaks ------------------------------------------------------------


@pytest.mark.parametrize("coin", ["", "heads"])
def test_a_coin_is_the_sha_256_of_its_seed_and_the_entrant(coin: str) -> None:
    ranking = rank(range(1, 9), [], Points(), ["coin"], coin=coin)
    digests = {seed: sha256(f"{coin}:{seed}".encode()).hexdigest() for seed in range(1, 9)}
    assert ranking.groups == [[seed] for seed in sorted(digests, key=digests.__getitem__)]
    assert ranking.values == {seed: {"coin": each[:8]} for seed, each in digests.items()}
    assert dict(ranking.steps[1][0].values) == {seed: each[:8] for seed, each in digests.items()}


def test_the_coin_of_a_stage_is_the_one_that_is_stored() -> None:
    made = stage("round_robin", 2, coin="tails", tie_breaks=("coin",))
    first = min((1, 2), key=lambda seed: sha256(f"tails:{seed}".encode()).hexdigest())
    assert made.standings[0].seed == first


def test_an_unlisted_coin_is_the_empty_one() -> None:
    assert rank([1, 2], [], Points(), ["coin"]) == rank([1, 2], [], Points(), ["coin"], coin="")


def test_whole_numbers_are_shown_whole_and_halves_as_halves() -> None:
    meetings = [Meeting(1, 2, None), Meeting(3, None, 3)]
    values = rank([1, 2, 3], meetings, Points(), ["points"]).values
    assert [values[seed]["points"] for seed in (1, 2, 3)] == [0.5, 0.5, 1]
    assert type(values[3]["points"]) is int


def test_sonneborn_berger_counts_a_bye_as_beating_an_equal() -> None:
    meetings = [Meeting(1, None, 1), Meeting(1, 2, 1), Meeting(2, 3, 2), Meeting(1, 3, None)]
    values = rank([1, 2, 3], meetings, Points(), ["sonneborn_berger"]).values
    # 1 has 2.5 points: its bye gives 2.5, beating 2 gives 1, half of 3's 0.5 is 0.25.
    assert values[1]["sonneborn_berger"] == 3.75
    assert values[2]["sonneborn_berger"] == 0.5


def test_head_to_head_needs_all_of_them_to_have_met_and_leaves_byes_out() -> None:
    chain = [Meeting(1, 2, 2), Meeting(2, 3, 3)]
    assert rank([1, 2, 3], chain, Points(), ["head_to_head"]).groups == [[1, 2, 3]]
    met = [*chain, Meeting(1, 3, 3), Meeting(1, None, 1), Meeting(1, None, 1)]
    assert rank([1, 2, 3], met, Points(), ["head_to_head"]).groups == [[3], [2], [1]]


def test_nobody_is_asked_about_a_tie_with_itself() -> None:
    meetings = [Meeting(1, 2, 1)]
    ranking = rank([1, 2], meetings, Points(), ["points", "wins", "head_to_head"])
    assert [step.tie_break for step in ranking.steps[1]] == ["points"]
    assert rank([], [], Points(), ["points"]).groups == []
    assert rank([1, 2], meetings, Points(), ["points"], ranked=[2]).groups == [[2]]


# -- Swiss -----------------------------------------------------------------


@pytest.mark.parametrize(("entrants", "rounds"), [(2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4)])
def test_as_many_rounds_as_leave_one_without_a_loss(entrants: int, rounds: int) -> None:
    made = stage("swiss", entrants)
    while made.ready_ids:
        play_round(made, *[WIN] * len(made.ready_ids))
    assert len(made.rounds) == rounds


def test_what_is_wrong_with_a_swiss_is_said() -> None:
    with pytest.raises(BadSpec, match=r"^entrants must be 2 to 4096, not 1$"):
        stage("swiss", 1)
    with pytest.raises(BadSpec, match=r"^rounds must be 1 to 40, not 0$"):
        stage("swiss", 4, rounds=0)


def test_rounds_of_a_swiss_may_have_their_own_length() -> None:
    made = stage("swiss", 4, rounds=2, best_of=1, round_best_of={"swiss:2": 3})
    play_round(made, WIN, WIN)
    assert [view.best_of for view in made.matches] == [1, 1, 3, 3]


def test_why_two_meet_in_a_swiss() -> None:
    made = stage("swiss", 5, rounds=4)
    assert made.rounds[0].reasons == (
        Reason("swiss_equal", {"a": 0, "b": 0}),
        Reason("swiss_equal", {"a": 0, "b": 0}),
        Reason("swiss_bye", {}),
    )
    play_round(made, WIN, DRAW)
    lines = {row.seed: row.points for row in made.standings}
    for (a, b), reason in zip(made.rounds[1].pairs, made.rounds[1].reasons, strict=False):
        code = "swiss_equal" if lines[a] == lines[b] else "swiss_nearest"
        assert reason == Reason(code, {"a": lines[a], "b": lines[b]})
    even = stage("swiss", 2, rounds=2)
    play_round(even, WIN)
    assert even.rounds[1].reasons == (Reason("swiss_rematch", {"a": 1, "b": 0}),)
    spec = Spec("swiss", 4, Options(rounds=1))
    by_hand = brackets.Stage(spec, brackets.format_of(spec), pairings={1: [(1, 2), (3, 4)]})
    assert by_hand.rounds[0].reasons == (Reason("by_hand", {"a": 0, "b": 0}),) * 2


def test_who_has_left_a_swiss_is_not_paired_again() -> None:
    made = stage("swiss", 6, rounds=2)
    made.remove(1)
    play_round(made, *[WIN] * len(made.ready_ids))
    assert all(1 not in view.seeds for view in made.matches if view.round == 2)
    assert made.rounds[1].bye is not None


def test_accelerated_for_two_rounds_and_the_middle_one_belongs_to_the_upper_half() -> None:
    made = stage("swiss", 8, rounds=3, accelerated=True)
    play_round(made, *[WIN] * 4)
    # With the extra point: 1 and 2 have two, 3, 4, 5, 6 have one.
    assert [view.seeds for view in made.ready] == [(1, 2), (3, 5), (4, 6), (7, 8)]
    play_round(made, *[WIN] * 4)
    # Without it equals meet again, as far as they can.
    points = {row.seed: row.points for row in made.standings}
    gaps = [abs(points[a] - points[b]) for a, b in made.rounds[2].pairs]
    assert sum(gaps) == 2
    six = stage("swiss", 6, rounds=1, accelerated=True)
    assert [view.seeds for view in six.ready] == [(1, 2), (3, 5), (4, 6)]
    seven = stage("swiss", 7, rounds=1, accelerated=True)
    assert [view.seeds for view in seven.ready] == [(1, 3), (2, 4), (5, 6)]


# -- progress --------------------------------------------------------------


def test_who_meets_somebody_gone_wins_by_forfeit() -> None:
    made = stage("single_elimination", 4)
    made.remove(1)
    assert made.match("U1.1").outcome == Outcome(1, "forfeit")
    other = stage("single_elimination", 4)
    other.remove(4)
    assert other.match("U1.1").outcome == Outcome(0, "forfeit")
    # Of two who have left, the later one takes the match.
    both = stage("single_elimination", 4)
    both.apply("U1.1", WIN)
    both.remove(1)
    both.remove(2)
    assert both.match("U1.2").outcome == Outcome(1, "forfeit")


def test_a_reset_that_comes_back_is_really_there() -> None:
    made = stage("double_elimination", 2)
    play_round(made, WIN)
    play_round(made, WIN)
    assert made.find("F2.1") is None
    assert made.complete
    made.undo("F1.1")
    assert not made.complete
    assert [view.id for view in made.matches] == ["U1.1", "F1.1", "F2.1"]
    made.apply("F1.1", LOSS)
    assert made.ready_ids == ["F2.1"]


def test_taking_back_a_swiss_round_forgets_only_what_came_later() -> None:
    made = stage("swiss", 4, rounds=3)
    play_round(made, WIN, WIN)
    made.undo("S1.1")
    assert made.ready_ids == ["S1.1"]
    assert made.apply("S1.1", LOSS) == ["S1.1", "S2.1", "S2.2"]
    assert made.ready_ids == ["S2.1", "S2.2"]


def test_nobody_rests_twice_in_a_swiss() -> None:
    made = stage("swiss", 5, rounds=5)
    while made.ready_ids:
        play_round(made, *[WIN] * 2)
    assert len({each.bye for each in made.rounds}) == 5


def test_a_coin_is_shown_in_short_even_where_nobody_had_to_toss_it() -> None:
    values = rank([1, 2], [Meeting(1, 2, 1)], Points(), ["points", "coin"]).values
    assert values[1]["coin"] == sha256(b":1").hexdigest()[:8]


def test_undo_reaches_through_who_went_on_without_a_match() -> None:
    made = stage("double_elimination", 3, grand_final="single")
    # 2 v 3; its loser has a bye to the lower final.
    made.apply("U1.2", WIN)
    made.apply("U2.1", WIN)
    lower = made.ready_ids
    for id_ in lower:
        made.apply(id_, WIN)
    assert set(lower) <= set(made.affected("U1.2"))
    gone = made.affected("U1.2")
    made.undo("U1.2", cascade=True)
    assert made.ready_ids == ["U1.2"]
    assert not made.complete
    assert len(gone) == len(set(gone))
    play_all = list(made.matches)
    assert sum(view.state == "waiting" for view in play_all) >= 2


def test_undo_opens_exactly_what_it_must() -> None:
    made = stage("double_elimination", 4)
    while made.ready_ids:
        made.apply(made.ready_ids[0], WIN)
    assert made.complete
    made.undo("U1.1", cascade=True)
    assert made.ready_ids == ["U1.1"]
    assert not made.complete
    while made.ready_ids:
        assert not made.complete
        made.apply(made.ready_ids[0], WIN)
    assert made.complete
    assert made.find("F2.1") is None


def test_what_was_ready_waits_again_after_an_undo() -> None:
    made = stage("single_elimination", 4)
    play_round(made, WIN, WIN)
    assert made.ready_ids == ["U2.1"]
    made.undo("U1.1")
    assert made.ready_ids == ["U1.1"]
    with pytest.raises(brackets.NotReady):
        made.apply("U2.1", WIN)


def test_a_later_swiss_round_is_cut_to_the_slot() -> None:
    made = stage("swiss", 6, rounds=4)
    for _ in range(3):
        play_round(made, *[WIN] * 3)
    made.undo("S2.1", cascade=True)
    made.apply("S2.1", LOSS)
    again = brackets.fold(
        made.spec, {view.id: view.outcome for view in made.matches if view.outcome is not None}
    )
    assert list(again.matches) == list(made.matches)
    assert not made.complete
    while made.ready_ids:
        play_round(made, *[WIN] * 3)
    assert made.complete
