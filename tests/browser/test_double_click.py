"""A double click on a button sends its form once."""

import pytest

from app.accounts.sessions import open_session
from app.kernel import clock
from clans.tables import Clan
from tests.factories import person

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


async def test_a_clan_founded_by_a_double_click_is_founded_without_a_complaint(site, somebody):
    token = await open_session((await person("founder")).account, now=clock.now())
    async with somebody(site.base_url) as founder:
        cookie = {"name": "session", "value": token, "url": site.base_url}
        await founder.context.add_cookies([cookie])
        await founder.go("/clans/new")
        await founder.fill(name="Көкжал", tag="KJL", about="")
        await founder.page.get_by_role("button", name="Found the clan").dblclick()
        await founder.page.wait_for_url("**/manage")
        assert "Your clan is founded." in await founder.text()
    assert await Clan.count() == 1
