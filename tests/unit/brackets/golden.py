"""The format vectors, and the command line they are run through."""

import io
import json
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


def triples(answer: dict, bracket: str) -> list:
    """The matches of a bracket round by round, as [seed, seed, winner]."""
    return [
        [[*match["seeds"], match["winner"]] for match in each["matches"]]
        for each in answer["rounds"]
        if each["bracket"] == bracket
    ]
