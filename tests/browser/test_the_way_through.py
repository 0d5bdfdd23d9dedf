"""The whole way: sign up, clan, cup, results by themselves, live. And without JavaScript."""

from contextlib import AsyncExitStack

import pytest

from app.kernel import clock
from clans.steam_ids import BASE
from integrations.standins.opendota import Game
from tests.site import until
from tournaments.tables import Match

pytestmark = [pytest.mark.timeout(240), pytest.mark.slow_on_postgres]


def steam_ids(clan: int) -> list[str]:
    return [str(BASE + 500_000 + clan * 10 + place) for place in range(5)]


async def found_a_clan(captain, stack, enter, site, number: int) -> None:
    """Found, invite four players by link, and fill the Dota 2 roster."""
    await captain.sign_up(f"captain{number}")
    await captain.go("/clans/new")
    await captain.fill(name=f"Көкжал {number}", tag=f"KJ{number}", about="Даланың бөрілері")
    await captain.press("Found the clan")
    await captain.press("Make a new link")
    link = await captain.page.input_value("#invite")
    token = link.rpartition("/")[2]
    for place in range(1, 5):
        player = await stack.enter_async_context(enter(site.base_url))
        await player.go(f"/join/{token}")
        await player.press("Create an account")
        await player.fill(
            nickname=f"mate{number}{place}",
            email=f"mate{number}{place}@example.com",
            password="seven wild horses",
        )
        await player.page.click("form.form button")
        await player.press("Join the clan")
        assert f"You are in Көкжал {number} now." in await player.text()
    await captain.go(captain.page.url.removeprefix(site.base_url).replace("#", ""))
    await captain.press("Players and Steam ids")
    boxes = captain.page.locator("input[name=players]")
    fields = captain.page.locator("input[name^=steam_]")
    for place, steam_id in enumerate(steam_ids(number)):
        await boxes.nth(place).check()
        await fields.nth(place).fill(steam_id)
    await captain.press("Save the roster")
    assert "The roster is saved." in await captain.text()


async def create_a_cup(organiser, site, *, league: str, best_of: str = "1") -> str:
    """Create and publish; the page's address."""
    await organiser.go("/tournaments/new")
    await organiser.fill(
        name="Сынақ кубогы",
        size_limit="2",
        starts_at="2031-05-01T19:00",
        timezone="Asia/Almaty",
        league_id=league,
    )
    await organiser.page.select_option("#best_of", best_of)
    await organiser.page.select_option("#final_best_of", best_of)
    await organiser.press("Save the draft")
    await organiser.press("Open registration")
    assert "Registration is open." in await organiser.text()
    return organiser.page.url.removeprefix(site.base_url).removesuffix("/manage")


async def make_organiser(site, email: str) -> None:
    from app.accounts.signing import make_organiser as make

    async with site.db.transaction() as tx:
        assert await make(tx, email, now=clock.now())


async def start(organiser, path: str) -> None:
    await organiser.go(f"{path}/manage")
    await organiser.press("Close registration")
    await organiser.page.locator("button[value^=down]").first.click()
    assert "The seeds are saved." in await organiser.text()
    await organiser.press("Start the tournament")
    assert "The tournament has started." in await organiser.text()


def game(number: int, winner: int, loser: int, league: int = 777) -> Game:
    return Game(
        match_id=7_100_000_000 + number,
        radiant=tuple(steam_ids(winner)),
        dire=tuple(steam_ids(loser)),
        radiant_win=True,
        started_at=clock.now(),
        league_id=league,
        late_polls=1,
    )


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
async def test_from_sign_up_to_a_result_that_arrives_by_itself(site, somebody):
    async with AsyncExitStack() as stack:
        organiser, first, second, spectator = [
            await stack.enter_async_context(somebody(site.base_url)) for _ in range(4)
        ]
        await organiser.sign_up("organiser")
        await make_organiser(site, "organiser@example.com")
        await found_a_clan(first, stack, somebody, site, 1)
        await found_a_clan(second, stack, somebody, site, 2)
        cup = await create_a_cup(organiser, site, league="777", best_of="3")
        for captain, number in ((first, 1), (second, 2)):
            await captain.go(cup)
            await captain.press("Register your clan")
            await captain.press(f"Register Көкжал {number}")
            assert "Your clan is registered." in await captain.text()

        # A spectator without an account is already there.
        await spectator.go(cup)
        await spectator.page.wait_for_selector("#t-body")
        assert await spectator.page.locator("#t-entry").is_visible()
        await start(organiser, cup)
        card = spectator.page.locator(".mc").first
        await card.wait_for(timeout=10_000)
        # Its head follows, too: nobody is asked to register for what is being played.
        assert await spectator.page.locator("#t-entry").is_hidden()
        assert "0 of 1 matches played" in await spectator.page.inner_text("#t-status")
        assert await spectator.page.locator(".mc .name", has_text="Көкжал 2").count() == 1

        # A game of the league is played: the score comes by itself, without reload.
        loaded = len([url for url in spectator.requests if url.endswith(cup)])
        site.world.publish(game(1, winner=1, loser=2))
        await spectator.page.locator(".mc.live").wait_for(timeout=15_000)
        match = await until(lambda: Match.select().where(Match.flag == "live").first())
        await first.go(f"/matches/{match['id']}")
        assert "10 of 10 players matched" in await first.text()

        # The connection drops; another game ends meanwhile; the page is right again.
        await spectator.context.set_offline(True)
        site.site.hub.close()
        site.site.hub.closed = False
        site.world.publish(game(2, winner=1, loser=2))
        await until(lambda: Match.exists().where(Match.state == "decided"))
        await spectator.context.set_offline(False)
        await spectator.page.locator("text=Champion").wait_for(timeout=20_000)
        assert await spectator.page.locator(".mc.final").count() == 1
        assert "OpenDota" in await spectator.page.locator(".mc.final").inner_text()
        assert len([url for url in spectator.requests if url.endswith(cup)]) <= loaded + 1
        spectator.complaints = [each for each in spectator.complaints if "ERR_" not in each]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.slow
async def test_register_and_report_without_javascript(site, somebody):
    def plain(base_url):
        return somebody(base_url, java_script_enabled=False)

    async with AsyncExitStack() as stack:
        organiser, first, second, spectator = [
            await stack.enter_async_context(plain(site.base_url)) for _ in range(4)
        ]
        await organiser.sign_up("organiser")
        await make_organiser(site, "organiser@example.com")
        await found_a_clan(first, stack, plain, site, 1)
        await found_a_clan(second, stack, plain, site, 2)
        cup = await create_a_cup(organiser, site, league="")
        for captain, number in ((first, 1), (second, 2)):
            await captain.go(f"{cup}/register")
            await captain.press(f"Register Көкжал {number}")
        await start(organiser, cup)

        await first.go("/desk")
        await first.page.locator("a.where").first.click()
        # A wrong score is refused beside the field, and what was typed stays.
        await first.fill(score_a="2", score_b="1")
        await first.press("Report the score")
        assert "In a best of 1 the winner has 1" in await first.text()
        assert await first.page.input_value("#score_a") == "2"
        await first.fill(score_a="1", score_b="0")
        await first.press("Report the score")
        assert "The other captain is asked to confirm." in await first.text()

        await second.go("/desk")
        await second.page.locator("a.where").first.click()
        await second.press("Confirm 1:0")
        assert "Both captains agree" in await second.text()
        await spectator.go(cup)
        assert "Champion" in await spectator.text()
