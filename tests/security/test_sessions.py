"""A session does not outlive what it was opened by, nor grow with its account."""

import asyncio

import pytest

from app.accounts.sessions import open_session
from app.accounts.signing import make_operator, make_organiser
from app.accounts.tables import Account, Session
from app.kernel import clock
from tests.factories import person
from tests.processes import run

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STEAM_ID = "76561198000000042"


@pytest.fixture
async def alice(site):
    return await person("alice")


async def browser(site, viewer):
    """Her browser, and the token that it holds."""
    token = await open_session(viewer.account, now=clock.now())
    return site.with_session(token), token


def is_signed_out(answer):
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


async def test_unlinking_steam_signs_every_other_browser_out(site, alice):
    await Account.update({Account.steam_id: STEAM_ID}).where(Account.id == alice.account)
    here, old = await browser(site, alice)
    there, _ = await browser(site, alice)
    answer = await here.post("/account/steam/unlink")
    assert answer.status_code == 303
    new = answer.cookies["session"]
    assert is_signed_out(await there.get("/account"))
    # Here it goes on, with another token; the old one is worth nothing.
    assert is_signed_out(await site.with_session(old).get("/account"))
    page = await site.with_session(new).get("/account")
    assert page.status_code == 200
    assert "Link Steam" in page.text


async def test_unlinking_nothing_ends_nothing(site, alice):
    here, _ = await browser(site, alice)
    there, _ = await browser(site, alice)
    answer = await here.post("/account/steam/unlink")
    assert answer.status_code == 303
    assert "session" not in answer.cookies
    assert (await there.get("/account")).status_code == 200


async def test_unlinking_that_is_refused_ends_nothing(site, alice):
    account = Account.update({Account.steam_id: STEAM_ID, Account.email: f"steam:{STEAM_ID}"})
    await account.where(Account.id == alice.account)
    here, _ = await browser(site, alice)
    assert (await here.post("/account/steam/unlink")).status_code == 409
    assert (await here.get("/account")).status_code == 200


@pytest.mark.parametrize(
    ("promote", "path"), [(make_organiser, "/tournaments/new"), (make_operator, "/integrations")]
)
async def test_a_right_brings_a_new_session_with_the_next_page(site, alice, promote, path):
    first, old = await browser(site, alice)
    second, other = await browser(site, alice)
    assert (await first.get(path)).status_code == 403
    async with site.db.transaction() as tx:
        promoted = await promote(tx, alice.email, now=clock.now())
    assert (promoted.nickname, promoted.browsers, promoted.already) == ("alice", 2, False)
    answer = await site.with_session(old).get(path)
    assert answer.status_code == 200
    new = answer.cookies["session"]
    assert new != old
    # Whoever has the token of before is out; the other browser changes its own.
    assert is_signed_out(await site.with_session(old).get(path))
    assert (await site.with_session(new).get(path)).status_code == 200
    assert "session" not in (await site.with_session(new).get(path)).cookies
    assert (await site.with_session(other).get(path)).cookies["session"] not in (old, new, other)
    async with site.db.transaction() as tx:
        again = await promote(tx, alice.email, now=clock.now())
    assert (again.browsers, again.already) == (0, True)
    assert not await Session.exists().where(Session.outgrown.eq(True))


async def test_a_form_that_was_open_is_still_good_and_brings_the_new_session(site, alice):
    here, old = await browser(site, alice)
    async with site.db.transaction() as tx:
        await make_organiser(tx, alice.email, now=clock.now())
    answer = await here.post("/language", language="ru", next="/desk")
    assert answer.status_code == 303
    assert answer.cookies["session"] != old
    page = await site.with_session(answer.cookies["session"]).get("/desk")
    assert page.status_code == 200


async def test_a_page_shown_with_the_exchange_holds_forms_of_the_new_session(site, alice):
    _, old = await browser(site, alice)
    async with site.db.transaction() as tx:
        await make_organiser(tx, alice.email, now=clock.now())
    page = await site.with_session(old).get("/account")
    form = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    after = site.with_session(page.cookies["session"])
    answer = await after.http.post("/language", data={"csrf": form, "language": "kk"})
    assert answer.status_code == 303


async def test_a_stream_leaves_the_exchange_to_a_page(site, alice):
    _, old = await browser(site, alice)
    async with site.db.transaction() as tx:
        await make_organiser(tx, alice.email, now=clock.now())
    person_ = site.with_session(old)
    async with person_.http.stream("GET", "/live/home") as answer:
        assert answer.status_code == 200
    assert "session" in (await site.with_session(old).get("/desk")).cookies


async def test_of_two_pages_at_once_one_brings_the_session(site, alice):
    _, old = await browser(site, alice)
    async with site.db.transaction() as tx:
        await make_organiser(tx, alice.email, now=clock.now())
    answers = await asyncio.gather(*(site.with_session(old).get("/clans") for _ in range(4)))
    assert [each.status_code for each in answers] == [200] * 4
    assert sum("session" in each.cookies for each in answers) == 1


async def test_the_command_says_what_happened(site, settings, alice, tmp_path):
    await browser(site, alice)
    known = {"database_url": settings.database_url, "data_dir": str(tmp_path / "var")}
    code, said = await run("organiser", "add", "Alice@example.com", folder=tmp_path, **known)
    assert code == 0
    assert said.splitlines() == [
        "alice may organise tournaments",
        "open sessions: 1; each gets a new token with the next page it opens",
    ]
    _, said = await run("organiser", "add", "alice@example.com", folder=tmp_path, **known)
    assert said.splitlines() == ["alice may organise tournaments already"]
