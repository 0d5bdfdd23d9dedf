"""A name is nobody's trap: each page stays at its address, and every column is wide enough."""

import pytest

from tests.factories import cup_data, person, typed

CLAN = {"game": "dota2", "languages": "kk", "about": ""}


@pytest.mark.parametrize("kind", ["clans", "tournaments"])
async def test_what_is_called_new_has_a_page_of_its_own(site, kind):
    founder = await site.signed_in(await person("founder", organiser=True))
    fields = (
        CLAN | {"name": "New", "tag": "NEW"} if kind == "clans" else typed(cup_data(name="New"))
    )
    made = await founder.post(f"/{kind}/new", **fields)
    assert made.headers["location"] == f"/{kind}/new-2/manage"
    assert (await founder.get(f"/{kind}/new-2/manage")).status_code == 200


@pytest.mark.parametrize(
    ("name", "tag", "code"),
    [("각" * 24, "각각각각각", 303), ("ﷺ" * 24, "ﬃﬃﬃﬃﬃ", 422), ("ß" * 24, "ßßßßß", 303)],
)
async def test_letters_that_grow_when_they_are_compared(site, name, tag, code):
    founder = await site.signed_in(await person("founder"))
    assert (await founder.post("/clans/new", **CLAN, name=name, tag=tag)).status_code == code


@pytest.mark.parametrize("nickname", ["각" * 24, "ﷺ" * 24])
async def test_nicknames_too(site, nickname):
    fields = {"email": "a@example.com", "password": "seven wild horses", "language": "en"}
    answer = await site.stranger().post("/sign-up", **fields, nickname=nickname)
    assert answer.status_code in (303, 422)
