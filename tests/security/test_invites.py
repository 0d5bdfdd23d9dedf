"""An invite link lets in whom it was meant for."""

from base64 import urlsafe_b64encode

import msgspec
import pytest

from app.kernel.http.tokens import hash_of
from clans.tables import Invite, Member
from tests.factories import clan, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def link(site):
    """A captain, and the address of their clan's invite."""
    made = await clan(1)
    captain = await site.signed_in(made.captain)
    await captain.post("/clans/clan-1/invite")
    page = (await captain.get("/clans/clan-1/manage")).text
    return captain, "/join/" + page.partition("/join/")[2].partition('"')[0]


async def test_a_link_is_shown_once_and_kept_as_a_hash(site, link):
    captain, address = link
    page = (await captain.get("/clans/clan-1/manage")).text
    assert "/join/" not in page
    assert "captain1 made a link on" in page
    row = await Invite.select().first()
    token = address.removeprefix("/join/")
    assert token not in repr(row)
    assert row["token_hash"] == hash_of(token)
    # The hash opens nothing.
    assert (await captain.get(f"/join/{row['token_hash']}")).status_code == 404
    assert (await captain.get(address)).status_code == 200


async def test_a_planted_cookie_shows_no_link(site, link):
    captain, _ = link
    raw = msgspec.json.encode([f"invite:{(await Invite.select().first())['clan']}", "planted"])
    for value in (urlsafe_b64encode(raw).decode(), "x", "a", "W10=", "WzEsMl0="):
        captain.http.cookies.set("once", value)
        page = await captain.get("/clans/clan-1/manage")
        assert page.status_code == 200
        assert "/join/" not in page.text


async def test_whoever_was_removed_cannot_come_back_by_the_old_link(site, link):
    captain, address = link
    viewer = await person("rogue")
    rogue = await site.signed_in(viewer)
    assert (await rogue.post(address)).status_code == 303
    removed = await captain.post(f"/clans/clan-1/members/{viewer.player}/remove")
    assert removed.status_code == 303
    assert (await rogue.post(address)).status_code == 404
    assert (await captain.get("/clans/clan-1/manage")).text.count("/join/") == 0


async def test_leaving_oneself_leaves_the_link_on(site, link):
    _, address = link
    viewer = await person("guest")
    guest = await site.signed_in(viewer)
    await guest.post(address)
    assert (await guest.post(f"/clans/clan-1/members/{viewer.player}/remove")).status_code == 303
    assert (await guest.post(address)).status_code == 303


async def test_joining_twice_takes_one_place(site, link):
    _, address = link
    guest = await site.signed_in(await person("guest"))
    for _ in range(2):
        assert (await guest.post(address)).status_code == 303
    assert await Member.count().where(Member.role == "player") == 5
