"""The elimination vectors, through the command line."""

import json
from hashlib import sha256

import pytest

from tests.unit.brackets.golden import cases, run, triples


@pytest.mark.parametrize("case", cases("single_elimination.json"))
def test_single_elimination(case: dict) -> None:
    third = case["options"]["third_place"]
    answer = run(
        "play",
        {
            "format": "single_elimination",
            "entrants": case["n"],
            "options": {"third_place": third},
            "results": case["results_rule"],
        },
    )
    expected = case["expected"]
    upper = [each for each in answer["rounds"] if each["bracket"] == "upper"]
    assert [
        sorted([*match["seeds"], match["winner"]] for match in each["matches"]) for each in upper
    ] == [sorted(each) for each in expected["rounds"]]
    assert answer["placements"] == expected["placements"]
    assert answer["matches_played"] == expected["matches_played"]
    assert [seed for each in upper for seed in each["byes"]] == expected["bye_seeds"]
    assert answer["complete"]
    if "third_place_match" in expected:
        [match] = next(e for e in answer["rounds"] if e["bracket"] == "third_place")["matches"]
        assert [*match["seeds"], match["winner"]] == expected["third_place_match"]


@pytest.mark.parametrize("case", cases("single_elimination_large.json"))
def test_large(case: dict) -> None:
    request = {"format": "single_elimination", "entrants": case["n"]}
    plan = run("draw", request)["matches"]
    first = sorted(
        sorted(slot["seed"] for slot in match["slots"])
        for match in plan
        if match["round"] == 1 and all("seed" in slot for slot in match["slots"])
    )
    compact = json.dumps(first, separators=(",", ":")).encode()
    expected = case["expected"]
    assert sha256(compact).hexdigest() == expected["round1_pairs_sha256"]
    assert len(first) == expected["round1_matches"]
    played = run("play", request | {"results": "lower_seed_wins"})
    assert played["matches_played"] == expected["matches_played"]
    assert len([e for e in played["rounds"] if e["bracket"] == "upper"]) == expected["rounds"]


REAL = [
    case
    for case in cases("elimination_real.json")
    if case.values[0]["format"] == "single_elimination"
]


@pytest.mark.parametrize("case", REAL)
def test_real_playoffs_replay_from_a_list_of_results(case: dict) -> None:
    rounds = case["expected"]["rounds"]
    results = [
        {"round": number, "seeds": [high, low], "winner": winner}
        for number, matches in enumerate(rounds, start=1)
        for low, high, winner in matches
    ]
    answer = run(
        "play",
        {"format": "single_elimination", "entrants": case["n"], "results": results[::-1]},
    )
    assert answer["complete"]
    assert answer["placements"] == case["expected"]["placements"]


@pytest.mark.parametrize("case", cases("double_elimination_small.json"))
def test_double_elimination_of_three_to_eight(case: dict) -> None:
    answer = _double(case)
    expected = case["expected"]
    for bracket, name in (("upper", "wb_rounds"), ("lower", "lb_rounds"), ("final", "final")):
        assert [sorted(each) for each in triples(answer, bracket)] == [
            sorted(each) for each in expected[name]
        ]
    assert answer["placements"] == expected["placements"]
    assert answer["matches_played"] == expected["matches_played"]


@pytest.mark.parametrize("case", cases("double_elimination_facts.json"))
def test_double_elimination_of_nine_to_128(case: dict) -> None:
    answer = _double(case)
    expected = case["expected"]
    assert [sorted(each) for each in triples(answer, "upper")] == [
        sorted(each) for each in expected["wb_rounds"]
    ]
    assert [len(each) for each in triples(answer, "lower")] == expected["lb_round_match_counts"]
    assert [len(seeds) for _, seeds in answer["placements"]] == expected["placement_group_sizes"]
    assert answer["matches_played"] in expected["matches_allowed"]
    for name in ("placements", "matches_played"):
        if name in expected:
            assert answer[name] == expected[name]


def _double(case: dict) -> dict:
    reset = case["options"]["grand_final_reset"]
    answer = run(
        "play",
        {
            "format": "double_elimination",
            "entrants": case["n"],
            "options": {"grand_final": "reset" if reset else "single"},
            "results": case["results_rule"],
        },
    )
    assert answer["complete"]
    assert answer["ready"] == []
    return answer


@pytest.mark.parametrize("case", cases("double_elimination_rematch.json"))
def test_rematches_are_as_late_as_any_known_drop_order_makes_them(case: dict) -> None:
    request = {"format": "double_elimination", "entrants": case["n"]}
    plan = {match["id"]: match for match in run("draw", request)["matches"]}
    known = [case["best_library_worst"]]
    if case["best_named_order"]:
        known.append(case["best_named_order"]["worst"])
    assert earliest_rematch(plan, case["lb_rounds"]) <= min(
        each for each in known if each is not None
    )


def earliest_rematch(plan: dict, lower_rounds: int) -> int:
    """Rounds before the lower final in which two can first meet again, at worst."""
    winner_to, loser_to = {}, {}
    for match in plan.values():
        for slot in match["slots"]:
            if "winner_of" in slot:
                winner_to[slot["winner_of"]] = match["id"]
            if "loser_of" in slot:
                loser_to[slot["loser_of"]] = match["id"]

    def path(id_: str) -> list[str]:
        """Lower matches from where the losers of this match come in."""
        found, each = [], loser_to[id_]
        while each in plan and plan[each]["bracket"] == "lower":
            found.append(each)
            each = winner_to.get(each)
        return found

    def real(id_: str) -> bool:
        return not any("bye" in slot for slot in plan[id_]["slots"])

    worst = 0
    upper = [id_ for id_, match in plan.items() if match["bracket"] == "upper" and real(id_)]
    for id_ in upper:
        mine, later = path(id_), winner_to[id_]
        while plan[later]["bracket"] == "upper":
            meeting = next(each for each in path(later) if each in mine)
            if len(path(later)) and not _passed_alone(plan, meeting):
                worst = max(worst, lower_rounds - _nth(plan, meeting, lower_rounds))
            later = winner_to[later]
    return worst


def _nth(plan: dict, id_: str, lower_rounds: int) -> int:
    last = max(match["round"] for match in plan.values() if match["bracket"] == "lower")
    return lower_rounds - (last - plan[id_]["round"])


def _passed_alone(plan: dict, id_: str) -> bool:
    return False


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in cases("elimination_real.json")
        if case.values[0]["format"] == "double_elimination"
    ],
)
def test_real_qualifiers_without_a_grand_final(case: dict) -> None:
    expected = case["expected"]
    results = [
        {"seeds": [low, high], "winner": winner}
        for name in ("wb_rounds", "lb_rounds")
        for matches in expected[name]
        for low, high, winner in matches
    ]
    answer = run(
        "play",
        {
            "format": "double_elimination",
            "entrants": case["n"],
            "options": {"grand_final": "none"},
            "results": results,
        },
    )
    assert answer["complete"]
    assert answer["matches_played"] == expected["matches_played"]
    order = [seeds if len(seeds) > 1 else seeds[0] for _, seeds in answer["placements"]]
    assert order == expected["order"]


@pytest.mark.parametrize("case", cases("gsl.json"))
def test_gsl(case: dict) -> None:
    results = [{"seeds": [a, b], "winner": winner} for _, a, b, winner in case["matches"]]
    answer = run("play", {"format": "gsl", "entrants": 4, "results": results})
    assert answer["placements"] == [[n, [seed]] for n, seed in enumerate(case["expected"], start=1)]
    assert [row["place"] for row in answer["standings"]] == [1, 2, 3, 4]
    decider = next(e for e in answer["rounds"] if e["round"] == 3)["matches"][0]["seeds"]
    played = [sorted(match["seeds"]) for e in answer["rounds"][:1] for match in e["matches"]]
    assert (sorted(decider) in played) == case["rematch_in_decider"]
