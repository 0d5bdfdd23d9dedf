"""The independent checker finds each fault that is planted."""

import copy
import io
import json

import pytest

from brackets.command_line import main
from tests.unit.brackets.golden import run


def finished(format_: str, entrants: int, results="sha256:check", **options: object) -> dict:
    spec = {"format": format_, "entrants": entrants, "options": options}
    return spec | run("play", spec | {"results": results})


def violations(stage: dict) -> list[str]:
    return run("check", stage)["violations"]


def of(stage: dict, bracket: str, number: int) -> dict:
    return next(e for e in stage["rounds"] if (e["bracket"], e["round"]) == (bracket, number))


def swap(stage: dict, bracket: str, number: int) -> None:
    """Let the other one have won the first match of a round."""
    match = of(stage, bracket, number)["matches"][0]
    match["winner"] = next(seed for seed in match["seeds"] if seed != match["winner"])


def drop(stage: dict, bracket: str, number: int) -> None:
    of(stage, bracket, number)["matches"].pop()


def meet(stage: dict, bracket: str, number: int, *seeds: int) -> None:
    of(stage, bracket, number)["matches"][0] = {"seeds": list(seeds), "winner": seeds[0]}


def place(stage: dict, *groups) -> None:
    stage["placements"] = [list(group) for group in groups]


def rest(stage: dict, bracket: str, number: int) -> None:
    """Take one match apart: its winner rests instead."""
    round_ = of(stage, bracket, number)
    round_["byes"].append(round_["matches"].pop()["winner"])


def neighbours(stage: dict, bracket: str, number: int) -> None:
    """The first round as 1 v 2, 3 v 4 ..."""
    matches = of(stage, bracket, number)["matches"]
    for place_, match in enumerate(matches):
        match.update(seeds=[2 * place_ + 1, 2 * place_ + 2], winner=2 * place_ + 1)


def won_by(stage: dict, bracket: str, number: int, seed: int) -> None:
    of(stage, bracket, number)["matches"][0]["winner"] = seed


def reset(stage: dict) -> None:
    matches = copy.deepcopy(of(stage, "final", 1)["matches"])
    stage["rounds"].append({"bracket": "final", "round": 2, "matches": matches})


def again(stage: dict) -> None:
    of(stage, "swiss", 2)["matches"] = copy.deepcopy(of(stage, "swiss", 1)["matches"])


def shorten(stage: dict) -> None:
    for each in stage["rounds"]:
        for match in each["matches"]:
            match["best_of"] = 1


def third_loss(stage: dict) -> None:
    """Who is out already plays the decider too, and loses it."""
    out = stage["placements"][-1][1][0]
    decider = of(stage, "group:1", 3)["matches"][0]
    decider["seeds"] = [decider["winner"], out]


FAULTS = [
    ("single_elimination", 8, {}, lambda s: drop(s, "upper", 1), "matches instead of"),
    ("single_elimination", 8, {}, lambda s: drop(s, "upper", 3), "nobody plays"),
    ("single_elimination", 8, {}, lambda s: swap(s, "upper", 1), "came through"),
    ("single_elimination", 6, {}, lambda s: of(s, "upper", 1)["byes"].pop(), "byes for"),
    ("single_elimination", 6, {}, lambda s: rest(s, "upper", 2), "a bye after"),
    ("single_elimination", 8, {"third_place": True}, lambda s: s["rounds"].pop(-2), "third"),
    ("single_elimination", 8, {}, lambda s: neighbours(s, "upper", 1), "meet when"),
    ("single_elimination", 8, {}, lambda s: meet(s, "upper", 1, 1, 99), "not an entrant"),
    ("single_elimination", 8, {}, lambda s: meet(s, "upper", 1, 2, 3), "plays twice"),
    ("single_elimination", 4, {}, lambda s: won_by(s, "upper", 1, 3), "was won by"),
    ("single_elimination", 4, {}, lambda s: s["standings"][0].update(wins=9), "is listed with"),
    ("single_elimination", 4, {}, lambda s: s["placements"].pop(), "exactly one place"),
    ("single_elimination", 4, {}, lambda s: s["placements"][1].__setitem__(0, 7), "comes after"),
    ("double_elimination", 8, {}, lambda s: drop(s, "lower", 1), "matches instead of"),
    ("double_elimination", 8, {}, lambda s: swap(s, "lower", 2), "second loss"),
    ("double_elimination", 4, {}, lambda s: swap(s, "final", 1), "exactly when"),
    ("double_elimination", 2, {}, lambda s: swap(s, "final", 1), "exactly when"),
    ("double_elimination", 4, {"grand_final": "single"}, reset, "nobody asked for"),
    ("gauntlet", 4, {}, lambda s: s["rounds"].pop(), "matches instead of"),
    ("gauntlet", 4, {}, lambda s: meet(s, "upper", 2, 3, 4), "is not met"),
    ("gauntlet", 4, {}, lambda s: swap(s, "upper", 1), "does not climb"),
    ("gsl", 4, {}, lambda s: s["rounds"].pop(), "five matches"),
    ("gsl", 4, {}, lambda s: place(s, (1, [1, 2]), (3, [3, 4])), "places of the groups"),
    ("gsl", 4, {}, third_loss, "after the second loss"),
    ("round_robin", 4, {}, lambda s: drop(s, "group:1", 1), "exactly once"),
    ("round_robin", 6, {"groups": 2}, lambda s: s["options"].update(groups=3), "hold everybody"),
    ("swiss", 6, {"rounds": 2}, again, "could be avoided"),
    ("swiss", 5, {"rounds": 2}, lambda s: of(s, "swiss", 2)["byes"].clear(), "byes"),
    ("swiss_limits", 8, {}, lambda s: s["rounds"].pop(), "neither through nor out"),
    ("swiss_limits", 8, {}, shorten, "is a decider of 1"),
    (
        "swiss_limits",
        8,
        {},
        lambda s: s["standings"][0]["tie_breaks"].update(difficulty=99),
        "has difficulty",
    ),
]


def _records_right(stage: dict) -> None:
    """Let the table agree with the planted matches, so that the other checks speak."""
    wins, losses = {}, {}
    for each in stage["rounds"]:
        for match in each["matches"]:
            for seed in match["seeds"]:
                count = wins if seed == match["winner"] else losses
                count[seed] = count.get(seed, 0) + 1
        for seed in each.get("byes", []) if each["bracket"] == "swiss" else []:
            wins[seed] = wins.get(seed, 0) + 1
    for row in stage["standings"]:
        row.update(wins=wins.get(row["seed"], 0), losses=losses.get(row["seed"], 0))


@pytest.mark.parametrize(
    ("format_", "entrants", "options", "plant", "said"),
    FAULTS,
    ids=[f"{f[0]}-{n}" for n, f in enumerate(FAULTS)],
)
def test_a_planted_fault_is_found(format_, entrants, options, plant, said):
    stage = finished(format_, entrants, **options)
    assert violations(stage) == []
    plant(stage)
    if said != "is listed with":
        _records_right(stage)
    found = violations(stage)
    assert any(said in line for line in found), json.dumps(found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "marathon"},
        {"entrants": 1},
        {"entrants": 10**18},
        {"rounds": [{"bracket": "upper", "round": 10**18, "matches": []}]},
    ],
)
def test_what_is_no_stage_at_all_is_a_bad_spec(wrong: dict) -> None:
    stage = finished("gauntlet", 3) | wrong
    err = io.StringIO()
    assert main(["check"], io.BytesIO(json.dumps(stage).encode()), io.StringIO(), err) == 2
    assert err.getvalue().count("\n") == 1


@pytest.mark.parametrize("format_", ["gauntlet", "double_elimination", "single_elimination"])
def test_a_round_without_matches_and_a_place_without_anybody(format_: str) -> None:
    stage = finished(format_, 2)
    stage["rounds"].append({"bracket": "upper", "round": 9, "matches": [], "byes": [1]})
    assert violations(stage) == ["upper round 9: nobody plays"]
    stage = finished(format_, 2)
    stage["placements"].insert(0, [1, []])
    assert "a place that nobody has" in violations(stage)
    stage["placements"] = [[1, [1, 2]]]
    violations(stage)


def test_unplayed_matches_count_for_nobody() -> None:
    stage = finished("gauntlet", 3)
    stage["rounds"][-1]["matches"][0]["winner"] = None
    assert any("is listed with" in line for line in violations(stage))


def test_groups_of_unequal_size() -> None:
    stage = finished("round_robin", 7, groups=2)
    # Two groups of 5 and 2 that hold everybody: a schedule somebody made by hand.
    pairs = [(a, b) for a in range(1, 6) for b in range(a + 1, 6)]
    stage["rounds"] = [
        {"bracket": "group:1", "round": n, "matches": [{"seeds": list(pair), "winner": pair[0]}]}
        for n, pair in enumerate(pairs, start=1)
    ] + [{"bracket": "group:2", "round": 1, "matches": [{"seeds": [6, 7], "winner": 6}]}]
    _records_right(stage)
    assert any("groups of 2 and of 5" in line for line in violations(stage))


def test_records_that_differ_and_who_is_done() -> None:
    stage = finished("swiss_limits", 8)
    second = of(stage, "swiss", 2)["matches"]
    first, last = second[0], second[-1]
    first["seeds"][1], last["seeds"][1] = last["seeds"][1], first["seeds"][1]
    for match in (first, last):
        match["winner"] = match["seeds"][0]
    _records_right(stage)
    found = violations(stage)
    assert any("different records" in line for line in found)


def test_who_plays_on_after_the_end() -> None:
    stage = finished("swiss_limits", 8)
    best, worst = stage["placements"][0][1][0], stage["placements"][-1][1][0]
    match = {"seeds": [best, worst], "winner": best}
    stage["rounds"].append({"bracket": "swiss", "round": 9, "matches": [match]})
    _records_right(stage)
    assert any("through or out" in line for line in violations(stage))


def test_a_second_bye() -> None:
    stage = finished("swiss", 5, rounds=2)
    one, two = of(stage, "swiss", 1), of(stage, "swiss", 2)
    rested, again = one["byes"][0], two["byes"][0]
    for match in two["matches"]:
        match["seeds"] = [again if seed == rested else seed for seed in match["seeds"]]
        match["winner"] = match["seeds"][0]
    two["byes"] = [rested]
    _records_right(stage)
    assert any("a second bye" in line for line in violations(stage))
