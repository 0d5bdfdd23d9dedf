"""The vectors of tables and schedules, through the command line."""

import pytest

from tests.unit.brackets.golden import cases, run

NAMES = {
    "points": "points",
    "wins": "wins",
    "gd": "score_difference",
    "round_diff": "score_difference",
    "gf": "score_for",
    "rounds_won": "score_for",
    "h2h": "head_to_head",
    "h2h(pts,gd,gf;reapplied)": "head_to_head",
    "sonneborn_berger": "sonneborn_berger",
}


def _order(entrants: int, matches: list, points: dict, chain: str) -> list:
    results = [
        {"seeds": [a, b], "winner": a if x > y else b if y > x else None, "score": [x, y]}
        for a, b, x, y in matches
    ]
    answer = run(
        "play",
        {
            "format": "round_robin",
            "entrants": entrants,
            "options": {
                "points": points,
                "tie_breaks": [NAMES[name] for name in chain.split(">")],
            },
            "results": results,
        },
    )
    assert answer["complete"]
    return [seeds for _, seeds in answer["placements"]]


@pytest.mark.parametrize("case", cases("round_robin_real.json"))
def test_real_groups(case: dict) -> None:
    seed = {team: number for number, team in enumerate(case["teams"], start=1)}
    matches = [[seed[a], seed[b], x, y] for a, b, x, y in case["matches"]]
    order = _order(len(seed), matches, case["points"], case["rule"])
    assert order == [sorted(seed[team] for team in tied) for tied in case["expected_order"]]


@pytest.mark.parametrize("case", cases("tie_breaks_synthetic.json"))
def test_invented_tables(case: dict) -> None:
    for chain, expected in case["expected"].items():
        assert _order(case["n"], case["matches"], case["points"], chain) == expected


@pytest.mark.parametrize("case", cases("round_robin_facts.json"))
def test_schedules_and_groups(case: dict) -> None:
    if case["format"] == "group_draw":
        options = {"groups": case["groups"]}
        plan = _plan(case["n"], options)
        for number, group in enumerate(case["expected"], start=1):
            seeds = {
                s for match in plan if match["bracket"] == f"group:{number}" for s in _seeds(match)
            }
            assert sorted(seeds) == group
        return
    plan = _plan(case["n"], {"legs": case["legs"]})
    expected = case["expected"]
    rounds: dict = {}
    for match in plan:
        rounds.setdefault(match["round"], []).append(_seeds(match))
    assert len(rounds) == expected["rounds"]
    assert len(plan) == expected["matches"]
    assert {len(pairs) for pairs in rounds.values()} == {expected["matches_per_round"]}
    pairs = [tuple(sorted(pair)) for each in rounds.values() for pair in each]
    assert {pairs.count(pair) for pair in pairs} == {expected["each_pair"]}
    for each in rounds.values():
        seeds = [seed for pair in each for seed in pair]
        assert len(set(seeds)) == len(seeds)


def _plan(entrants: int, options: dict) -> list:
    return run("draw", {"format": "round_robin", "entrants": entrants, "options": options})[
        "matches"
    ]


def _seeds(match: dict) -> list[int]:
    return [slot["seed"] for slot in match["slots"]]
