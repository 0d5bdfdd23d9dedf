"""Who may call what: every route, every kind of visitor; an unlisted route fails."""

import re

import pytest

from app.accounts.access import MACHINE, OPERATOR, ORGANISER, PUBLIC, SIGNED_IN
from tests.factories import clan, cup, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# What each visitor gets from a GET: stranger, member of nothing, captain of
# clan 1, another organiser, the organiser of the cup.
WHO = ("stranger", "nobody", "captain", "other_organiser", "organiser")
PAGES = {
    "/": "200 200 200 200 200",
    "/matches": "200 200 200 200 200",
    "/tournaments": "200 200 200 200 200",
    "/clans": "200 200 200 200 200",
    "/about": "200 200 200 200 200",
    "/health": "200 200 200 200 200",
    "/sign-in": "200 200 200 200 200",
    "/sign-up": "200 200 200 200 200",
    # Strangers go to Steam; without its proof there is nothing to sign up with.
    "/sign-in/steam": "303 303 303 303 303",
    "/sign-in/steam/callback": "403 403 403 403 403",
    "/sign-up/steam": "409 303 303 303 303",
    "/account/steam": "303 303 303 303 303",
    "/clans/{clan}": "200 200 200 200 200",
    "/tournaments/{cup}": "200 200 200 200 200",
    "/matches/{match}": "200 200 200 200 200",
    "/language/{language}": "303 303 303 303 303",
    "/join/{token}": "404 404 404 404 404",
    "/desk": "303 200 200 200 200",
    "/account": "303 200 200 200 200",
    "/clans/new": "303 200 200 200 200",
    "/clans/{clan}/manage": "303 403 200 403 403",
    "/clans/{clan}/edit": "303 403 200 403 403",
    "/clans/{clan}/rosters/{game}": "303 403 200 403 403",
    "/tournaments/{cup}/register": "303 200 200 200 200",
    "/tournaments/new": "303 403 403 200 200",
    "/tournaments/{cup}/edit": "303 403 403 403 200",
    "/tournaments/{cup}/manage": "303 403 403 403 200",
    "/matches/{match}/rule": "303 403 403 403 200",
    "/notices/{notice}/attach": "303 403 403 404 404",
    "/integrations": "303 403 403 403 403",
    # Of Counter-Strike 2 only; theirs is tested below.
    "/tournaments/{cup}/test-server": "303 403 403 403 404",
    # Machines with a secret; people have none.
    "/game-servers/matchzy/{link}/config": "403 403 403 403 403",
    "/tournaments/{cup}/challenge": "303 404 404 404 404",
    "/tournaments/{cup}/needs/{entrant}": "404 404 404 404 404",
    "/tournaments/{cup}/entrants/{entrant}/leave": "303 403 200 403 200",
}
# Streams are endless and built files have names of their own: tested elsewhere.
ELSEWHERE = {
    "/live/{topic}",
    "/live/tournaments/{match}",
    "/live/matches/{match}",
    "/live/server-tests/{link}",
    "/static/{name}",
    "/media/{name}",
}
# Machines call these, with a secret and without a session or a form's token.
MACHINES = {
    "/webhooks/faceit": "403 403 403 403 403",
    "/game-servers/matchzy/events": "403 403 403 403 403",
}
SERVER_CONFIG = "/game-servers/matchzy/{link}/config"
# Nobody but the right one gets past these: everyone else is refused.
POSTS = {
    "/language": "303 303 303 303 303",
    "/account/password": "303 422 422 422 422",
    "/account/email": "303 422 422 422 422",
    "/account/steam/link": "303 303 303 303 303",
    "/account/steam/unlink": "303 303 303 303 303",
    "/sign-up/steam": "409 303 303 303 303",
    "/account/steam/refresh": "303 404 404 404 404",
    "/account/steam/picture": "303 303 303 303 303",
    "/clans/new": "303 422 422 422 422",
    "/clans/{clan}/edit": "303 403 422 403 403",
    "/clans/{clan}/invite": "303 403 303 403 403",
    "/clans/{clan}/members/{player}/role": "303 403 404 403 403",
    "/clans/{clan}/members/{player}/remove": "303 403 404 403 403",
    "/clans/{clan}/rosters/{game}": "303 403 303 403 403",
    "/join/{token}": "303 404 404 404 404",
    "/tournaments/new": "303 403 403 422 422",
    "/tournaments/{cup}/edit": "303 403 403 403 409",
    "/tournaments/{cup}/publish": "303 403 403 403 409",
    "/tournaments/{cup}/close": "303 403 403 403 409",
    "/tournaments/{cup}/start": "303 403 403 403 303",
    "/tournaments/{cup}/seeds": "303 403 403 403 409",
    "/tournaments/{cup}/entrants/{entrant}/team": "303 403 403 403 303",
    "/tournaments/{cup}/challenge": "303 403 403 403 403",
    "/tournaments/{cup}/seeds/lot": "303 403 403 403 409",
    "/tournaments/{cup}/seeds/rating": "303 403 403 403 409",
    "/tournaments/{cup}/seeds/list": "303 403 403 403 409",
    "/tournaments/{cup}/seeds/apart": "303 403 403 403 409",
    "/tournaments/{cup}/register": "303 403 403 403 403",
    "/tournaments/{cup}/withdraw": "303 404 404 404 404",
    "/matches/{match}/report": "303 403 422 403 403",
    "/matches/{match}/confirm": "303 403 409 403 403",
    "/matches/{match}/game": "303 403 422 403 403",
    "/matches/{match}/rule": "303 403 403 403 422",
    "/tournaments/{cup}/test-server": "303 403 403 403 404",
    "/matches/{match}/server-line": "303 403 403 403 404",
    "/server-links/{link}/renew": "303 403 403 404 404",
    "/notices/{notice}/settle": "303 403 403 404 404",
    "/notices/{notice}/attach": "303 403 403 404 404",
    "/integrations/{provider}/resume": "303 403 403 403 403",
    "/sign-in": "422 422 422 422 422",
    "/sign-up": "422 422 422 422 422",
    "/tournaments/{cup}/next": "303 403 403 403 409",
    "/tournaments/{cup}/stage-back": "303 403 403 403 409",
    "/tournaments/{cup}/entrants/{entrant}/back": "303 403 403 403 303",
    "/tournaments/{cup}/cancel": "303 403 403 403 303",
    "/tournaments/{cup}/entrants/{entrant}/leave": "303 403 409 403 409",
    # Last, for it ends what the others need.
    "/sign-out": "303 303 303 303 303",
}


def shape(path: str) -> str:
    """`/clans/{slug:str}` as the tables above write it."""
    kind = {
        "slug": "clan" if path.startswith("/clans") else "cup",
        "match_id": "match",
        "player": "player",
    }
    kind |= {"tournament_id": "match", "notice_id": "notice", "link_id": "link"}
    return re.sub(r"\{(\w+):\w+\}", lambda found: "{" + kind.get(found[1], found[1]) + "}", path)


def routes(site) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"GET": set(), "POST": set()}
    for route in site.site.litestar.routes:
        for handler in route.route_handlers:
            for method in handler.http_methods & {"GET", "POST"}:
                found[method].add(shape(route.path))
    return found


@pytest.fixture
async def visitors(site):
    made = await cup(site.db, 2)
    nobody = await person("nobody")
    other = await person("other", organiser=True)
    people = {
        "stranger": site.stranger(),
        "nobody": await site.signed_in(nobody),
        "captain": await site.signed_in(made.clans[0].captain),
        "other_organiser": await site.signed_in(other),
        "organiser": await site.signed_in(made.organiser),
    }
    names = {
        "clan": "clan-1",
        "cup": made.slug,
        "match": (await made.match("U1.1"))["id"],
        "entrant": (await made.match("U1.1"))["entrant_a"],
        "player": 999_999,
        "notice": 999_999,
        "link": 999_999,
        "token": "no-such-token",
        "language": "ru",
        "game": "dota2",
        "provider": "opendota",
    }
    return people, names


async def test_every_route_is_listed_and_has_a_rule(site):
    found = routes(site)
    assert found["GET"] == set(PAGES) | ELSEWHERE
    assert found["POST"] == set(POSTS) | set(MACHINES)
    for route in site.site.litestar.routes:
        for handler in route.route_handlers:
            if handler.http_methods & {"GET", "POST"}:
                machine = shape(route.path) in {*MACHINES, SERVER_CONFIG}
                rules = (MACHINE,) if machine else (PUBLIC, SIGNED_IN, ORGANISER, OPERATOR)
                assert handler.opt.get("access") in {rule["access"] for rule in rules}
                assert handler.opt.get("raw", False) or not machine


async def test_who_sees_which_page(visitors):
    people, names = visitors
    seen = {}
    for path in PAGES:
        codes = [(await people[who].get(path.format(**names))).status_code for who in WHO]
        seen[path] = " ".join(map(str, codes))
    assert seen == PAGES


async def test_who_may_do_what(visitors):
    people, names = visitors
    seen = {}
    for path in POSTS:
        codes = [(await people[who].post(path.format(**names))).status_code for who in WHO]
        seen[path] = " ".join(map(str, codes))
    assert seen == POSTS


async def test_no_visitor_passes_for_a_machine(visitors):
    people, names = visitors
    seen = {}
    for path in MACHINES:
        codes = [(await people[who].post(path.format(**names))).status_code for who in WHO]
        seen[path] = " ".join(map(str, codes))
    assert seen == MACHINES


async def test_every_post_needs_its_token(visitors):
    people, names = visitors
    for path in POSTS:
        for who in ("stranger", "organiser"):
            for token in ("", "00" * 64, "zz"):
                answer = await people[who].http.post(path.format(**names), data={"csrf": token})
                assert answer.status_code in (403, 303), path
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/sign-in")


async def test_a_form_from_another_site_is_refused(visitors):
    people, _ = visitors
    answer = await people["organiser"].http.post(
        "/clans/new", data={}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_a_draft_is_its_organisers_alone(site):
    made = await cup(site.db, 2, start=False)
    from tournaments.tables import Tournament

    await Tournament.update({Tournament.state: "draft"}).where(Tournament.id == made.id)
    for who, code in ((site.stranger(), 404), (await site.signed_in(made.organiser), 200)):
        assert (await who.get(f"/tournaments/{made.slug}")).status_code == code
    assert (await site.stranger().get(f"/live/tournaments/{made.id}")).status_code == 404


async def test_strangers_see_no_mail_address_and_no_steam_id(site):
    made = await cup(site.db, 2)
    nobody = await site.signed_in(await person("curious"))
    hidden = [made.clans[0].captain.email, *made.clans[0].steam_ids]
    paths = ("/", "/clans", "/clans/clan-1", f"/tournaments/{made.slug}", "/matches", "/matches/1")
    for who in (site.stranger(), nobody):
        for path in paths:
            text = (await who.get(path)).text
            assert not [each for each in hidden if each in text]
    assert "/matches/1" in paths
    assert await clan(50)


async def test_a_server_test_is_its_organisers_alone(site):
    made = await cup(site.db, 2, game="cs2")
    other = await site.signed_in(await person("other", organiser=True))
    mine = await site.signed_in(made.organiser)
    captain = await site.signed_in(made.clans[0].captain)
    test, test_secret = await made.link()
    match = (await made.match("U1.1"))["id"]
    link, secret = await made.link(match)
    secrets = [test_secret, secret]
    page = f"/tournaments/{made.slug}/test-server"
    for who, codes in (
        (site.stranger(), (303, 303, 303)),
        (captain, (403, 403, 403)),
        (other, (403, 403, 403)),
    ):
        assert (await who.get(page)).status_code == codes[0]
        assert (await who.get(f"/live/server-tests/{test['id']}")).status_code == codes[1]
        for address in (page, f"/matches/{match}/server-line", f"/server-links/{link['id']}/renew"):
            assert (await who.post(address)).status_code == codes[2]
            assert "once" not in who.http.cookies
        shown = (await who.get(f"/matches/{match}")).text
        assert not [each for each in (*secrets, "matchzy_loadmatch_url") if each in shown]
    for address, shown_at in (
        (page, page),
        (f"/matches/{match}/server-line", f"/matches/{match}"),
        (f"/server-links/{link['id']}/renew", f"/matches/{match}"),
    ):
        assert "matchzy_loadmatch_url" not in (await mine.get(shown_at)).text
        assert (await mine.post(address)).headers["location"].startswith(shown_at)
        # Another page does not use it up, and a second look finds nothing.
        assert "matchzy_loadmatch_url" not in (await mine.get("/desk")).text
        assert "matchzy_loadmatch_url" in (await mine.get(shown_at)).text
        text = (await mine.get(shown_at)).text
        assert "matchzy_loadmatch_url" not in text
        assert "and shown only then" in text
    # A match's own link has no test page to stream.
    assert (await mine.get(f"/live/server-tests/{link['id']}")).status_code == 404
