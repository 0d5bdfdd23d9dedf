"""Who may do what: every route, every kind of visitor, real rows of every state.

A route or an action that is not tried both by who may and by who may not fails.
"""

import re
import sys

import pytest

from app.accounts import permissions
from app.accounts.permissions import EVERYTHING, RULES, Who
from tests.security.cases import Case, accounts, clans, entrants, matches, tournaments
from tests.security.world import WHO

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# The cases, and the actions that they try.
ROOMS = {
    accounts: ("site.", "account.", "desk."),
    clans: ("clan.", "roster."),
    tournaments: ("tournament.", "draft.", "stage."),
    entrants: ("entrant.", "ladder."),
    matches: ("match.", "notice.", "server.", "server_link.", "provider."),
}
# Streams are endless and built files have names of their own.
ELSEWHERE = {
    "/live/{topic}",
    "/live/tournaments/{tournament_id}",
    "/live/matches/{match_id}",
    "/live/server-tests/{link_id}",
    "/static/{name}",
    "/media/{name}",
}
# Machines call these, with a secret and without a session or a form's token.
MACHINES = {
    "GET": {"/game-servers/matchzy/{link_id}/config"},
    "POST": {"/webhooks/faceit", "/game-servers/matchzy/events"},
}
OF_A_THING = {Who.ONESELF, Who.CAPTAIN, Who.OWNER, Who.SIDE, Who.HOST}
# By machines (integration/test_matchzy), and on the way back from Steam (test_steam_sign_in).
TRIED_ELSEWHERE = {"site.tell", "account.link_steam"}


def forms_of(world) -> list[Case]:
    return [each for room in ROOMS for each in room.forms(world)]


def pages_of(world) -> list[Case]:
    return [each for room in ROOMS for each in room.pages(world)]


def routes(site) -> dict[str, dict[str, str]]:
    """The action of each route, by method and address."""
    found: dict[str, dict[str, str]] = {"GET": {}, "POST": {}}
    for route in site.site.litestar.routes:
        for handler in route.route_handlers:
            for method in handler.http_methods & {"GET", "POST"}:
                path = re.sub(r":\w+}", "}", route.path)
                found[method][path] = handler.opt.get("action")
    return found


def answer_of(answer) -> str:
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next"):
        return "sign in"
    return str(answer.status_code)


def is_success(code: int) -> bool:
    return code < 400 or code == 422


async def test_every_route_names_its_action(site):
    for method, known in routes(site).items():
        for path, action in known.items():
            assert action in RULES, path
            assert (Who.MACHINE in RULES[action].who) == (path in MACHINES[method]), path


async def test_every_route_is_tried_by_who_may_and_by_who_may_not(made_world, site):
    _, world = made_world
    for method, cases in (("GET", pages_of(world)), ("POST", forms_of(world))):
        known = routes(site)[method]
        assert set(known) - ELSEWHERE - MACHINES[method] == {each.route for each in cases}
        for path in {each.route for each in cases}:
            mine = [each for each in cases if each.route == path]
            if Who.ANYBODY not in RULES[known[path]].who:
                codes = {code for each in mine for code in each.allowed.values()}
                assert any(map(is_success, codes)) or path == "/account/steam/refresh", path
                assert any(set(WHO) - set(each.allowed) for each in mine), path


@pytest.fixture
def decided(monkeypatch) -> dict[str, set[bool]]:
    """What `may` has said of each action."""
    seen: dict[str, set[bool]] = {action: set() for action in RULES}
    real = permissions.may

    def heard(viewer, action, thing=permissions.NOTHING):
        allowed = real(viewer, action, thing)
        # That somebody could be let in at the door says nothing about the thing itself.
        if not (allowed and thing is EVERYTHING and OF_A_THING & set(RULES[action].who)):
            seen[action].add(allowed)
        return allowed

    for module in list(sys.modules.values()):
        if getattr(module, "may", None) is real:
            monkeypatch.setattr(module, "may", heard)
    return seen


@pytest.mark.timeout(300)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__.rpartition(".")[2])
async def test_who_may_do_what(world, decided, room):
    wrong = [line for each in room.pages(world) for line in await _looked_at(world, each)]
    wrong += [line for each in room.forms(world) for line in await _sent(world, each)]
    assert not wrong, "\n".join(wrong)
    for action, rule in RULES.items():
        if action.startswith(ROOMS[room]) and action not in TRIED_ELSEWHERE:
            wanted = {True} if Who.ANYBODY in rule.who else {True, False}
            assert decided[action] == wanted, action


async def _looked_at(world, each: Case) -> list[str]:
    """What is wrong with what they see there."""
    seen = {who: answer_of(await world.visitors[who].get(each.path)) for who in WHO}
    return [
        f"{each}: {who} gets {found}, not {each.expected(who)}"
        for who, found in seen.items()
        if found != each.expected(who)
    ]


async def _sent(world, each: Case) -> list[str]:
    """What is wrong with what they get, or with what it does: a refusal changes nothing."""
    wrong = []
    for who in WHO:
        seen = answer_of(await world.visitors[who].post(each.path, **each.fields))
        changed = world.shelf.changed()
        if seen != each.expected(who):
            wrong.append(f"{each}: {who} gets {seen}, not {each.expected(who)}")
        if bool(changed) != each.writes(who):
            wrong.append(f"{each}: {who} changes {changed}")
        if each.writes(who) and each.traced != world.shelf.signed_by(world.people[who].account):
            wrong.append(f"{each}: {who}: the history has {'no' if each.traced else 'a'} line")
        world.visitors[who].forget()
        await world.shelf.put_back(changed)
    return wrong


async def test_every_form_needs_its_token(world):
    first = {each.route: each for each in forms_of(world)}
    for each in first.values():
        for who in ("stranger", "organiser", "owner"):
            for token in ("", "00" * 64, "zz"):
                fields = each.fields | {"csrf": token}
                answer = await world.visitors[who].http.post(each.path, data=fields)
                assert answer.status_code in (403, 303), each.path
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/sign-in")
    assert world.shelf.changed() == []


async def test_a_form_from_another_site_is_refused(world):
    answer = await world.visitors["organiser"].http.post(
        "/clans/new", data={}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_no_visitor_passes_for_a_machine(world):
    link = world["shooters link"]
    for who in WHO:
        for path in MACHINES["POST"]:
            assert (await world.visitors[who].post(path)).status_code == 403
        config = await world.visitors[who].get(f"/game-servers/matchzy/{link}/config")
        assert config.status_code == 403
    assert world.shelf.changed() == []
