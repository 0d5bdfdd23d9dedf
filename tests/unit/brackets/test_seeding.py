"""Orders of seeds, first-round pairs, and keeping equal labels apart."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import permutations

import pytest

from brackets.keeping_apart import keep_apart
from brackets.seed_orders import Rating, by_rating, random_order
from brackets.seeding import bracket_order, bracket_pairs, fold_pairs, half_pairs, snake_groups

SIXTEEN = range(1, 17)


def test_by_rating_puts_points_before_the_place_and_the_unrated_last() -> None:
    ratings = {
        "told": Rating(9, 1500.0),
        "not told": Rating(None, 1500.0),
        "better place": Rating(2, 1500.0),
        "more points": Rating(40, 1500.5),
        "nought": Rating(1, 0),
    }
    entrants = ["new", "nought", "not told", "told", "newer", "better place", "more points"]
    assert by_rating(entrants, ratings) == [
        "more points",
        "better place",
        "told",
        "not told",
        "nought",
        "new",
        "newer",
    ]
    assert by_rating([3, 1, 2], {}) == [3, 1, 2]
    assert by_rating([3, 1, 2], {1: Rating(5, 10), 2: Rating(5, 10)}) == [1, 2, 3]


@pytest.mark.parametrize("seed", ["cup-7", "", "Кубок 7:1", "50% \\n"])
def test_a_random_order_can_be_drawn_with_a_shell(seed: str) -> None:
    if not shutil.which("sha256sum"):
        pytest.skip("there is no sha256sum")
    script = """for n in $(seq 16); do
      echo "$(printf %s "$1:$n" | sha256sum | cut -c 1-64) $n"
    done | LC_ALL=C sort | cut -c 66-"""
    done = subprocess.run(["sh", "-c", script, "sh", seed], capture_output=True, check=True)
    assert random_order(16, seed) == [int(line) for line in done.stdout.split()]


def test_a_random_order_stays_what_it_was() -> None:
    assert random_order(8, "cup-7") == [1, 2, 7, 4, 8, 6, 3, 5]
    assert random_order(8, "cup-8") != random_order(8, "cup-7")
    assert random_order(0, "cup-7") == []


def test_first_rounds_of_sixteen() -> None:
    assert fold_pairs(SIXTEEN) == [(seed, 17 - seed) for seed in range(1, 9)]
    assert half_pairs(SIXTEEN) == [(seed, seed + 8) for seed in range(1, 9)]
    assert bracket_pairs(16) == fold_pairs(SIXTEEN)


def test_a_bracket_from_top_to_bottom() -> None:
    assert bracket_order(1) == (1,)
    assert bracket_order(8) == (1, 8, 4, 5, 2, 7, 3, 6)
    halves = zip(bracket_order(8)[::2], bracket_order(8)[1::2], strict=True)
    assert sorted(halves) == bracket_pairs(8)


def test_the_odd_one_out_is_the_last() -> None:
    assert fold_pairs(range(1, 6)) == [(1, 4), (2, 3)]
    assert half_pairs(range(1, 6)) == [(1, 3), (2, 4)]
    assert fold_pairs([]) == half_pairs([7]) == []


def test_in_a_bracket_the_best_rest() -> None:
    assert bracket_pairs(5) == [(4, 5)]
    assert bracket_pairs(6) == [(3, 6), (4, 5)]
    assert bracket_pairs(2) == [(1, 2)]


def test_snake() -> None:
    assert snake_groups(7, 3) == [[1, 6, 7], [2, 5], [3, 4]]


# -- keeping apart ---------------------------------------------------------


def test_nobody_moves_without_need() -> None:
    assert keep_apart([7, 3, 5, 9], {7: "a", 3: "b", 5: "a"}, [(1, 4), (2, 3)]) == [7, 3, 5, 9]
    assert keep_apart([], {}, []) == []


def test_a_neighbour_changes_places_the_weaker_of_two() -> None:
    labels = {3: "a", 14: "a"}
    assert keep_apart(SIXTEEN, labels, bracket_pairs(16)) == [*range(1, 14), 15, 14, 16]


def test_only_the_neighbour_that_suits() -> None:
    labels = {1: "a", 2: "a", 16: "a"}
    # 16 cannot stay and cannot go to 15; 15 and 14 make room, one step each.
    assert keep_apart(SIXTEEN, labels, bracket_pairs(16)) == [*range(1, 14), 16, 14, 15]


def test_who_has_no_label_meets_anybody() -> None:
    assert keep_apart([1, 2], {1: None, 2: None}, [(1, 2)]) == [1, 2]
    assert keep_apart([1, 2], {}, [(2, 1)]) == [1, 2]


def test_the_last_bye_changes_hands_when_nothing_else_helps() -> None:
    labels = {32: "a", 33: "a"}
    moved = keep_apart(range(1, 34), labels, bracket_pairs(33))
    assert moved == [*range(1, 31), 32, 31, 33]
    labels[31] = "a"
    moved = keep_apart(range(1, 34), labels, bracket_pairs(33))
    assert moved == [*range(1, 30), 32, 31, 30, 33]


def test_two_hundred_and_fifty_six_of_two_cities() -> None:
    labels = {seed: "Almaty" if seed % 5 else "Astana" for seed in range(1, 257)}
    moved = keep_apart(range(1, 257), labels, bracket_pairs(256))
    many = sum(city == "Almaty" for city in labels.values())
    assert _clashes(moved, labels, bracket_pairs(256)) == many - 128


def _clashes(order, labels, pairs) -> int:
    return sum(labels[order[a - 1]] == labels[order[b - 1]] for a, b in pairs)


def _labellings(size: int) -> Iterator[tuple[int, ...]]:
    """All ways to label so many that differ by more than the names of the labels."""
    if size == 0:
        yield ()
        return
    for shorter in _labellings(size - 1):
        for label in range(max(shorter, default=-1) + 2):
            yield *shorter, label


@cache
def _fewest(labels: tuple[int, ...], pairs: int) -> int:
    """Fewest clashes in so many pairs of these, by trying them all."""
    if not pairs:
        return 0
    first, rest = labels[0], labels[1:]
    costs = [
        (first == other) + _fewest(rest[:place] + rest[place + 1 :], pairs - 1)
        for place, other in enumerate(rest)
    ]
    resting = [_fewest(rest, pairs)] if len(rest) >= 2 * pairs else []
    return min(costs + resting)


def _ways(seeds, origins) -> tuple[int, int]:
    """The sum of squares, and the strength of who moves: the weakest of the seeds has 1."""
    moves = [(seed, origin) for seed, origin in zip(seeds, origins, strict=True) if seed != origin]
    strength = sum(sum(seed >= origin for seed in seeds) for _, origin in moves)
    return sum((seed - origin) ** 2 for seed, origin in moves), strength


def _least_ways(order, labels, pairs) -> tuple[int, int]:
    """The best way to move the lower seeds, by trying all their orders."""
    seeds = [lower for _, lower in pairs]
    found = []
    for origins in permutations(seeds):
        moved = list(order)
        for seed, origin in zip(seeds, origins, strict=True):
            moved[seed - 1] = order[origin - 1]
        found.append((_clashes(moved, labels, pairs), _ways(seeds, origins)))
    return min(found)[1]


@pytest.mark.parametrize("size", range(2, 9))
def test_every_labelling_of_up_to_eight(size: int) -> None:
    everybody = range(1, size + 1)
    first_rounds = [bracket_pairs(size), fold_pairs(everybody), half_pairs(everybody)]
    order = list(everybody)
    for each in _labellings(size):
        labels = dict(enumerate(each, start=1))
        for pairs in first_rounds:
            moved = keep_apart(order, labels, pairs)
            assert sorted(moved) == order
            assert _clashes(moved, labels, pairs) == _fewest(each, len(pairs)), each
            most = max(sum(each[s - 1] == x for pair in pairs for s in pair) for x in each)
            if most <= len(pairs):
                lower = [seed for _, seed in pairs]
                assert all(moved[s - 1] == s for s in order if s not in lower), each
                ways = _ways(lower, [moved[seed - 1] for seed in lower])
                assert ways == _least_ways(order, labels, pairs), each
