"""What a tournament's page shows changes on the open page, its head included."""

import re

import pytest

from tests.factories import cup, cup_data, typed
from tests.site import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def world(site):
    made = await cup(site.db, 2, start=False)
    async with site.listening(f"/live/tournaments/{made.id}") as heard:
        yield site, made, await site.signed_in(made.organiser), heard


async def pushed(heard: list[str], sentence: str) -> str:
    """The last message about the tournament, once it says so."""

    async def found():
        return next((text for text in heard[::-1] if sentence in text), None)

    return await until(found)


def entry(text: str) -> str:
    return re.search(r'<a id="t-entry"[^>]*>', text)[0]


async def test_the_head_follows_when_registration_closes_and_opens_again(world):
    site, made, organiser, heard = world
    await organiser.post(f"/tournaments/{made.slug}/close")
    closed = await pushed(heard, "Registration closed")
    assert " hidden" in entry(closed)
    assert entry(closed).replace(' hx-swap-oob="outerMorph"', "") in await page(site, made)
    await organiser.post(f"/tournaments/{made.slug}/publish")
    assert " hidden" not in entry(await pushed(heard, "Registration open"))


async def test_the_head_follows_when_the_organiser_edits(world):
    site, made, organiser, heard = world
    fields = typed(cup_data(timezone="Atlantic/Reykjavik", size_limit="8")) | {"best_of": "3"}
    edited = await organiser.post(f"/tournaments/{made.slug}/edit", **fields)
    assert edited.status_code == 303
    text = await pushed(heard, "Atlantic/Reykjavik")
    assert "2 of 8 places taken" in text
    assert "Bo3" in text


async def page(site, made) -> str:
    return (await site.stranger().get(f"/tournaments/{made.slug}")).text
