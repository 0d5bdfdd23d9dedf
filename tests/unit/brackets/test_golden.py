"""The format vectors, through the command line."""

import io
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from brackets.command_line import main

GOLDEN = Path(__file__).parents[2] / "golden"


def cases(name: str) -> list:
    loaded = json.loads((GOLDEN / name).read_text())["cases"]
    return [pytest.param(case, id=case["id"]) for case in loaded]


def run(verb: str, request: dict) -> dict:
    out, err = io.StringIO(), io.StringIO()
    code = main([verb], io.BytesIO(json.dumps(request).encode()), out, err)
    assert code == 0, err.getvalue()
    return json.loads(out.getvalue())


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


def test_the_command_line_as_a_process() -> None:
    request = {
        "format": "single_elimination",
        "entrants": 4,
        "results": [{"seeds": [4, 1], "winner": 4, "score": [2, 0]}],
    }
    done = subprocess.run(
        [sys.executable, "-m", "brackets", "play"],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["ready"] == [[2, 3]]
    assert not answer["complete"]


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["play"], b""),
        (["play"], b"\xff\xfe"),
        (["play"], b"[1"),
        (["play"], b"[" * 100_000),
        (["play"], b'{"format":"single_elimination","entrants":1}'),
        (["play"], b'{"format":"single_elimination","entrants":4097}'),
        (["play"], b'{"format":"marathon","entrants":8}'),
        (["play"], b'{"format":"single_elimination","entrants":8,"results":"toss"}'),
        (
            ["play"],
            b'{"format":"single_elimination","entrants":4,"results":[{"seeds":[1,2],"winner":1}]}',
        ),
        (
            ["play"],
            b'{"format":"single_elimination","entrants":4,"results":[{"seeds":[1,4],"winner":2}]}',
        ),
        (
            ["play"],
            b'{"format":"single_elimination","entrants":4,"results":[{"seeds":[1,4],"score":[1,1]}]}',
        ),
        (
            ["play"],
            b'{"format":"single_elimination","entrants":4,"results":[{"seeds":[1,4],"winner":1,"score":[0,2]}]}',
        ),
        (["juggle"], b"{}"),
        ([], b"{}"),
    ],
)
def test_a_bad_spec_is_one_line_and_exit_code_2(arguments: list, stdin: bytes) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert main(arguments, io.BytesIO(stdin), out, err) == 2
    assert out.getvalue() == ""
    assert err.getvalue().count("\n") == 1
    assert err.getvalue().startswith("brackets: ")
