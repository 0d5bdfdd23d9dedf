"""Clans in a tournament: they register, withdraw, leave, come back, and challenge."""

from tests.security.cases import CAPTAINS, HOST, SIGNED_IN, Case, case
from tests.security.cases.tournaments import STATES
from tests.security.world import World

OPPONENTS = f"{CAPTAINS} opponent"


def forms(w: World) -> list[Case]:
    return [
        *_registering(w),
        *_withdrawing(w),
        *_leaving(w),
        *_challenging(w),
        *_teams(w),
    ]


def _registering(w: World) -> list[Case]:
    route = "/tournaments/{slug}/register"
    mine, other = w.clans[1], w.clans[9]
    given = {"clan": mine.id, "players": [str(each) for each in mine.players]}
    codes = {"open": 303, "closed": 409, "running": 409, "finished": 409, "cancelled": 409}
    new = {"clan": other.id, "players": [str(each) for each in other.players]}
    return [
        *(
            case(route, {CAPTAINS: code}, slug=w.slug(state), **given)
            for state, code in codes.items()
        ),
        # Its captains do not see the draft; its organiser leads no clan.
        case(route, {HOST: 403}, refused=404, slug=w.slug("draft"), **given),
        case(route, {"outsider": 303}, slug=w.slug("open"), **new),
        case(route, {"outsider": 422}, slug=w.slug("open"), **(new | {"players": "1"})),
        case(route, {}, slug=w.slug("open"), clan="0", players=given["players"]),
    ]


def _withdrawing(w: World) -> list[Case]:
    route = "/tournaments/{slug}/withdraw"
    mine = f"{CAPTAINS} {HOST}"
    codes = {"open": 303, "closed": 303, "running": 409, "finished": 409, "cancelled": 409}
    return [
        *(
            case(route, {mine: code}, slug=w.slug(state), entrant=w[f"{state} 1"])
            for state, code in codes.items()
        ),
        case(route, {f"opponent {HOST}": 303}, slug=w.slug("open"), entrant=w["open 4"]),
        case(route, {SIGNED_IN: 404}, slug=w.slug("open"), entrant=w["closed 1"]),
        case(route, {SIGNED_IN: 404}, slug=w.slug("open"), entrant=w["foreign 1"]),
        case(route, {SIGNED_IN: 404}, slug=w.slug("closed"), entrant=999_999),
        case(route, {HOST: 404}, refused=404, slug=w.slug("draft"), entrant=w["open 1"]),
    ]


def _leaving(w: World) -> list[Case]:
    route, back = (
        "/tournaments/{slug}/entrants/{entrant}/leave",
        "/tournaments/{slug}/entrants/{entrant}/back",
    )
    mine = f"{CAPTAINS} {HOST}"
    here = {"slug": w.slug("running"), "entrant": w["running 1"]}
    gone = {"slug": w.slug("left"), "entrant": w["left 4"]}
    return [
        case(route, {mine: 303}, kind="withdrawn", **here),
        case(route, {HOST: 303}, kind="disqualified", reason="smurf", **here),
        case(route, {HOST: 422}, kind="disqualified", reason="", **here),
        case(route, {HOST: 422}, kind="expelled", reason="smurf", **here),
        case(route, {f"opponent {HOST}": 303}, quiet=SIGNED_IN, kind="withdrawn", **gone),
        case(
            route,
            {"captain owner rival": 303},
            kind="withdrawn",
            slug=w.slug("foreign"),
            entrant=w["foreign 1"],
        ),
        *(
            case(route, {mine: 409}, kind="withdrawn", slug=w.slug(state), entrant=w[f"{state} 1"])
            for state in ("open", "closed", "finished", "cancelled")
        ),
        case(
            route,
            {SIGNED_IN: 404},
            kind="withdrawn",
            slug=w.slug("running"),
            entrant=w["left 1"],
        ),
        case(back, {HOST: 303}, seen="", **gone),
        case(back, {HOST: 303}, quiet=SIGNED_IN, seen="", **here),
        case(back, {HOST: 409}, seen="", slug=w.slug("finished"), entrant=w["finished 1"]),
        case(back, {HOST: 409}, seen="", slug=w.slug("cancelled"), entrant=w["cancelled 1"]),
        case(back, {"rival": 303}, quiet=SIGNED_IN, slug=w.slug("foreign"), entrant=w["foreign 1"]),
    ]


def _challenging(w: World) -> list[Case]:
    route = "/tournaments/{slug}/challenge"
    ladder = {"slug": w.slug("ladder")}
    return [
        case(route, {f"opponent {HOST}": 303}, lower=w["ladder 4"], upper=w["ladder 1"], **ladder),
        case(
            route, {f"{CAPTAINS} {HOST}": 422}, lower=w["ladder 1"], upper=w["ladder 4"], **ladder
        ),
        case(route, {HOST: 422}, lower=w["running 4"], upper=w["ladder 1"], **ladder),
        case(route, {SIGNED_IN: 404}, lower=w["running 4"], upper=1, slug=w.slug("running")),
    ]


def _teams(w: World) -> list[Case]:
    route = "/tournaments/{slug}/entrants/{entrant}/team"
    codes = {"open": 303, "closed": 303, "running": 303, "finished": 409, "cancelled": 409}
    found = []
    for state, code in codes.items():
        entrant = w[f"{state} 1"]
        given = {"slug": w.slug(state), "entrant": entrant, f"team_{entrant}": "8255888"}
        found.append(case(route, {HOST: code}, **given))
    stray = {"slug": w.slug("open"), "entrant": w["closed 1"], f"team_{w['closed 1']}": "8255888"}
    return [*found, case(route, {HOST: 404}, **stray)]


# -- pages -----------------------------------------------------------------------


def pages(w: World) -> list[Case]:
    return [
        *(
            case("/tournaments/{slug}/register", {SIGNED_IN: 200}, slug=w.slug(state))
            for state in STATES[1:]
        ),
        case("/tournaments/{slug}/register", {HOST: 200}, refused=404, slug=w.slug("draft")),
        case("/tournaments/{slug}/challenge", {f"{OPPONENTS} {HOST}": 200}, slug=w.slug("ladder")),
        case("/tournaments/{slug}/challenge", {SIGNED_IN: 404}, slug=w.slug("running")),
        *_leave_pages(w),
    ]


def _leave_pages(w: World) -> list[Case]:
    route = "/tournaments/{slug}/entrants/{entrant}/leave"
    mine = f"{CAPTAINS} {HOST}"
    return [
        case(route, {mine: 200}, slug=w.slug("running"), entrant=w["running 1"]),
        case(route, {f"opponent {HOST}": 200}, slug=w.slug("left"), entrant=w["left 4"]),
        case(route, {mine: 409}, slug=w.slug("finished"), entrant=w["finished 1"]),
        case(route, {mine: 409}, slug=w.slug("closed"), entrant=w["closed 1"]),
        case(route, {SIGNED_IN: 404}, slug=w.slug("running"), entrant=w["left 1"]),
    ]
