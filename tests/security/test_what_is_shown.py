"""What is not shown to whom it does not concern."""

import pytest

from tests.factories import cup, person
from tests.security.world import WHO

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_draft_is_its_organisers_alone(world):
    draft, slug = world["draft"], world.slug("draft")
    for who in WHO:
        page = await world.visitors[who].get(f"/tournaments/{slug}")
        assert page.status_code == (200 if who == "organiser" else 404)
        # Its stream is nobody's: nothing is pushed of a draft.
        assert (await world.visitors[who].get(f"/live/tournaments/{draft}")).status_code == 404
        for path in ("/", "/tournaments", "/matches", "/desk"):
            text = (await world.visitors[who].get(path)).text
            assert ("draft cup" in text) == (who == "organiser" and path == "/desk"), (who, path)


async def test_strangers_see_no_mail_address_and_no_steam_id(site):
    made = await cup(site.db, 2)
    nobody = await site.signed_in(await person("curious"))
    hidden = [made.clans[0].captain.email, *made.clans[0].steam_ids]
    paths = ("/", "/clans", "/clans/clan-1", f"/tournaments/{made.slug}", "/matches", "/matches/1")
    for who in (site.stranger(), nobody):
        for path in paths:
            text = (await who.get(path)).text
            assert not [each for each in hidden if each in text]


async def test_steam_ids_of_a_clan_are_its_captains_alone_and_its_invite_nobodys(world):
    hidden = [world.tokens["valid"], *world.clans[1].steam_ids]
    paths = ("/clans/clan-1", "/clans/clan-1/manage", "/clans/clan-1/rosters/dota2")
    for who in WHO:
        texts = [(await world.visitors[who].get(path)).text for path in paths]
        shown = [each for each in hidden if any(each in text for text in texts)]
        assert shown == (hidden[1:] if who in ("captain", "owner") else []), who


async def test_a_server_is_its_organisers_alone(world):
    match, slug = world["shooters U1.1"], world.slug("shooters")
    pages = (f"/matches/{match}", f"/tournaments/{slug}/test-server")
    makes = (f"/matches/{match}/server-line", f"/tournaments/{slug}/test-server")
    for who in WHO:
        visitor = world.visitors[who]
        for page, make in zip(pages, makes, strict=True):
            await visitor.post(make)
            shown = "matchzy_loadmatch_url" in (await visitor.get(page)).text
            assert shown == (who == "organiser"), (who, page)
        if who != "organiser":
            stream = await visitor.get(f"/live/server-tests/{world['shooters test']}")
            assert stream.status_code == (303 if who == "stranger" else 403)
    # A match's own link has no test page to stream.
    organiser = world.visitors["organiser"]
    assert (await organiser.get(f"/live/server-tests/{world['shooters link']}")).status_code == 404


async def test_what_a_page_offers_is_what_one_may(world):
    """A button that would be refused is not there."""
    running, clan = world.slug("running"), "/clans/clan-1"
    match = f"/matches/{world['running U1.1']}"
    offers = [
        (f"/tournaments/{running}", f"/tournaments/{running}/manage", ["organiser"]),
        (match, f"{match}/rule", ["organiser"]),
        (match, f'action="{match}/report"', ["captain", "owner", "opponent"]),
        (match, f'action="{match}/confirm"', ["captain", "owner"]),
        (clan, f"{clan}/manage", ["captain", "owner"]),
        (clan, "Leave the clan", ["member"]),
        ("/tournaments", "/tournaments/new", ["rival", "organiser"]),
        ("/desk", "/integrations", ["operator"]),
        ("/desk", "/tournaments/new", ["rival", "organiser"]),
        (f"{clan}/manage", 'value="owner"', ["owner"]),
    ]
    for page, offer, people in offers:
        shown = [who for who in WHO if offer in (await world.visitors[who].get(page)).text]
        assert shown == people, (page, offer)
