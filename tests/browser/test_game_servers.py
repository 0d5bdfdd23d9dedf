"""A server's test and a map's score arrive on open pages; the line works without scripts."""

import httpx
import pytest

from app.accounts.sessions import open_session
from app.kernel import clock
from integrations.standins.game_server import GameServer
from integrations.standins.game_server_events import Outcome, events_of
from integrations.tables import ServerLink
from tests.browser.test_every_page import AXE, faults
from tests.factories import cup

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
async def http():
    async with httpx.AsyncClient(timeout=30) as client:
        yield client


async def sign_in(site, person, viewer):
    token = await open_session(viewer.account, now=clock.now())
    await person.context.add_cookies([{"name": "session", "value": token, "url": site.base_url}])


async def listening(person):
    await person.page.wait_for_function("document.getElementById('live')._htmx?.sse")


async def says(person, text):
    await person.page.get_by_text(text, exact=False).first.wait_for(timeout=10_000)


async def test_a_server_is_tested_while_its_page_is_open(site, somebody, http):
    made = await cup(site.db, 2, game="cs2")
    async with somebody(
        site.base_url, viewport={"width": 390, "height": 800}, bypass_csp=True
    ) as person:
        await sign_in(site, person, made.organiser)
        await person.go(f"/tournaments/{made.slug}/manage")
        await person.press("Test my server")
        # Looking makes nothing: the line is made when it is asked for, and shown then.
        assert await ServerLink.count() == 0
        await person.press("Make the line for a game server")
        await listening(person)
        line = await person.page.input_value("#console-line")
        server = GameServer(http)
        assert not await server.type(line.replace("Bearer ", "Bearer x"))
        await says(person, "A request came with a wrong header.")
        assert await server.type(line)
        await says(person, "The match is set up on the server.")
        await says(person, "Its events arrive, with the right header.")
        await server.play(Outcome(maps=((13, 2),)))
        await says(person, "Map 1 ends 13:2.")
        await person.page.evaluate(AXE)
        assert await faults(person.page) == []
        width = await person.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390


async def test_the_score_inside_a_map_arrives_and_the_result_after_it(site, somebody, http):
    made = await cup(site.db, 2, game="cs2")
    match = (await made.matches())[0]
    async with (
        somebody(site.base_url) as spectator,
        somebody(site.base_url, bypass_csp=True) as organiser,
    ):
        await sign_in(site, organiser, made.organiser)
        for person in (spectator, organiser):
            await person.go(f"/matches/{match['id']}")
            await listening(person)
        assert await spectator.page.locator("#server").count() == 0
        await organiser.press("Make the line for a game server")
        await listening(organiser)
        await says(organiser, "No server has fetched its configuration yet.")
        server = GameServer(http)
        line = await organiser.page.input_value("#console-line")
        assert await server.type(line)
        await says(organiser, "127.0.0.1 has fetched its configuration.")
        # It stays while the page is brought up to date, and is gone when it is opened anew.
        assert await organiser.page.input_value("#console-line") == line
        await organiser.page.evaluate(AXE)
        assert await faults(organiser.page) == []
        await organiser.page.reload()
        await listening(organiser)
        assert await organiser.page.locator("#console-line").count() == 0
        await says(organiser, "and shown only then.")
        told = events_of(server.config, Outcome(maps=((7, 13),)))
        going_live = next(n for n, event in enumerate(told) if event["event"] == "going_live")
        for event in told[1 : going_live + 6]:
            await server.send(event)
        await says(spectator, "Map 1 · de_ancient")
        a, b = (told[going_live + 5][team]["score"] for team in ("team1", "team2"))
        score = spectator.page.locator(".live-score .digits")
        await spectator.page.wait_for_function(
            "text => document.querySelector('.live-score .digits').textContent === text",
            arg=f"{a}:{b}",
        )
        assert await score.is_visible()
        await organiser.page.evaluate(AXE)
        assert await faults(organiser.page) == []
        await server.play(Outcome(maps=((7, 13),)))
        await says(spectator, "Winner")
        assert await spectator.page.locator(".live-score").count() == 0
        assert "7 : 13" in await spectator.text()
        await organiser.page.locator("#server").wait_for(state="detached", timeout=10_000)


async def test_the_line_and_the_pool_without_scripts(site, somebody):
    made = await cup(site.db, 2, game="cs2")
    async with somebody(site.base_url, java_script_enabled=False) as person:
        await sign_in(site, person, made.organiser)
        await person.go(f"/tournaments/{made.slug}/test-server")
        await person.press("Make the line for a game server")
        line = await person.page.input_value("#console-line")
        assert line.startswith('matchzy_loadmatch_url "http://')
        await person.page.get_by_text("Is the line lost, or has somebody seen it?").click()
        await person.press("Make a new line")
        assert await person.page.input_value("#console-line") != line
        await person.go("/tournaments/new")
        assert await person.page.locator("#maps").is_hidden()
        await person.page.select_option("#game", "cs2")
        assert await person.page.locator("#maps").is_visible()
