"""One Swiss round by hand-made examples, and the matching under it."""

from itertools import combinations
from random import Random

import pytest

from brackets.matching import EXACT, cheapest, fewest_repeats, halves
from brackets.swiss_pairing import Pairing, pair


def met_of(*pairs: tuple[int, int]) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in pairs}


def equal(entrants: int, points: float = 0) -> dict[int, float]:
    return dict.fromkeys(range(1, entrants + 1), points)


# -- matching ----------------------------------------------------------------


def test_the_cheapest_of_all_pairings() -> None:
    costs = {(0, 1): 1, (1, 2): 0, (2, 3): 1, (0, 3): 3, (0, 2): 5, (1, 3): 5}
    assert cheapest(4, [(a, b, cost) for (a, b), cost in costs.items()]) == [(0, 1), (2, 3)]
    assert cheapest(0, []) == []
    assert cheapest(2, []) is None
    assert cheapest(4, [(0, 1, 0), (0, 2, 0), (0, 3, 0)]) is None


@pytest.mark.parametrize(("size", "share"), [(8, 0.8), (30, 0.3), (80, 0.1)])
def test_of_equally_cheap_pairings_always_the_same(size: int, share: float) -> None:
    chance = Random(size)
    for _ in range(20):
        edges = [
            (a, b, chance.randint(0, 1))
            for a, b in combinations(range(size), 2)
            if chance.random() < share
        ]
        first = cheapest(size, edges)
        chance.shuffle(edges)
        assert cheapest(size, edges) == first


def test_repeats_that_must_be() -> None:
    assert fewest_repeats([5, 6, 7, 8], met_of((5, 6), (5, 7))) == 0
    assert fewest_repeats([5, 6, 7, 8], met_of((5, 6), (5, 7), (5, 8))) == 1
    assert fewest_repeats([], set()) == 0


def test_halves_meet_first_against_first() -> None:
    assert halves([3, 5, 7, 9], [set()] * 10) == [(3, 7), (5, 9)]
    assert halves([], []) == []


def test_halves_change_as_little_as_they_can() -> None:
    def changed(entrants: int, *old: tuple[int, int]) -> list[tuple[int, int]] | None:
        met = [{b for a, b in old if a == place} for place in range(entrants)]
        return halves(range(entrants), met)

    assert changed(6, (0, 3)) == [(0, 4), (1, 3), (2, 5)]
    # Of two changes as near the lower one, so that the best placed keep their opponents.
    assert changed(8, (1, 5)) == [(0, 4), (1, 6), (2, 5), (3, 7)]
    # Inside the halves only when nothing else is left.
    assert changed(4, (0, 2), (0, 3)) == [(0, 1), (2, 3)]
    assert changed(2, (0, 1)) is None
    assert halves(range(2), [{1}, {0}], repeats=True) == [(0, 1)]


def test_large_halves_change_with_a_neighbour() -> None:
    size = EXACT + 2
    half = size // 2
    met: list[set[int]] = [set() for _ in range(size)]
    met[0] = {half}
    pairs = halves(range(size), met)
    assert pairs is not None
    assert pairs[:3] == [(0, half + 1), (1, half), (2, half + 2)]


def test_large_halves_are_searched_when_no_change_helps() -> None:
    size = EXACT + 2
    met: list[set[int]] = [set() for _ in range(size)]
    met[0] = set(range(2, size))
    pairs = halves(range(size), met)
    assert pairs is not None
    assert (0, 1) in pairs
    assert sorted(place for each in pairs for place in each) == list(range(size))


# -- rounds ------------------------------------------------------------------


def test_nobody_and_somebody_alone() -> None:
    assert pair([], {}, set(), set()) == Pairing((), None, (), "")
    alone = pair([7], {7: 2}, set(), {7})
    assert (alone.pairs, alone.bye, alone.rematches) == ((), 7, ())


def test_the_first_round_is_upper_half_against_lower() -> None:
    assert pair(range(1, 9), equal(8), set(), set()).pairs == ((1, 5), (2, 6), (3, 7), (4, 8))


def test_the_lowest_of_an_odd_group_goes_down() -> None:
    scores = {1: 1.0, 2: 1.0, 3: 1.0, 4: 0.5, 5: 0.5, 6: 0.5}
    assert pair(range(1, 7), scores, set(), set()).pairs == ((1, 2), (3, 5), (4, 6))


def test_equal_points_before_places() -> None:
    scores = {4: 3.0, 1: 3.0, 3: 0.0, 2: 0.0}
    made = pair([4, 1, 3, 2], scores, met_of((1, 4)), set())
    assert made == Pairing(((4, 3), (1, 2)), None, (), "")


def test_one_far_pair_where_near_ones_have_met() -> None:
    scores = {1: 3.0, 2: 2.0, 3: 1.0, 4: 0.0}
    made = pair(range(1, 5), scores, met_of((1, 2), (3, 4), (1, 3)), set())
    assert made.pairs == ((1, 4), (2, 3))


@pytest.mark.parametrize("win", [1, 3, 0.1, 1 / 3, 1_000_000.0])
def test_any_points_make_the_same_groups(win: float) -> None:
    # 0.1 + 0.2 is 0.3 here, whatever floats think of it.
    scores = {1: 3 * win, 2: win + 2 * win, 3: 2 * win, 4: 2 * win}
    assert pair(range(1, 5), scores, set(), set()).pairs == ((1, 2), (3, 4))


def test_the_lowest_without_a_bye_rests() -> None:
    made = pair(range(1, 6), equal(5), set(), {5})
    assert made.bye == 4
    assert made.reason == "The bye goes to the lowest placed without an earlier bye."


def test_nobody_rests_who_leaves_a_rematch_that_could_be_avoided() -> None:
    made = pair(range(1, 6), equal(5), met_of((1, 2), (1, 3), (1, 4)), set())
    assert (made.bye, made.rematches) == (4, ())
    assert (1, 5) in made.pairs
    assert made.reason == (
        "The bye goes to the lowest placed without an earlier bye, "
        "among those who leave the others the fewest rematches."
    )


def test_a_second_bye_when_everybody_had_one() -> None:
    made = pair([1, 2, 3], equal(3), set(), {1, 2, 3})
    assert made.bye == 3
    assert made.reason == (
        "The bye goes to the lowest placed for a second time, as everybody had one."
    )


def test_as_few_rematches_as_there_must_be() -> None:
    everybody = {frozenset(each) for each in combinations(range(1, 5), 2)}
    made = pair(range(1, 5), {1: 2, 2: 2, 3: 0, 4: 0}, everybody - met_of((1, 3)), set())
    assert made.pairs == ((1, 3), (2, 4))
    assert made.rematches == ((2, 4),)
    assert made.reason == "Every way to pair them repeats a match, and this one the fewest."


def test_the_bye_and_the_rematches_are_both_explained() -> None:
    everybody = {frozenset(each) for each in combinations(range(1, 4), 2)}
    made = pair(range(1, 4), equal(3), everybody, set())
    assert (made.bye, made.rematches) == (3, ((1, 2),))
    assert made.reason == (
        "The bye goes to the lowest placed without an earlier bye, among those who leave the "
        "others the fewest rematches; every way to pair them repeats a match, and this one the "
        "fewest."
    )


# -- large groups, which part those above from those below ---------------------


def test_a_large_group_that_has_met_all_of_those_it_should_go_down_to() -> None:
    scores = equal(7, 3.0) | {8: 2.0, 9: 1.0, 10: 1.0}
    made = pair(range(1, 11), scores, met_of(*((each, 8) for each in range(1, 8))), set())
    assert made.rematches == ()
    assert made.pairs[-2:] == ((7, 9), (8, 10))


def test_a_large_group_that_cannot_take_who_comes_down() -> None:
    scores = {1: 3.0} | dict.fromkeys(range(2, 10), 2.0) | {10: 1.0}
    made = pair(range(1, 11), scores, met_of(*((1, each) for each in range(2, 10))), set())
    assert made.pairs == ((1, 10), (2, 6), (3, 7), (4, 8), (5, 9))


def test_a_large_group_too_small_for_all_who_come_down() -> None:
    upper, scores = range(1, 11), {each: 20.0 - each for each in range(1, 11)}
    scores |= dict.fromkeys(range(11, 17), 9.0) | dict.fromkeys(range(17, 25), 0.0)
    made = pair(range(1, 25), scores, met_of(*combinations(upper, 2)), set())
    assert made.rematches == ()
    assert [b for a, b in made.pairs if a in upper and b > 16] == [19, 20, 21, 22]
