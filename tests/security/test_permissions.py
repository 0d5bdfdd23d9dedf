"""The table of rules: who is who, what the refused hear, and the page for people."""

from pathlib import Path

import pytest

from app.accounts.permissions import (
    EVERYTHING,
    NOTHING,
    RULES,
    NeedsSignIn,
    Thing,
    Who,
    at_the_door,
    at_the_raw_door,
    may,
    require,
    route,
)
from app.accounts.sessions import Viewer
from app.kernel.errors import Forbidden, NotFound

ROOT = Path(__file__).parents[2]


def viewer(*, organiser: bool = False, operator: bool = False) -> Viewer:
    return Viewer(
        account=1,
        player=1,
        nickname="x",
        email="",
        language="en",
        is_organiser=organiser,
        session=1,
        is_operator=operator,
    )


PLAIN, ORGANISER, OPERATOR = viewer(), viewer(organiser=True), viewer(operator=True)


@pytest.mark.parametrize(
    ("who", "is_one", "is_none"),
    [
        (Who.ANYBODY, [(None, NOTHING), (PLAIN, NOTHING)], []),
        (Who.SIGNED_IN, [(PLAIN, NOTHING)], [(None, EVERYTHING)]),
        (Who.ONESELF, [(PLAIN, Thing(own=True))], [(PLAIN, Thing(role="owner", side=0))]),
        (
            Who.CAPTAIN,
            [(PLAIN, Thing(role="captain")), (PLAIN, Thing(role="owner"))],
            [
                *((PLAIN, Thing(role=role)) for role in ("player", "substitute", "coach", None)),
                (ORGANISER, Thing(own=True, organiser=True, side=1)),
                (None, EVERYTHING),
            ],
        ),
        (
            Who.OWNER,
            [(PLAIN, Thing(role="owner"))],
            [(PLAIN, Thing(role="captain")), (None, EVERYTHING)],
        ),
        (
            Who.SIDE,
            [(PLAIN, Thing(side=0)), (PLAIN, Thing(side=1))],
            [(ORGANISER, Thing(organiser=True, role="owner")), (None, EVERYTHING)],
        ),
        (
            Who.HOST,
            [(ORGANISER, Thing(organiser=True))],
            # Who may not organise here any more does not organise.
            [(PLAIN, Thing(organiser=True)), (ORGANISER, Thing(role="owner", side=0, own=True))],
        ),
        (Who.ORGANISER, [(ORGANISER, NOTHING)], [(OPERATOR, EVERYTHING), (PLAIN, EVERYTHING)]),
        (Who.OPERATOR, [(OPERATOR, NOTHING)], [(ORGANISER, EVERYTHING), (PLAIN, EVERYTHING)]),
        (Who.MACHINE, [], [(OPERATOR, EVERYTHING), (None, EVERYTHING)]),
    ],
)
def test_who_is_who(who, is_one, is_none):
    for action in [name for name, rule in RULES.items() if rule.who == (who,)]:
        assert all(may(person, action, thing) for person, thing in is_one)
        assert not any(may(person, action, thing) for person, thing in is_none)


def test_every_kind_of_visitor_has_an_action_of_its_own():
    assert {rule.who[0] for rule in RULES.values() if len(rule.who) == 1} == set(Who)


def test_who_is_refused_hears_why():
    with pytest.raises(NeedsSignIn):
        require(None, "clan.edit")
    with pytest.raises(Forbidden, match="clan's captains"):
        require(PLAIN, "clan.edit")
    with pytest.raises(NotFound):
        require(None, "draft.see")
    with pytest.raises(NotFound):
        require(ORGANISER, "draft.see")
    with pytest.raises(KeyError):
        may(PLAIN, "clan.dissolve", EVERYTHING)
    require(PLAIN, "clan.edit", Thing(role="captain"))


def test_a_route_without_an_action_answers_nobody():
    for person in (None, PLAIN, ORGANISER, OPERATOR):
        for opt in ({}, {"raw": True}, {"action": None}):
            with pytest.raises(Forbidden):
                at_the_door(opt, person)
            with pytest.raises(Forbidden):
                at_the_raw_door(opt)
    with pytest.raises(Forbidden):
        at_the_raw_door(route("clan.edit", raw=True))
    with pytest.raises(Forbidden):
        at_the_door(route("site.tell"), OPERATOR)
    at_the_raw_door(route("site.see", raw=True))
    at_the_raw_door(route("site.tell"))
    at_the_door(route("clan.edit"), PLAIN)
    with pytest.raises(Forbidden):
        at_the_door(route("tournament.edit"), PLAIN)


# -- for people ------------------------------------------------------------------


def test_the_page_for_people_says_the_same():
    rows = [
        f"| `{action}` | {' or '.join(who.value for who in rule.who)} | {_words(rule)} |"
        for action, rule in RULES.items()
    ]
    page = (ROOT / "docs/permissions.md").read_text()
    written = [line for line in page.splitlines() if line.startswith("| `")]
    assert written == rows, "\n".join(rows)


def _words(rule):
    if rule.hidden:
        return "(it is not there)"
    return rule.words or "–"
