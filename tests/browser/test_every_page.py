"""Every page, both themes, three languages: axe finds nothing, nothing scrolls sideways."""

from pathlib import Path

import pytest

from app.accounts.sessions import open_session
from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.errors import Message
from clans.membership import invite
from tests.factories import another_cup, cup, report
from tournaments import seeding, setup
from tournaments.plans import StageForm
from tournaments.recording import record
from tournaments.reports import Told
from tournaments.results import notify
from tournaments.tables import Tournament

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe looks for hardly differs by language; Kazakh has the longest words.
QUICK_LANGUAGES = ["kk", *(pytest.param(each, marks=pytest.mark.slow) for each in ("ru", "en"))]
WIDTHS = (320, 390, 768, 1080, 1440)

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

PUBLIC = (
    "/",
    "/tournaments",
    "/matches",
    "/clans",
    "/clans/clan-1",
    "/tournaments/{cup}",
    "/tournaments/{groups}",
    "/tournaments/{groups}/needs/{entrant}",
    "/tournaments/{swiss}",
    "/tournaments/{ladder}",
    "/tournaments/{closed}",
    "/matches/{paired}",
    "/matches/{played}",
    "/matches/{ready}",
    "/matches/{waiting}",
    "/sign-in",
    "/sign-up",
    "/about",
    "/nothing-here",
    "/join/{token}",
    "/tournaments/{open}",
)
PERSONAL = (
    "/desk",
    "/account",
    "/clans/new",
    "/clans/clan-1/manage",
    "/clans/clan-1/edit",
    "/clans/clan-1/rosters/dota2",
    "/join/{token}",
    "/tournaments/{open}/register",
    "/tournaments/{open}/edit",
    "/tournaments/{open}/manage",
    "/matches/{ready}",
    "/tournaments/new",
    "/tournaments/{cup}/manage",
    "/tournaments/{closed}/manage",
    "/tournaments/{closed}/edit",
    "/tournaments/{ladder}/challenge",
    "/matches/{played}/rule",
    "/tournaments/{cup}/entrants/{leaver}/leave",
)


@pytest.fixture
async def world(site):
    """A cup of six: one match played, one reported, some to come."""
    made = await cup(site.db, 6, third_place=True)
    four, five = made.clans[3], made.clans[4]
    async with site.db.transaction() as tx:
        await record(tx, made.id, Told(games=(report(1, four, five),)), now=clock.now())
        await notify(
            made.id,
            Message("The game has no winner."),
            source="opendota",
            external_id="7",
            now=clock.now(),
        )
    ids = {row["key"]: row["id"] for row in await made.matches()}
    stages = (
        StageForm(format="round_robin", groups="2", advance="2"),
        StageForm(prefix="s2_", format="double_elimination"),
    )
    groups = await another_cup(site.db, made, stages=stages)
    swiss = await another_cup(site.db, made, format="swiss_limits")
    to_come = await another_cup(site.db, made, start=False)
    async with site.db.transaction() as tx:
        token = await invite(tx, made.clans[0].captain, made.clans[0].id, now=clock.now())
    ladder = await another_cup(site.db, made, format="ladder")
    closed = await another_cup(site.db, made, start=False)
    async with site.db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, closed.id, now=clock.now())
        await seeding.by_lot(tx, made.organiser, closed.id, "25 November", now=clock.now())
    names = {
        "ladder": ladder.slug,
        "closed": closed.slug,
        "cup": made.slug,
        "open": to_come.slug,
        "token": token,
        "groups": groups.slug,
        "entrant": (await groups.matches())[0]["entrant_a"],
        "swiss": swiss.slug,
        "paired": (await swiss.matches())[0]["id"],
        "leaver": (await made.matches())[-1]["entrant_a"] or (await made.matches())[1]["entrant_a"],
        "played": ids["U1.2"],
        "ready": ids["U2.1"],
        "waiting": ids["U3.1"],
    }
    return site, made, names


async def faults(page) -> list[str]:
    result = await page.evaluate(
        "async (rules) => (await axe.run({runOnly: rules})).violations"
        ".map(v => v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | '))",
        RULES,
    )
    return [line[:600] for line in result]


async def look(person, pages, names) -> list[str]:
    found = []
    for path in pages:
        # An error page in place of the page would be well and prove nothing.
        assert await person.go(path.format(**names)) == (404 if "nothing" in path else 200), path
        await person.page.evaluate(AXE)
        for theme in ("dark", "light"):
            await person.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{path} {theme} {line}" for line in await faults(person.page)]
    return found


async def sign_in_as_everybody(person, site, made, language) -> None:
    """The organiser also leads a clan, so that one account sees every page."""
    account = made.clans[0].captain.account
    await Account.update({Account.organiser: True, Account.language: language}).where(
        Account.id == account
    )
    await Tournament.update({Tournament.organiser: account}, force=True)
    token = await open_session(account, now=clock.now())
    await person.context.add_cookies([{"name": "session", "value": token, "url": site.base_url}])


@pytest.mark.parametrize("language", QUICK_LANGUAGES)
async def test_axe_finds_nothing_on_public_pages(world, somebody, language):
    site, _, names = world
    async with somebody(site.base_url, language=language, bypass_csp=True) as person:
        assert await look(person, PUBLIC, names) == []


@pytest.mark.parametrize("language", QUICK_LANGUAGES)
async def test_axe_finds_nothing_on_personal_pages(world, somebody, language):
    site, made, names = world
    async with somebody(site.base_url, language=language, bypass_csp=True) as person:
        await sign_in_as_everybody(person, site, made, language)
        assert await look(person, PERSONAL, names) == []
        await person.go("/clans/new")
        await person.page.evaluate(
            "document.querySelectorAll('[required]').forEach(e => e.required = false)"
        )
        await person.page.click("form.form button")
        await person.page.wait_for_load_state()
        assert await person.page.locator(".wrongs a").count() >= 2
        await person.page.evaluate(AXE)
        assert await faults(person.page) == []


async def test_no_page_scrolls_sideways(world, somebody):
    site, made, names = world
    async with somebody(site.base_url, language="ru") as person:
        wide = []
        for path in (*PUBLIC, *PERSONAL):
            if path == PERSONAL[0]:
                await sign_in_as_everybody(person, site, made, "ru")
            await person.go(path.format(**names))
            for width in WIDTHS:
                await person.page.set_viewport_size({"width": width, "height": 800})
                actual = await person.page.evaluate("document.documentElement.scrollWidth")
                if actual > width:
                    wide.append((path, width, actual))
        assert wide == []
