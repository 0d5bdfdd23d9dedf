"""docs/lifecycle.md is the truth: every verb on every state of everything, in every format."""

import pytest

from tests.walks.lifecycle import NEVER, TOURNAMENT, tried, written
from tests.walks.states import ENTRANTS, MATCHES
from tests.walks.verbs import OF_ENTRANT, OF_MATCH, OF_TOURNAMENT
from tests.walks.words import sentences
from tests.walks.worlds import PLANS

# Those whose refusals differ most; the others are tried by `make test-slow`.
QUICK = ("groups_then_playoffs", "single_elimination")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "plan",
    [pytest.param(each, marks=[pytest.mark.slow] * (each not in QUICK)) for each in sorted(PLANS)],
)
async def test_what_can_be_done_when(indoors, world_of, plan):
    files, cast = await world_of(plan)
    said, wrong = written(), []
    name = plan.replace("_", " ")
    seen = set()
    async for kind, verb, state, answer in tried(indoors, files, cast):
        cell = said[kind, verb, state]
        seen.add((kind, verb, state))
        if answer != cell.get(name, cell.get("")):
            wrong.append(f"{kind} {state}: {verb} → {answer!r}, not {cell}")
    assert wrong == []
    # One stage knows no other; all else that the table has is tried in it.
    if plan == "single_elimination":
        assert len(seen) >= 199


def test_the_table_knows_every_verb_and_every_state():
    said = written()
    wanted = {
        (kind, verb, state)
        for kind, verbs, states in (
            ("tournament", OF_TOURNAMENT, TOURNAMENT),
            ("match", OF_MATCH, MATCHES),
            ("entrant", OF_ENTRANT, ENTRANTS),
        )
        for verb in verbs
        for state in states
    }
    assert set(said) == wanted
    words = {answer for cell in said.values() for answer in cell.values()} - {"yes", NEVER}
    assert [each for each in words if not sentences("en").fullmatch(each)] == []
