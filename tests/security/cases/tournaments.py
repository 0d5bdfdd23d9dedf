"""A tournament: its organiser, in every state of it."""

from tests.factories import cup_data, typed
from tests.security.cases import CAPTAINS, EVERYBODY, HOST, Case, case
from tests.security.world import World

STATES = ("draft", "open", "closed", "running", "finished", "cancelled")
OPPONENTS = f"{CAPTAINS} opponent"


def _host(state: str, code: int) -> dict[str, int]:
    """For other organisers a draft is not there; who is none does not get that far."""
    return {HOST: code, "rival": 404} if state == "draft" else {HOST: code}


# What its organiser gets in the states above.
STEPS = {
    "/tournaments/{slug}/edit": "303 303 303 409 409 409",
    "/tournaments/{slug}/publish": "303 303 303 409 409 409",
    "/tournaments/{slug}/close": "409 303 303 409 409 409",
    "/tournaments/{slug}/start": "409 409 303 303 303 409",
    "/tournaments/{slug}/cancel": "303 303 303 303 409 303",
    "/tournaments/{slug}/seeds": "409 409 303 409 409 409",
    "/tournaments/{slug}/seeds/lot": "409 409 303 409 409 409",
    "/tournaments/{slug}/seeds/rating": "409 409 303 409 409 409",
    "/tournaments/{slug}/seeds/list": "409 409 303 409 409 409",
    "/tournaments/{slug}/seeds/apart": "409 409 303 409 409 409",
    "/tournaments/{slug}/next": "409 409 409 409 409 409",
    "/tournaments/{slug}/stage-back": "409 409 409 409 409 409",
}
# Asked for once more: nothing new.
QUIET = {
    ("/tournaments/{slug}/publish", "open"),
    ("/tournaments/{slug}/close", "closed"),
    ("/tournaments/{slug}/start", "running"),
    ("/tournaments/{slug}/start", "finished"),
    ("/tournaments/{slug}/cancel", "cancelled"),
}
FORM = typed(cup_data(size_limit="8"))
FIELDS = {
    "/tournaments/{slug}/edit": FORM,
    "/tournaments/{slug}/seeds/list": {"list": "1. Clan 4; 1800\n2. Clan 1; 1500"},
    "/tournaments/{slug}/seeds/lot": {"lot": "25 November"},
}


def forms(w: World) -> list[Case]:
    return [
        case("/tournaments/new", {"organiser rival": 303}, **FORM),
        *_steps(w),
        *_stages(w),
    ]


def _steps(w: World) -> list[Case]:
    found = [
        case(
            route,
            _host(state, int(code)),
            quiet=HOST if (route, state) in QUIET else "",
            slug=w.slug(state),
            **FIELDS.get(route, {}),
        )
        for route, codes in STEPS.items()
        for state, code in zip(STATES, codes.split(), strict=True)
    ]
    foreign = [
        case(route, {"rival": 303}, slug=w.slug("foreign"))
        for route in ("/tournaments/{slug}/cancel",)
    ]
    return found + foreign


def _stages(w: World) -> list[Case]:
    return [
        case("/tournaments/{slug}/next", {HOST: 303}, slug=w.slug("group")),
        case("/tournaments/{slug}/stage-back", {HOST: 303}, slug=w.slug("playoffs")),
        case("/tournaments/{slug}/stage-back", {HOST: 409}, slug=w.slug("group")),
    ]


# -- pages -----------------------------------------------------------------------


def pages(w: World) -> list[Case]:
    return [
        *_public(w),
        case("/tournaments/new", {"organiser rival": 200}),
        *(
            case(route, _host(state, 200), slug=w.slug(state))
            for route in ("/tournaments/{slug}/manage", "/tournaments/{slug}/edit")
            for state in (*STATES, "group", "playoffs", "left", "quarrel")
        ),
        case("/tournaments/{slug}/manage", {"rival": 200}, slug=w.slug("foreign")),
    ]


def _public(w: World) -> list[Case]:
    needs, why = (
        "/tournaments/{slug}/needs/{entrant}",
        "/tournaments/{slug}/why/{stage}/{entrant}",
    )
    return [
        *(
            case("/tournaments/{slug}", {EVERYBODY: 200}, slug=w.slug(state))
            for state in (*STATES[1:], "group", "playoffs", "left", "quarrel", "ladder", "foreign")
        ),
        case("/tournaments/{slug}", {HOST: 200}, refused=404, public=True, slug=w.slug("draft")),
        case(needs, {EVERYBODY: 404}, slug=w.slug("running"), entrant=w["running 1"]),
        case(why, {EVERYBODY: 200}, slug=w.slug("group"), stage=1, entrant=w["group 1"]),
        case(why, {EVERYBODY: 404}, slug=w.slug("group"), stage=1, entrant=w["foreign 1"]),
        case(why, {EVERYBODY: 404}, slug=w.slug("draft"), stage=1, entrant=w["open 1"]),
        case(needs, {EVERYBODY: 404}, slug=w.slug("draft"), entrant=w["open 1"]),
    ]
