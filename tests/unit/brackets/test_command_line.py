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
