"""A page that gets no stream says so, does not pretend to be live, and does not hammer."""

import pytest

from tests.factories import cup
from tests.site import until

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
NOTICE = "#crowded"


async def is_said(person):
    await person.page.locator(NOTICE).wait_for(state="visible", timeout=10_000)
    assert await person.page.locator("#offline").is_hidden()


def only_refusals(person):
    """htmx tells the console of a refusal, and there is nothing else to be told of."""
    assert all("429" in each for each in person.complaints)
    person.complaints.clear()


def asked(person):
    return len([url for url in person.requests if "/live/" in url])


async def test_the_first_page_too_many_says_so_and_asks_once(site, somebody):
    await cup(site.db, 2)
    site.site.streams.most = 1
    async with somebody(site.base_url) as first, somebody(site.base_url) as second:
        await first.go("/")
        await first.page.wait_for_function("document.getElementById('live')._htmx?.sse")
        assert await first.page.locator(NOTICE).is_hidden()
        await second.go("/")
        await is_said(second)
        # htmx alone would ask again within two seconds.
        await second.page.wait_for_timeout(6_000)
        assert asked(second) == 1
        await is_said(second)
        only_refusals(second)


async def test_a_page_that_loses_its_place_says_so_until_it_has_one_again(site, somebody):
    await cup(site.db, 2)
    async with somebody(site.base_url) as person:
        await person.go("/")
        await person.page.wait_for_function("document.getElementById('live')._htmx?.sse")
        site.site.streams.most = 0
        await end_streams(site)
        await is_said(person)
        count = asked(person)
        await person.page.wait_for_timeout(4_000)
        assert asked(person) == count
        site.site.streams.most = 1
        # A minute is long; what is tried after it is tried now.
        await person.page.evaluate("document.getElementById('live')._htmx.sse.delayCanceller()")
        await person.page.locator(NOTICE).wait_for(state="hidden", timeout=10_000)
        pace = await person.page.evaluate(
            "document.getElementById('live')._htmx.sse.config.reconnectMaxDelay"
        )
        assert pace < 60_000
        only_refusals(person)


async def end_streams(site):
    """As if every process that holds one was started anew."""
    site.site.hub.close()
    await until(no_streams(site))
    site.site.hub.closed = False


def no_streams(site):
    async def none():
        return site.site.hub.streams == 0

    return none
