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
            {"format": "swiss_limits", "entrants": 8, "options": {"rounds": 3}},
            "not by rounds",
        ),
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
