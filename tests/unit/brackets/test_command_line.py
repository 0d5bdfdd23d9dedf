"""The command line as a contract: a process, exit codes, one line of error."""

import io
import json
import subprocess
import sys

import pytest

from brackets.command_line import main


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


@pytest.mark.parametrize(
    ("verb", "request_", "said"),
    [
        ("play", {"format": "gsl", "entrants": 5}, "GSL groups need"),
        (
            "play",
            {"format": "swiss", "entrants": 8, "options": {"points": {"win": 1e300}}},
            "at most 1000 points",
        ),
        ("draw", {"format": "gsl", "entrants": 4, "options": {"best_of": 0}}, "best_of must be"),
        (
            "draw",
            {"format": "gsl", "entrants": 4, "options": {"round_best_of": {"group:1": 1000}}},
            "best_of must be",
        ),
        ("next", {"entrants": 4, "points": {"1": 1e300}}, "points must be"),
        ("next", {"entrants": 4, "points": {"win": -1e300}}, "at most 1000 points"),
        ("play", {"format": "round_robin", "entrants": 80}, "make more groups"),
        (
            "play",
            {"format": "round_robin", "entrants": 4, "options": {"tie_breaks": ["luck"]}},
            "luck",
        ),
        (
            "play",
            {"format": "round_robin", "entrants": 4, "options": {"tie_breaks": ["wins", "wins"]}},
            "twice",
        ),
        ("next", {"entrants": 4, "history": [[[1, 9, 1]]]}, "a seed must be"),
        ("next", {"entrants": 4, "history": [[[1, 2, 1], [1, 3, 1]]]}, "plays twice"),
        ("next", {"entrants": 4, "history": [[[1, 2, 3]]]}, "somebody else"),
        ("next", {"entrants": 0}, "entrants must be"),
        (
            "play",
            {"format": "swiss", "entrants": 2, "results": [{"seeds": [1, 2], "score": [2, 1]}]},
            "equal scores",
        ),
        (
            "play",
            {"format": "swiss", "entrants": 2, "results": [{"seeds": [1, 2], "score": [-1, -1]}]},
            "negative",
        ),
        (
            "play",
            {"format": "gauntlet", "entrants": 2, "results": [{"seeds": [1, 2], "score": [1, 1]}]},
            "no draws",
        ),
        (
            "play",
            {"format": "swiss", "entrants": 2, "results": [{"seeds": [1, 2]}]},
            "needs a winner",
        ),
    ],
)
def test_what_cannot_be_is_said(verb: str, request_: dict, said: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert main([verb], io.BytesIO(json.dumps(request_).encode()), out, err) == 2
    assert said in err.getvalue()


def test_a_resting_swiss_round_and_a_plan_with_all_kinds_of_slots() -> None:
    out = io.StringIO()
    request = {"format": "double_elimination", "entrants": 3}
    main(["draw"], io.BytesIO(json.dumps(request).encode()), out, io.StringIO())
    slots = [slot for match in json.loads(out.getvalue())["matches"] for slot in match["slots"]]
    assert {kind for slot in slots for kind in slot} == {"seed", "winner_of", "loser_of", "bye"}
    out = io.StringIO()
    main(["next"], io.BytesIO(b'{"entrants":1}'), out, io.StringIO())
    assert json.loads(out.getvalue())["pairs"] is None


def played(**request: object) -> dict:
    out, err = io.StringIO(), io.StringIO()
    assert main(["play"], io.BytesIO(json.dumps(request).encode()), out, err) == 0, err.getvalue()
    return json.loads(out.getvalue())


def test_each_format_reads_only_the_options_that_concern_it() -> None:
    options = {"rounds": 7, "legs": 2, "grand_final": "none", "third_place": True}
    answer = played(format="swiss_limits", entrants=8, options=options, results="lower_seed_wins")
    assert answer["complete"]


def test_a_tie_break_that_the_record_has_already() -> None:
    options = {"tie_breaks": ["wins", "losses", "difficulty"]}
    answer = played(format="swiss_limits", entrants=8, options=options, results="lower_seed_wins")
    assert answer["complete"]


def test_the_round_being_played_may_be_given_in_part() -> None:
    first = [
        {"round": 1, "seeds": [1, 2], "winner": 1},
        {"round": 1, "seeds": [3, 4], "winner": 3},
        {"round": 1, "seeds": [5, 6], "winner": 5},
    ]
    answer = played(
        format="swiss",
        entrants=6,
        options={"rounds": 2},
        results=[*first, {"round": 2, "seeds": [1, 6], "winner": 1}],
    )
    second = answer["rounds"][1]["matches"]
    assert second[0] == {"seeds": [1, 6], "winner": 1, "best_of": 1}
    # The others are paired without a rematch, equals first.
    assert answer["ready"] == [[3, 5], [2, 4]]


@pytest.mark.parametrize("seeds", [[1, 7], [1, 1]])
def test_a_round_given_in_part_is_of_those_who_play(seeds: list) -> None:
    request = {
        "format": "swiss",
        "entrants": 6,
        "results": [
            {"round": 1, "seeds": [1, 2], "winner": 1},
            {"round": 1, "seeds": seeds, "winner": 1},
        ],
    }
    err = io.StringIO()
    assert main(["play"], io.BytesIO(json.dumps(request).encode()), io.StringIO(), err) == 2
    assert "those who play" in err.getvalue()


def test_an_entry_of_another_round_waits_for_it() -> None:
    request = {"format": "round_robin", "entrants": 2, "options": {"legs": 2}}
    answer = played(**request, results=[{"round": 2, "seeds": [1, 2], "winner": 2}])
    assert [each["matches"][0]["winner"] for each in answer["rounds"]] == [None, 2]
