"""One's own account: everybody has only their own."""

from tests.security.cases import EVERYBODY, SIGNED_IN, Case, case
from tests.security.world import World


def forms(_: World) -> list[Case]:
    known = {"stranger": 409, SIGNED_IN: 303}
    return [
        case("/language", {SIGNED_IN: 303}, traced=False, language="ru"),
        case(
            "/account/password", {SIGNED_IN: 422}, old_password="wrong", new_password="a new one 7"
        ),
        case("/account/email", {SIGNED_IN: 422}, email="", password=""),
        case("/account/steam/link", {SIGNED_IN: 303}, quiet=SIGNED_IN),
        case("/account/steam/unlink", {SIGNED_IN: 303}),
        case("/account/steam/refresh", {SIGNED_IN: 404}),
        case("/account/steam/picture", {SIGNED_IN: 303}, shown=""),
        case("/sign-up/steam", known, quiet=SIGNED_IN),
        case("/sign-in", {EVERYBODY: 422}, email="x@example.com", password="wrong"),
        case("/sign-up", {EVERYBODY: 422}),
        case("/sign-out", {SIGNED_IN: 303}, traced=False),
    ]


def pages(_: World) -> list[Case]:
    return [
        *(
            case(route, {EVERYBODY: 200})
            for route in ("/", "/matches", "/tournaments", "/clans", "/about", "/health")
        ),
        case("/sign-in", {EVERYBODY: 200}),
        case("/sign-up", {EVERYBODY: 200}),
        # Strangers go to Steam; without its proof there is nothing to sign up with.
        case("/sign-in/steam", {EVERYBODY: 303}),
        case("/sign-in/steam/callback", {EVERYBODY: 403}),
        case("/sign-up/steam", {"stranger": 409, SIGNED_IN: 303}),
        case("/language/{language}", {EVERYBODY: 303}, language="ru"),
        case("/account", {SIGNED_IN: 200}),
        case("/account/steam", {SIGNED_IN: 303}),
        case("/desk", {SIGNED_IN: 200}),
    ]
