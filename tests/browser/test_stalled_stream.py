"""A stream that stalls without an end is noticed by the page, which says so and calls again."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from app.kernel import clock
from app.kernel.live import hub
from tests import faulty_proxy
from tests.factories import cup, report
from tests.site import until
from tournaments.recording import record
from tournaments.reports import Told

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

LIMIT = 2


@pytest.fixture
def quick_pings(monkeypatch):
    monkeypatch.setattr(hub, "PING_SECONDS", 0.5)


@pytest.fixture
async def scene(quick_pings, site):
    """A cup, and a proxy between its site and the people."""
    made = await cup(site.db, 4)
    url = urlsplit(site.base_url)
    async with faulty_proxy.before(url.hostname, url.port) as proxy:
        yield site, made, proxy


async def watching(person, site, made, path="/tournaments/{}"):
    """Open the page, with a short limit; its notice, once its stream is open."""
    await person.go(path.format(made.slug))
    await until(lambda: _streams(site))
    await person.page.evaluate(
        f"document.getElementById('live').dataset.live = {LIMIT};"
        # From the next ping on it is waited for so long.
        "new Promise((heard) => document.addEventListener('ping', heard, { once: true }))"
    )
    notice = person.page.locator("#offline")
    await expect(notice).to_be_hidden()
    return notice


async def _streams(site):
    return site.site.hub.streams


async def play(site, made, number):
    """A game that decides the match of the first clan and the fourth, or of the others."""
    one, two = (made.clans[0], made.clans[3]) if number == 1 else (made.clans[1], made.clans[2])
    async with site.db.transaction() as tx:
        await record(tx, made.id, Told(games=(report(number, one, two),)), now=clock.now())


async def shows(person, played):
    await expect(person.page.locator("#t-status")).to_contain_text(
        f"{played} of 3 matches played", timeout=20_000
    )


@pytest.mark.parametrize("forget", [False, True])
async def test_a_proxy_that_stalls_is_noticed_and_what_was_missed_comes(scene, somebody, forget):
    site, made, proxy = scene
    async with somebody(f"http://127.0.0.1:{proxy.port}") as person:
        notice = await watching(person, site, made)
        await play(site, made, 1)
        await shows(person, 1)
        # Longer than the limit: pings are enough.
        await person.page.wait_for_timeout(1000 * LIMIT + 500)
        await expect(notice).to_be_hidden()
        proxy.swallow()
        await play(site, made, 2)
        await expect(notice).to_be_visible(timeout=1000 * LIMIT + 2000)
        await expect(notice).to_contain_text("Scores may be old")
        # It stays as long as nothing comes, however often we call.
        await person.page.wait_for_timeout(1000 * LIMIT + 500)
        await expect(notice).to_be_visible()
        await proxy.heal(forget=forget)
        await expect(notice).to_be_hidden(timeout=15_000)
        await shows(person, 2)
        stands = await person.page.inner_text("#t-body")
        await person.go(f"/tournaments/{made.slug}")
        assert await person.page.inner_text("#t-body") == stands
        if forget:
            # The browser and htmx complain of the reset.
            assert "ERR_CONNECTION_RESET" in person.complaints[0]
            person.complaints.clear()


async def test_who_is_stranded_on_a_dead_connection_calls_again(scene, somebody):
    """The network has forgotten this connection; nobody will ever end it."""
    site, made, proxy = scene
    async with somebody(f"http://127.0.0.1:{proxy.port}") as person:
        notice = await watching(person, site, made)
        # What is idle the server closes after five seconds: only the stream is stranded.
        await person.page.wait_for_timeout(6_000)
        proxy.strand()
        await play(site, made, 1)
        await shows(person, 1)
        await expect(notice).to_be_hidden()


async def test_a_site_that_hears_of_no_changes_does_not_pass_for_live(scene, somebody):
    """Redis is away: the stream is open, but nothing would come through it."""
    site, made, proxy = scene
    async with somebody(f"http://127.0.0.1:{proxy.port}") as person:
        notice = await watching(person, site, made)
        live = site.site.hub
        live.lose()
        await expect(notice).to_be_visible(timeout=1000 * LIMIT + 2000)
        # It calls again, and is not soothed by being let in.
        await person.page.wait_for_timeout(1000 * LIMIT + 1500)
        await expect(notice).to_be_visible()
        live.begin(live._epoch, live.number)
        await expect(notice).to_be_hidden(timeout=20_000)


async def test_a_hidden_page_is_silent_and_catches_up_when_looked_at(scene, somebody):
    site, made, proxy = scene
    async with somebody(f"http://127.0.0.1:{proxy.port}") as person:
        notice = await watching(person, site, made)
        await look_away(person, True)
        await until(lambda: _nobody_streams(site))
        await person.page.wait_for_timeout(1000 * LIMIT + 1000)
        await expect(notice).to_be_hidden()
        await play(site, made, 1)
        await look_away(person, False)
        await shows(person, 1)
        await expect(notice).to_be_hidden()


async def test_a_page_that_stalled_while_hidden_is_noticed_when_looked_at(scene, somebody):
    """Opened in the background: it has not hung up, for it was never hidden later."""
    site, made, proxy = scene
    async with somebody(f"http://127.0.0.1:{proxy.port}") as person:
        await person.page.add_init_script(HIDDEN.format("true"))
        notice = await watching(person, site, made)
        proxy.strand()
        await person.page.wait_for_timeout(1000 * LIMIT + 500)
        await expect(notice).to_be_hidden()
        await play(site, made, 1)
        await look_away(person, False)
        await shows(person, 1)


async def test_pings_reload_nothing(scene, somebody):
    """A captain's controls are fetched after a change, not four times a minute."""
    site, made, proxy = scene
    async with somebody(f"http://127.0.0.1:{proxy.port}") as person:
        page = await person.context.new_page()
        match = (await made.match("U1.1"))["id"]
        viewer = await site.signed_in(made.clans[0].captain)
        token = viewer.http.cookies["session"]
        await person.context.add_cookies(
            [{"name": "session", "value": token, "url": person.base_url}]
        )
        await page.goto(f"{person.base_url}/matches/{match}")
        await until(lambda: _streams(site))
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        await page.wait_for_timeout(2_000)
        # That of the stream itself may be told to us late.
        assert [url for url in asked if "/live/" not in url] == []


HIDDEN = "Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {}}});"


async def look_away(person, hidden):
    """What a browser tells a page whose tab is left or looked at."""
    await person.page.evaluate(
        HIDDEN.format(str(hidden).lower())
        + "document.dispatchEvent(new Event('visibilitychange'));"
    )


async def _nobody_streams(site):
    return not site.site.hub.streams
