"""The table of rules: complete, documented, used, and the only place that decides."""

import ast
import re
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
ROOMS = ("app", "clans", "tournaments", "integrations")
RULE_BOOK = "app/accounts/permissions.py"
# Who says what the viewer is to a thing; nothing is allowed or refused there.
GATHERERS = {"clans/access.py", "tournaments/people/access.py", "app/accounts/sessions.py"}


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


# -- the only place --------------------------------------------------------------


def sources():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "piccolo_migrations" not in name and name != RULE_BOOK:
                yield name, ast.parse(path.read_text())


def of_the_viewer(node: ast.AST) -> bool:
    """`viewer.account`, `visit.me.player`, `viewer.is_organiser`, ..."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ("account", "player", "is_organiser", "is_operator")
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr)
        in ("viewer", "me")
    )


def of_a_column(node: ast.AST) -> bool:
    """`Member.player == ...` is a part of a query."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id[:1].isupper()


def is_a_role(node: ast.AST) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(is_a_role, node.elts))
    return isinstance(node, ast.Constant) and node.value in ("owner", "captain")


def decisions(tree: ast.AST):
    """Lines that decide by themselves who may do something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(of_the_viewer, sides)) and not any(map(of_a_column, sides)):
                yield node.lineno
            if any(map(is_a_role, sides)):
                yield node.lineno
        elif (isinstance(node, ast.Attribute) and node.attr in ("is_organiser", "is_operator")) or (
            isinstance(node, ast.Name) and node.id == "LEADERS"
        ):
            yield node.lineno


# What a role is, not what somebody with it may do.
BY_NATURE = {
    # The owner's role is only handed over, and stands first in lists.
    "clans/membership.py": 4,
    "clans/queries.py": 1,
}


def test_nobody_else_decides():
    found = {name: len(set(decisions(tree))) for name, tree in sources() if name not in GATHERERS}
    assert {name: count for name, count in found.items() if count} == BY_NATURE


def test_the_search_for_deciders_finds_them():
    for line in (
        "if viewer.account != row['organiser']: pass",
        "if player == visit.me.player: pass",
        "if clan['role'] in ('owner', 'captain'): pass",
        "if role == 'owner': pass",
        "if visit.viewer.is_operator: pass",
        "x = role in LEADERS",
    ):
        assert list(decisions(ast.parse(line))), line
    assert not list(decisions(ast.parse("Member.select().where(Member.player == viewer.player)")))


def test_nobody_else_refuses():
    """`Forbidden` is raised by the rules; and where a form was not sent by its page."""
    refusing = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and "Forbidden" in ast.unparse(node.exc)
    }
    assert refusing == {"app/accounts/visit.py"}


def test_templates_ask_the_rules():
    wrong = re.compile(r"is_organiser|is_operator|(?<![.\w])role (?:in|==|!=)")
    for path in sorted((ROOT / "templates").rglob("*.html")):
        statements = re.findall(r"\{[%{].*?[%}]\}", path.read_text())
        found = [each for each in statements if wrong.search(each) and "macro" not in each]
        if path.name != "ui.html":
            assert not found, path


def asks(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "app.accounts.permissions"
        for node in ast.walk(tree)
    )


def actions_in(tree: ast.AST):
    """What is written out in calls of `may`, `require` and `route`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = {"may": 1, "require": 1, "route": 0}.get(node.func.id, 9)
            for each in ast.walk(node.args[place]) if len(node.args) > place else ():
                if isinstance(each, ast.Constant):
                    yield each.value


def test_every_rule_is_used_and_every_action_has_a_rule():
    named = {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(RULES) <= named
    asked = {action for _, tree in sources() if asks(tree) for action in actions_in(tree)}
    for path in (ROOT / "templates").rglob("*.html"):
        asked |= set(re.findall(r"may\(\"([\w.]+)\"", path.read_text()))
    assert asked <= set(RULES)
