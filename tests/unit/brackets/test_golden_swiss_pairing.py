"""The Swiss vectors, straight through the pairing."""

import pytest

from brackets.swiss_pairing import pair
from tests.unit.brackets.golden import cases


def gap(pairs: tuple[tuple[int, int], ...], points: dict[int, float]) -> float:
    return sum(abs(points[a] - points[b]) for a, b in pairs)


def ordered(points: dict[int, float]) -> list[int]:
    return sorted(points, key=lambda seed: (-points[seed], seed))


@pytest.mark.parametrize("case", cases("swiss_next_round.json"))
def test_next_round_of_a_state(case: dict) -> None:
    points = {int(seed): value for seed, value in case["points"].items()}
    met = {frozenset((a, b)) for each in case["history"] for a, b, _ in each}
    made = pair(ordered(points), points, met, set(case["byes"]))
    expected = case["expected"]
    assert (not made.rematches) == expected["rematch_free_exists"]
    if made.rematches:
        assert made.reason
    elif case["n"] % 2:
        assert made.bye in expected["best_byes"]
        assert points[made.bye] == expected["lowest_points_among_legal_byes"]
        assert gap(made.pairs, points) == expected["min_total_score_gap_by_bye"][str(made.bye)]
    else:
        assert gap(made.pairs, points) == expected["min_total_score_gap"]


@pytest.mark.parametrize("case", cases("swiss_rounds.json"))
def test_every_round_of_another_engine(case: dict) -> None:
    points = dict.fromkeys(range(1, case["options"]["n"] + 1), 0.0)
    met: set[frozenset[int]] = set()
    rested: set[int] = set()
    for each in case["rounds"]:
        made = pair(ordered(points), points, met, rested)
        assert made.rematches == ()
        if made.bye == each["bye"]:
            assert gap(made.pairs, points) == each["min_total_score_gap_given_bye"]
        if made.bye is not None:
            assert points[made.bye] == each["bye_points_before"]
            points[each["bye"]] += 1
            rested.add(each["bye"])
        for (a, b), score in zip(each["pairs"], each["score_a"], strict=True):
            met.add(frozenset((a, b)))
            points[a] += score
            points[b] += 1 - score
