"""By Steam in a real Chromium: sign up, sign in, unlink, link; no policy complains."""

import pytest

from app.accounts.tables import Account
from tests.browser.test_every_page import AXE, faults
from tests.steam import BOB, with_steam

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def at_home(person, steam) -> None:
    """Forget the requests to the stand-in: those are what this is about."""
    origin = steam.endpoint.removesuffix("/openid/login")
    allowed = f"foreign request: {origin}"
    person.complaints[:] = [each for each in person.complaints if not each.startswith(allowed)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with_scripts", "without_scripts"])
async def test_the_whole_way_by_steam(settings, somebody, scripts):
    async with (
        with_steam(settings) as steam,
        somebody(steam.site.base_url, java_script_enabled=scripts) as person,
    ):
        steam.world.people = [BOB]
        await person.go("/sign-in?next=/clans/new")
        await person.press("Sign in with Steam")
        assert "Stand-in Steam" in await person.text()
        await person.press("Cancel")
        assert "You turned back at Steam" in await person.text()

        await person.go("/sign-in?next=/clans/new")
        await person.press("Sign in with Steam")
        await person.press(f"Sign in as {BOB}")
        assert f"Steam has confirmed that {BOB} is yours." in await person.text()
        await person.fill(nickname="x")
        await person.press("Create the account")
        assert await person.page.locator("#nickname-error").count() == 1
        await person.fill(nickname="batyr")
        await person.press("Create the account")
        assert person.page.url.endswith("/clans/new")
        assert "Welcome, batyr." in await person.text()

        await person.go("/account")
        await person.press("Unlink Steam")
        assert "Add an e-mail and a password first" in await person.text()
        await person.fill(email="batyr@example.com", password="seven wild horses")
        await person.press("Add them")
        assert await person.page.locator("#old_password").count() == 1
        await person.press("Unlink Steam")
        # The form leads to Steam over a page of ours, for form-action is 'self'.
        await person.press("Link Steam")
        await person.page.wait_for_url(f"{steam.endpoint}*")
        await person.press(f"Sign in as {BOB}")
        assert f"Steam has confirmed that {BOB} is yours." in await person.text()
        await person.press("Sign out")

        await person.go("/sign-in")
        await person.press("Sign in with Steam")
        await person.press(f"Sign in as {BOB}")
        assert person.page.url.endswith("/desk")
        assert await Account.count() == 1
        at_home(person, steam)


async def test_a_form_that_redirected_to_steam_would_be_stopped(settings, somebody):
    """Why there is a page between: Chromium holds a form's redirects to the policy."""
    async with (
        with_steam(settings) as steam,
        somebody(steam.site.base_url) as person,
    ):
        await person.go("/sign-in")
        await person.page.evaluate(
            "() => { const form = document.createElement('form');"
            "form.action = '/sign-in/steam'; document.body.append(form); form.submit(); }"
        )
        await person.page.wait_for_timeout(500)
        assert person.page.url.endswith("/sign-in")
        assert steam.world.calls["login"] == 0
        assert any("form-action" in each for each in person.complaints)
        person.complaints.clear()


async def test_axe_finds_nothing_on_the_way(settings, somebody):
    async with (
        with_steam(settings) as steam,
        somebody(steam.site.base_url, bypass_csp=True) as person,
    ):
        found = []

        async def look() -> None:
            await person.page.evaluate(AXE)
            for theme in ("dark", "light"):
                await person.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                found.extend(await faults(person.page))

        await person.go("/sign-in/steam/callback")
        await look()
        await person.go("/sign-in")
        await person.press("Sign in with Steam")
        await person.press(f"Sign in as {steam.world.people[0]}")
        await look()
        await person.fill(nickname="batyr")
        await person.press("Create the account")
        await person.go("/account")
        await look()
        await person.press("Unlink Steam")
        await look()
        assert found == []
        at_home(person, steam)
