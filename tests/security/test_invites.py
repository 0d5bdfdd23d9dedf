"""An invite link lets in whom it was meant for."""

import pytest

from clans.tables import Member
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
