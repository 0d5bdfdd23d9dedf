"""The table of rules is the only place that decides, and everything asks it."""

import ast
import re
from pathlib import Path

from app.accounts.permissions import RULES

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "clans", "tournaments", "integrations")
RULE_BOOK = "app/accounts/permissions.py"
# Who says what the viewer is to a thing; nothing is allowed or refused there.
GATHERERS = {"clans/access.py", "tournaments/people/access.py", "app/accounts/sessions.py"}


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


# Called by commands that have asked already.
AFTER_THE_RULES = {("tournaments.claims", "hand_in"), ("tournaments.setup", "change")}


def test_every_command_asks():
    """What is given a transaction and a viewer comes to `require`, itself or through others."""
    commands, calls = set(), {}
    for name, tree in sources():
        module = name.removesuffix(".py").replace("/", ".")
        for node in tree.body:
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                calls[module, node.name] = called_in(node, module, imported_by(tree))
                given = {arg.arg for arg in node.args.args}
                # One's own account is nobody else's: its routes ask.
                if {"tx", "viewer"} <= given and not module.startswith("app.accounts."):
                    commands.add((module, node.name))
    asking = {("app.accounts.permissions", "require")}
    while more := {each for each, found in calls.items() if found & asking} - asking:
        asking |= more
    silent = {each for each in commands - asking if not each[1].startswith("_")}
    assert silent == AFTER_THE_RULES
    assert len(commands) > 30


def imported_by(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Where the names of a module come from."""
    return {
        each.asname or each.name: (node.module or "", each.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }


def called_in(
    node: ast.AST, module: str, known: dict[str, tuple[str, str]]
) -> set[tuple[str, str]]:
    """The functions it calls: of its own module, and of those it imports."""
    found = set()
    for call in [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]:
        if isinstance(call, ast.Name):
            found.add(known.get(call.id, (module, call.id)))
        elif isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
            room, name = known.get(call.value.id, ("", ""))
            found.add((f"{room}.{name}", call.attr))
    return found


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
