"""What holds of seeds and ratings, whoever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brackets.keeping_apart import keep_apart
from brackets.rating import expected, update
from brackets.seed_orders import Rating, by_rating, random_order
from brackets.seeding import (
    bracket_pairs,
    bracket_size,
    fold_pairs,
    half_pairs,
    snake_groups,
)
from tests.property.playing import often as often_as

sizes = st.integers(2, 64)
points = st.floats(0, 3000, allow_nan=False)
first_rounds = st.sampled_from(
    [
        bracket_pairs,
        lambda size: fold_pairs(range(1, size + 1)),
        lambda size: half_pairs(range(1, size + 1)),
    ]
)
often = often_as(200, 2_000)


@often
@given(sizes, first_rounds, st.integers(1, 8), st.data())
def test_keeping_apart_is_exact(size, first_round, kinds, data):
    order = data.draw(st.permutations(range(1, size + 1)))
    names = st.sampled_from([None, *range(kinds)])
    labels = {each: data.draw(names) for each in order if data.draw(st.integers(0, 9))}
    pairs = first_round(size)
    moved = keep_apart(order, labels, pairs)
    assert sorted(moved) == sorted(order)
    assert keep_apart(order, labels, pairs[::-1]) == moved
    assert _clashes(moved, labels, pairs) == _needed(labels, size, len(pairs))
    # What is as good as can be is left alone.
    assert keep_apart(moved, labels, pairs) == moved
    if _most_playing(order, labels, pairs) <= len(pairs):
        lower = {max(pair) for pair in pairs}
        assert all(moved[s - 1] == order[s - 1] for s in range(1, size + 1) if s not in lower)


@often
@given(sizes, st.integers(1, 4), st.data())
def test_names_of_entrants_and_labels_do_not_matter(size, kinds, data):
    labels = {each: data.draw(st.integers(1, kinds)) for each in range(1, size + 1)}
    moved = keep_apart(range(1, size + 1), labels, bracket_pairs(size))
    other = {100 + each: f"clan {-label}" for each, label in labels.items()}
    again = keep_apart(range(101, size + 101), other, bracket_pairs(size))
    assert again == [100 + each for each in moved]


def _clashes(order, labels, pairs):
    both = [(labels.get(order[a - 1]), labels.get(order[b - 1])) for a, b in pairs]
    return sum(one is not None and one == other for one, other in both)


def _needed(labels, size, pairs):
    """A label clashes when it is more than one for each pair and each bye."""
    held = [label for label in labels.values() if label is not None]
    most = max((held.count(label) for label in held), default=0)
    return max(0, most - (size - pairs))


def _most_playing(order, labels, pairs):
    held = [labels.get(order[seed - 1]) for pair in pairs for seed in pair]
    return max((held.count(label) for label in held if label is not None), default=0)


@often
@given(st.integers(0, 300), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_random_order_has_everybody_once(count, seed):
    assert sorted(random_order(count, seed)) == list(range(1, count + 1))
    shorter = [number for number in random_order(count + 5, seed) if number <= count]
    assert shorter == random_order(count, seed), "who signs up later changes nothing among the rest"


@often
@given(st.lists(st.integers(0, 50), unique=True), st.data())
def test_by_rating_is_a_stable_order(entrants, data):
    lines = st.builds(Rating, st.none() | st.integers(1, 5), st.sampled_from([1.0, 2.0, 3.0]))
    ratings = {each: data.draw(lines) for each in entrants if data.draw(st.booleans())}
    ordered = by_rating(entrants, ratings)
    assert sorted(ordered) == sorted(entrants)
    assert by_rating(ordered, ratings) == ordered
    rated = [each for each in ordered if each in ratings]
    assert ordered[: len(rated)] == rated
    assert ordered[len(rated) :] == [each for each in entrants if each not in ratings]
    given_points = [ratings[each].points for each in rated]
    assert given_points == sorted(given_points, reverse=True)


@often
@given(st.integers(1, 200), st.integers(1, 40))
def test_snake_groups_are_even(entrants, groups):
    dealt = snake_groups(entrants, groups)
    assert sorted(seed for group in dealt for seed in group) == list(range(1, entrants + 1))
    sizes = [len(group) for group in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert [group[0] for group in dealt if group] == list(range(1, min(entrants, groups) + 1))


@often
@given(st.integers(2, 300))
def test_first_rounds_hold_everybody_who_does_not_rest(entrants):
    rest = bracket_size(entrants) - entrants
    playing = sorted(seed for pair in bracket_pairs(entrants) for seed in pair)
    assert playing == list(range(rest + 1, entrants + 1))
    for pairs in (fold_pairs(range(1, entrants + 1)), half_pairs(range(1, entrants + 1))):
        seeds = sorted(seed for pair in pairs for seed in pair)
        assert seeds == list(range(1, entrants + 1 - entrants % 2))


@often
@given(points, points, st.sampled_from([0, 0.5, 1]), st.floats(0, 1))
def test_a_match_moves_both_by_the_same_and_never_the_wrong_way(a, b, score, weight):
    new_a, new_b = update(a, b, score, weight)
    assert abs((new_a - a) + (new_b - b)) < 1e-9
    assert abs(new_a - a) <= 32
    surprise = score - expected(a, b)
    assert (new_a - a) * surprise >= 0
    assert abs(expected(a, b) + expected(b, a) - 1) < 1e-12
    assert update(b, a, 1 - score, weight) == (
        pytest.approx(new_b),
        pytest.approx(new_a),
    )
