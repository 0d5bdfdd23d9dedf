"""A clan: its captains and its owner, and each member for itself."""

from clans.steam_ids import BASE
from tests.security.cases import CAPTAINS, EVERYBODY, SIGNED_IN, Case, case
from tests.security.world import World

SLUG = "clan-1"
FORM = {"name": "Жаңа клан", "tag": "NEW", "game": "dota2", "languages": "kk", "about": ""}


def forms(w: World) -> list[Case]:
    return [
        case("/clans/new", {SIGNED_IN: 303}, **FORM),
        case("/clans/{slug}/edit", {CAPTAINS: 303}, slug=SLUG, **FORM),
        case("/clans/{slug}/invite", {CAPTAINS: 303}, slug=SLUG),
        *_roles(w),
        *_leaving(w),
        *_rosters(w),
        case(
            "/join/{token}",
            {SIGNED_IN: 303},
            quiet=f"member {CAPTAINS}",
            token=w.tokens["valid"],
        ),
        *(
            case("/join/{token}", {SIGNED_IN: 404}, token=token)
            for token in (w.tokens["used"], w.tokens["expired"], "no-such-token")
        ),
    ]


def _roles(w: World) -> list[Case]:
    route = "/clans/{slug}/members/{player}/role"
    member, owner = w.people["member"].player, w.people["owner"].player
    return [
        case(route, {CAPTAINS: 303}, slug=SLUG, player=member, role="coach"),
        case(route, {CAPTAINS: 303}, slug=SLUG, player=member, role="captain"),
        case(route, {"owner": 303}, slug=SLUG, player=member, role="owner"),
        case(route, {"owner": 303}, slug=SLUG, player=w.people["captain"].player, role="owner"),
        # Nobody takes the clan away from its owner, and the owner does not just drop it.
        case(route, {"owner": 422}, slug=SLUG, player=owner, role="player"),
        case(route, {CAPTAINS: 422}, slug=SLUG, player=member, role="king"),
        case(route, {CAPTAINS: 404}, slug=SLUG, player=w.people["nobody"].player, role="coach"),
        # A member of another clan, through one's own.
        case(route, {CAPTAINS: 404}, slug=SLUG, player=w.people["opponent"].player, role="coach"),
        case(route, {"outsider": 303}, slug="clan-9", player=w.clans[9].players[1], role="coach"),
    ]


def _leaving(w: World) -> list[Case]:
    route = "/clans/{slug}/members/{player}/remove"
    people = w.people
    return [
        case(route, {CAPTAINS: 303}, slug=SLUG, player=w.clans[1].players[1]),
        case(route, {f"member {CAPTAINS}": 303}, slug=SLUG, player=people["member"].player),
        case(route, {CAPTAINS: 303}, slug=SLUG, player=people["captain"].player),
        case(route, {CAPTAINS: 422}, slug=SLUG, player=people["owner"].player),
        case(route, {f"nobody {CAPTAINS}": 404}, slug=SLUG, player=people["nobody"].player),
        case(route, {"member outsider": 404}, slug="clan-9", player=people["member"].player),
    ]


def _rosters(w: World) -> list[Case]:
    route = "/clans/{slug}/rosters/{game}"
    players = w.clans[1].players
    ids = {f"steam_{who}": str(BASE + 4_000 + who) for who in players}
    given = {"slug": SLUG, "players": [str(each) for each in players], **ids}
    return [
        case(route, {CAPTAINS: 303}, game="dota2", **given),
        case(route, {CAPTAINS: 303}, game="cs2", **given),
        case(route, {CAPTAINS: 404}, game="chess", **given),
    ]


def pages(w: World) -> list[Case]:
    return [
        case("/clans/{slug}", {EVERYBODY: 200}, slug=SLUG),
        case("/clans/{slug}", {EVERYBODY: 404}, slug="no-such-clan"),
        case("/clans/new", {SIGNED_IN: 200}),
        case("/clans/{slug}/manage", {CAPTAINS: 200}, slug=SLUG),
        case("/clans/{slug}/manage", {"outsider": 200}, slug="clan-9"),
        case("/clans/{slug}/edit", {CAPTAINS: 200}, slug=SLUG),
        case("/clans/{slug}/rosters/{game}", {CAPTAINS: 200}, slug=SLUG, game="dota2"),
        case("/clans/{slug}/rosters/{game}", {CAPTAINS: 404}, slug=SLUG, game="chess"),
        case("/join/{token}", {EVERYBODY: 200}, token=w.tokens["valid"]),
        case("/join/{token}", {EVERYBODY: 404}, token=w.tokens["used"]),
        case("/join/{token}", {EVERYBODY: 404}, token=w.tokens["expired"]),
    ]
