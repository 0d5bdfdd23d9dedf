"""What holds for every Swiss round, against pairings found in simpler ways."""

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from random import Random

import rustworkx
from hypothesis import given
from hypothesis import strategies as st

from brackets.swiss_pairing import Met, Pairing, pair
from tests.property.playing import often

chances = st.integers(0, 2**32).map(Random)
POINTS = 63_000
"""Makes quarters, tenths and sevenths of a point whole (but for what floats lose)."""

Scores = dict[int, float]
Cost = tuple[int, int]
"""Rematches, then the difference in whole numbers."""


def random_state(entrants: int, chance: Random) -> tuple[list[int], Scores, Met, set[int]]:
    """Anything that may be asked, possible in a tournament or not."""
    order = chance.sample(range(1, 2 * entrants + 1), entrants)
    unit, levels = chance.choice([0.5, 1, 3, 0.25, 0.1, 1 / 7]), chance.choice([1, 2, 4, 8, 20])
    steep = chance.random() < 0.5
    points = [unit * (chance.randint(0, levels) if steep else levels) for _ in order]
    points = [min(each, unit * chance.randint(0, levels)) for each in points]
    scores = dict(zip(order, sorted(points, reverse=True), strict=True))
    share, near = chance.choice([0.05, 0.15, 0.4, 0.7, 0.95]), chance.random() < 0.5
    met = {
        frozenset((a, b))
        for a, b in combinations(order, 2)
        if chance.random() < (share / (1 + abs(scores[a] - scores[b])) if near else share)
    }
    rested = chance.choice([0, 0.2, 0.8, 1])
    return order, scores, met, {seed for seed in order if chance.random() < rested}


def cost(pairs: list[tuple[int, int]], scores: Scores, met: Met) -> Cost:
    again = sum(frozenset(each) in met for each in pairs)
    return again, sum(round(POINTS * abs(scores[a] - scores[b])) for a, b in pairs)


def by_hand(order: list[int], scores: Scores, met: Met) -> Cost:
    """The least cost over all pairings, tried one by one."""

    @cache
    def least(left: tuple[int, ...]) -> Cost:
        return min(
            (
                tuple(map(sum, zip(cost([(left[0], each)], scores, met), least(rest), strict=True)))
                for each in left[1:]
                for rest in [tuple(other for other in left[1:] if other != each)]
            ),
            default=(0, 0),
        )

    return least(tuple(order))


def by_everything(order: list[int], scores: Scores, met: Met) -> Cost:
    """The least cost by one matching over all pairs there are."""
    graph = rustworkx.PyGraph()
    places = dict(zip(order, graph.add_nodes_from(order), strict=True))
    dear = 10**12
    for a, b in combinations(order, 2):
        again, gap = cost([(a, b)], scores, met)
        graph.add_edge(places[a], places[b], again * dear + gap)
    pairs = rustworkx.max_weight_matching(
        graph, max_cardinality=True, weight_fn=lambda each: 10**15 - each
    )
    return cost([(order[a], order[b]) for a, b in pairs], scores, met)


def assert_best(made: Pairing, state: tuple, least=by_everything) -> None:
    order, scores, met, rested = state
    assert_in_form(made, order)
    rest = [seed for seed in order if seed != made.bye]
    assert cost(list(made.pairs), scores, met) == least(rest, scores, met)
    assert list(made.rematches) == [each for each in made.pairs if frozenset(each) in met]
    assert bool(made.reason) == (bool(made.rematches) or made.bye is not None)
    if made.bye is None:
        return
    may = [seed for seed in order if seed not in rested] or order
    lower = may[may.index(made.bye) + 1 :]
    higher = may[: may.index(made.bye)] if made.rematches else []
    fewest = len(made.rematches)
    for seeds, at_least in ((lower, fewest + 1), (higher, fewest)):
        for seed in seeds:
            others = [each for each in order if each != seed]
            assert least(others, scores, met)[0] >= at_least


def assert_in_form(made: Pairing, order: list[int]) -> None:
    paired = [seed for each in made.pairs for seed in each]
    assert sorted(paired + [made.bye] * (len(order) % 2)) == sorted(order)
    places = [(order.index(a), order.index(b)) for a, b in made.pairs]
    assert places == sorted(places)
    assert all(a < b for a, b in places)


def random_rounds(entrants: int, rounds: int, chance: Random) -> Iterator[tuple[tuple, Pairing]]:
    """States of a tournament, each with its next round."""
    scores, met, rested = dict.fromkeys(range(1, entrants + 1), 0.0), set(), set()
    draws, favourites = chance.choice([0, 0.3, 0.6]), chance.choice([0.5, 0.8])
    for _ in range(rounds):
        order = sorted(scores, key=lambda seed: (-scores[seed], seed))
        made = pair(order, scores, met, rested)
        yield (order, dict(scores), set(met), set(rested)), made
        rested |= {made.bye} - {None}
        met |= {frozenset(each) for each in made.pairs}
        for a, b in made.pairs:
            drawn, first = chance.random() < draws, chance.random() < favourites
            scores[a] += 0.5 if drawn else float(first)
            scores[b] += 0.5 if drawn else float(not first)
        if made.bye is not None:
            scores[made.bye] += 1


@often(400, 5_000)
@given(entrants=st.integers(0, 8), chance=chances)
def test_nothing_is_better_among_all_pairings(entrants, chance):
    state = random_state(entrants, chance)
    assert_best(pair(*state), state, by_hand)


@often(150, 5_000)
@given(entrants=st.integers(9, 60), chance=chances)
def test_nothing_is_better_by_one_large_matching(entrants, chance):
    state = random_state(entrants, chance)
    assert_best(pair(*state), state)


@often(20, 300)
@given(entrants=st.integers(2, 60), chance=chances)
def test_every_round_of_a_tournament_is_the_best(entrants, chance):
    for state, made in random_rounds(entrants, min(12, entrants), chance):
        assert_best(made, state)


@often(4, 50)
@given(entrants=st.integers(100, 300), chance=chances)
def test_large_tournaments_too(entrants, chance):
    for (order, scores, met, _), made in random_rounds(entrants, 7, chance):
        assert_in_form(made, order)
        rest = [seed for seed in order if seed != made.bye]
        # Nothing is cheaper than pairs of neighbours; only where those were not had, look at all.
        neighbours = list(zip(rest[::2], rest[1::2], strict=True))
        found = cost(list(made.pairs), scores, met)
        if found != cost(neighbours, scores, set()):
            assert found == by_everything(rest, scores, met)


@often(100, 1000)
@given(entrants=st.integers(0, 40), chance=chances)
def test_names_do_not_matter(entrants, chance):
    order, scores, met, rested = random_state(entrants, chance)
    made = pair(order, scores, met, rested)
    assert pair(order, scores, met, rested) == made
    names = dict(zip(order, chance.sample(range(1_000), entrants), strict=True))
    strangers = {frozenset((5_000, 5_001)), *(frozenset((names[seed], 5_000)) for seed in order)}
    again = pair(
        [names[seed] for seed in order],
        {names[seed]: points for seed, points in scores.items()},
        {frozenset(names[seed] for seed in each) for each in met} | strangers,
        {names[seed] for seed in rested} | {5_000},
    )
    assert again.pairs == tuple((names[a], names[b]) for a, b in made.pairs)
    assert again.bye == (None if made.bye is None else names[made.bye])
    assert again.reason == made.reason


@often(100, 1000)
@given(half=st.integers(1, 64), chance=chances)
def test_equals_who_have_not_met_play_upper_half_against_lower(half, chance):
    order = chance.sample(range(1, 500), 2 * half)
    made = pair(order, dict.fromkeys(order, 1.0), set(), set())
    assert made.pairs == tuple(zip(order[:half], order[half:], strict=True))
