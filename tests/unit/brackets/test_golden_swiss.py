"""The Swiss vectors, through the command line."""

import time
from itertools import combinations
from random import Random

import pytest

from brackets.round import Reason
from brackets.valve_groups import _high_low, _without_looking, pair_group
from tests.unit.brackets.golden import cases, run

VALVE = [*cases("swiss_valve_real.json"), *cases("swiss_valve_synthetic.json")]


@pytest.mark.parametrize("case", VALVE)
def test_valve_stages_in_every_round(case: dict) -> None:
    options = case["options"]
    results = [
        {"round": each["round"], "seeds": [match["hi"], match["lo"]], "winner": match["winner"]}
        for each in case["rounds"]
        for match in each["matches"]
    ]
    answer = run(
        "play",
        {
            "format": "swiss_limits",
            "entrants": options["n"],
            "options": {
                "wins": options["wins_to_advance"],
                "losses": options["losses_to_eliminate"],
                "rules": case["rule"],
            },
            "results": results,
        },
    )
    assert answer["complete"]
    for shown, expected in zip(answer["rounds"], case["rounds"], strict=True):
        assert [match["seeds"] for match in shown["matches"]] == [
            [match["hi"], match["lo"]] for match in expected["matches"]
        ]
        assert [match["best_of"] for match in shown["matches"]] == [
            3 if match["decider"] else 1 for match in expected["matches"]
        ]
    assert [
        [row["place"], row["seed"], row["wins"], row["losses"], row["tie_breaks"]["difficulty"]]
        for row in answer["standings"]
    ] == [[row["pos"], row["seed"], row["w"], row["l"], row["difficulty"]] for row in case["final"]]


@pytest.mark.parametrize("case", cases("swiss_valve_groups.json"))
def test_one_group_by_table_and_by_look_ahead(case: dict) -> None:
    group = range(1, case["n"] + 1)
    met = {frozenset(pair) for pair in case["forbidden"]}
    for rules, expected in (
        ("valve-2021", case["high_low"]),
        ("valve-2024", case.get("table_pairs")),
    ):
        pairs, reasons = pair_group(group, met, rules)
        if expected is None:
            # Nothing is free of repeats (or no table is meant for this size).
            continue
        assert [list(pair) for pair in pairs] == expected
        if rules == "valve-2024" and case["n"] == 6:
            assert reasons[0] == Reason("valve_table", {"row": case["table_row"]})


@pytest.mark.parametrize("case", cases("swiss_next_round.json"))
def test_next_round(case: dict) -> None:
    answer = run(
        "next",
        {
            "entrants": case["n"],
            "history": case["history"],
            "byes": case["byes"],
            "points": case["points"],
        },
    )
    expected = case["expected"]
    paired = [seed for pair in answer["pairs"] for seed in pair]
    assert sorted([*paired, *([answer["bye"]] if answer["bye"] else [])]) == list(
        range(1, case["n"] + 1)
    )
    met = {frozenset((a, b)) for each in case["history"] for a, b, _ in each}
    rematches = [pair for pair in answer["pairs"] if frozenset(pair) in met]
    assert answer["rematches"] == rematches
    assert bool(rematches) == (not expected["rematch_free_exists"])
    assert bool(answer["reason"]) == bool(rematches or answer["bye"])
    points = {int(seed): value for seed, value in case["points"].items()}
    if expected.get("min_total_score_gap") is not None:
        gap = sum(abs(points[a] - points[b]) for a, b in answer["pairs"])
        assert gap == expected["min_total_score_gap"]


@pytest.mark.parametrize("case", cases("swiss_rounds.json"))
def test_rounds_of_another_engine(case: dict) -> None:
    history, byes = [], []
    for each in case["rounds"]:
        points = _points(case, history, byes)
        answer = run("next", {"entrants": case["options"]["n"], "history": history, "byes": byes})
        assert answer["rematches"] == []
        if answer["bye"] == each["bye"]:
            gap = sum(abs(points[a] - points[b]) for a, b in answer["pairs"])
            assert gap == each["min_total_score_gap_given_bye"]
        if each["bye"]:
            assert points[answer["bye"]] == each["bye_points_before"]
        history.append(
            [
                [a, b, _winner(a, b, s)]
                for (a, b), s in zip(each["pairs"], each["score_a"], strict=True)
            ]
        )
        byes.append(each["bye"])
    assert _points(case, history, byes) == {int(s): p for s, p in case["final_points"].items()}


@pytest.mark.parametrize(
    "case", [case for case in cases("swiss_rounds.json") if "tie_breaks" in case.values[0]]
)
def test_tie_breaks_of_rounds_paired_elsewhere(case: dict) -> None:
    results = [
        {
            "round": each["round"],
            "seeds": [a, b],
            "winner": _winner(a, b, s),
            "score": [int(2 * s), int(2 - 2 * s)],
        }
        for each in case["rounds"]
        for (a, b), s in zip(each["pairs"], each["score_a"], strict=True)
    ]
    names = ["points", "wins", "buchholz", "buchholz_cut_1", "buchholz_median", "sonneborn_berger"]
    answer = run(
        "play",
        {
            "format": "swiss",
            "entrants": case["options"]["n"],
            "options": {"rounds": case["options"]["rounds"], "tie_breaks": names},
            "results": results,
        },
    )
    theirs = {"buchholz_cut_1": "buchholz_cut1", "buchholz_median": "buchholz_median1"}
    for row in answer["standings"]:
        expected = case["tie_breaks"][str(row["seed"])]
        assert row["tie_breaks"] == {name: expected[theirs.get(name, name)] for name in names}


def _winner(a: int, b: int, score_a: float) -> int | None:
    return {1: a, 0: b}.get(score_a)


def _points(case: dict, history: list, byes: list) -> dict[int, float]:
    points = dict.fromkeys(range(1, case["options"]["n"] + 1), 0.0)
    for each in history:
        for a, b, winner in each:
            for seed in (a, b):
                points[seed] += 0.5 if winner is None else float(winner == seed)
    for seed in byes:
        if seed:
            points[seed] += 1
    return points


def test_a_group_of_hundreds_is_paired_at_once() -> None:
    request = {"format": "swiss_limits", "entrants": 512, "results": "lower_seed_wins"}
    started = time.monotonic()
    assert run("play", request)["complete"]
    # Looking ahead at every step took minutes.
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("size", [4, 6, 8, 10])
def test_where_the_straight_way_ends_well_it_is_what_looking_ahead_finds(size: int) -> None:
    chance = Random(size)
    group = list(range(1, size + 1))
    pairs = [frozenset(pair) for pair in combinations(group, 2)]
    for _ in range(40):
        met = set(chance.sample(pairs, chance.randint(0, len(pairs) // 2)))
        straight = _without_looking(group, met)
        if straight is not None:
            assert straight == _high_low(group, met)
