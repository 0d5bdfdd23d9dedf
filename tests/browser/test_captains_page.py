"""A captain's page: the controls follow the match without reload, and keep what is typed."""

import pytest

from app.accounts.sessions import open_session
from app.kernel import clock
from tests.factories import cup
from tournaments import captains

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


async def test_the_other_captains_report_appears_with_its_button(site, somebody):
    made = await cup(site.db, 2)
    one, two = (each.captain for each in made.clans)
    match = (await made.match("U1.1"))["id"]
    token = await open_session(two.account, now=clock.now())
    async with somebody(site.base_url, viewport={"width": 390, "height": 800}) as person:
        await person.context.add_cookies(
            [{"name": "session", "value": token, "url": site.base_url}]
        )
        await person.go(f"/matches/{match}")
        await person.page.wait_for_function("document.getElementById('live')._htmx?.sse")
        await person.page.fill("#game_id", "7490235")
        async with site.db.transaction() as tx:
            await captains.report_score(tx, one, match, ("1", "0"), now=clock.now())
        button = person.page.get_by_role("button", name="Confirm 1:0", exact=True)
        await button.wait_for(timeout=8_000)
        assert await person.page.input_value("#game_id") == "7490235"
        # The controls stand above the games and line-ups, where a thumb finds them.
        top = (await person.page.locator("#captain").bounding_box())["y"]
        assert top < (await person.page.locator("#m-body").bounding_box())["y"]
        await button.click()
        await person.page.wait_for_load_state()
        assert "Both captains agree" in await person.text()
