"""Accounts by Steam: sign up, sign in, link, unlink, and ids vouched for in rosters."""

import asyncio
import json

import pytest

from app.accounts import linking
from app.accounts.tables import Account, Player, SteamProfile
from app.kernel import clock
from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.errors import Conflict
from clans.tables import RosterPlayer
from tests.factories import clan, person
from tests.site import until
from tests.steam import ALICE, BOB, with_steam

pytestmark = pytest.mark.slow_on_postgres


@pytest.fixture
async def steam(settings):
    async with with_steam(settings) as found:
        yield found


async def promised() -> list[dict[str, int]]:
    rows = await OutboxEntry.select().where(OutboxEntry.kind == "steam_linked")
    return [json.loads(row["payload"]) for row in rows]


async def test_sign_up_with_nothing_but_a_nickname(steam):
    browser = steam.browser()
    answer = await browser.sign_up(ALICE, "alice")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    viewer = await browser.viewer()
    assert (viewer.nickname, viewer.email, viewer.language) == ("alice", "", "en")
    row = await Account.select().first()
    assert (row["email"], row["password_hash"], row["steam_id"]) == (f"steam:{ALICE}", "", ALICE)
    assert await promised() == [{"account": viewer.account}]
    assert browser.cookie("steam-proof") == ""
    page = (await browser.get("/account")).text
    assert ALICE in page
    assert "steam:" not in page
    assert 'action="/account/email"' in page
    assert 'action="/account/password"' not in page


async def test_sign_up_with_an_e_mail_as_well(steam):
    browser = steam.browser()
    answer = await browser.sign_up(
        ALICE, "alice", email="Alice@example.com", password="seven wild horses"
    )
    assert answer.status_code == 303
    again = steam.browser()
    await again.post("/sign-in", email="alice@example.com", password="seven wild horses")
    assert (await again.viewer()).nickname == "alice"


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"nickname": "x"}, "nickname"),
        ({"nickname": "taken"}, "nickname"),
        ({"email": "alice@example.com"}, "password"),
        ({"password": "seven wild horses"}, "email"),
        ({"email": "taken@example.com", "password": "seven wild horses"}, "email"),
        ({"email": "alice@example.com", "password": "short"}, "password"),
        ({"language": "xx"}, "language"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_can_be_mended(steam, fields, beside):
    await person("taken")
    browser = steam.browser()
    assert (await browser.sign_in(ALICE)).headers["location"] == "/sign-up/steam"
    good = {"nickname": "alice", "language": "en"}
    answer = await browser.post("/sign-up/steam", **(good | fields))
    assert answer.status_code == 422
    assert f'id="{beside}-error"' in answer.text
    assert await Account.count() == 1
    assert (await browser.post("/sign-up/steam", **good)).status_code == 303
    assert await Player.count() == 2


async def test_sign_in_leads_to_where_one_was(steam):
    await steam.browser().sign_up(ALICE, "alice")
    browser = steam.browser()
    answer = await browser.sign_in(ALICE, "/clans/new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/clans/new")
    assert (await browser.viewer()).nickname == "alice"
    assert len(await promised()) == 2


async def test_sign_up_leads_to_where_one_was(steam):
    browser = steam.browser()
    await browser.sign_in(ALICE, "/clans/new")
    answer = await browser.post("/sign-up/steam", nickname="alice", language="en")
    assert answer.headers["location"] == "/clans/new"
    assert (await browser.get("/sign-up/steam")).headers["location"] == "/account"
    assert (await browser.get("/sign-in/steam")).headers["location"] == "/account"


async def test_link_and_unlink(steam):
    viewer = await person("alice")
    browser = steam.browser()
    await browser.be(viewer)
    answer = await browser.link(ALICE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await linking.steam_id_of(viewer.account) == ALICE
    assert len(await promised()) == 1
    assert (await browser.link(ALICE)).status_code == 303
    # Not another one on top.
    refused = await browser.link(BOB)
    assert refused.status_code == 409
    assert "Unlink that first." in refused.text
    await SteamProfile.insert(SteamProfile(account=viewer.account, name="A", avatar="f" * 64))
    await Player.update({Player.avatar: "f" * 64}).where(Player.id == viewer.player)
    assert (await browser.post("/account/steam/unlink")).status_code == 303
    assert await linking.steam_id_of(viewer.account) == ""
    assert await SteamProfile.count() == 0
    assert (await Player.select(Player.avatar).where(Player.id == viewer.player).first())[
        "avatar"
    ] is None
    kinds = [row["action"] for row in await AuditEntry.select().order_by(AuditEntry.id)]
    assert kinds[-1] == "account.steam_unlinked"
    assert ALICE not in str(await AuditEntry.select())
    assert (await browser.link(BOB)).status_code == 303


async def test_a_taken_steam_account_is_not_linked_twice(steam):
    await steam.browser().sign_up(ALICE, "alice")
    browser = steam.browser()
    await browser.be(await person("bob"))
    answer = await browser.link(ALICE)
    assert answer.status_code == 409
    assert "This Steam account is linked to another account here." in answer.text
    assert 'id="steam-error"' in answer.text
    assert (await browser.viewer()).nickname == "bob"


async def test_two_who_link_one_steam_account_at_once(steam):
    viewers = [await person(f"p{number}") for number in range(4)]

    async def link(viewer):
        async with steam.site.db.transaction() as tx:
            await linking.link(tx, viewer, ALICE, now=clock.now())

    done = await asyncio.gather(*(link(each) for each in viewers), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Conflict"] * 3 + ["NoneType"]
    assert await Account.count().where(Account.steam_id == ALICE) == 1


async def test_nobody_locks_themselves_out(steam):
    browser = steam.browser()
    await browser.sign_up(ALICE, "alice")
    refused = await browser.post("/account/steam/unlink")
    assert refused.status_code == 409
    assert "Add an e-mail and a password first" in refused.text
    wrong = await browser.post("/account/email", email="nonsense", password="short")
    assert wrong.status_code == 422
    assert 'id="email-error"' in wrong.text
    assert 'id="password-error"' in wrong.text
    assert 'value="nonsense"' in wrong.text
    elsewhere = steam.browser()
    await elsewhere.sign_in(ALICE)
    good = {"email": "alice@example.com", "password": "seven wild horses"}
    assert (await browser.post("/account/email", **good)).status_code == 303
    assert (await browser.viewer()).email == "alice@example.com"
    assert await elsewhere.viewer() is None
    assert (await browser.post("/account/email", **good)).status_code == 409
    changed = await browser.post(
        "/account/password", old_password="seven wild horses", new_password="eight tame camels"
    )
    assert changed.status_code == 303
    assert (await browser.post("/account/steam/unlink")).status_code == 303
    again = steam.browser()
    await again.post("/sign-in", email="alice@example.com", password="eight tame camels")
    assert (await again.viewer()).nickname == "alice"


async def test_a_taken_e_mail_is_not_added(steam):
    await person("bob")
    browser = steam.browser()
    await browser.sign_up(ALICE, "alice")
    answer = await browser.post(
        "/account/email", email="bob@example.com", password="seven wild horses"
    )
    assert answer.status_code == 422
    assert "This e-mail already has an account." in answer.text


async def test_a_password_cannot_be_changed_where_there_is_none(steam):
    browser = steam.browser()
    await browser.sign_up(ALICE, "alice")
    for old in ("", "nobody's password"):
        answer = await browser.post(
            "/account/password", old_password=old, new_password="seven wild horses"
        )
        assert answer.status_code == 422


async def test_the_relay_keeps_the_promise(settings):
    async with with_steam(settings, worker=True) as steam:
        await steam.browser().sign_up(ALICE, "alice")

        async def done():
            return not await OutboxEntry.count()

        await until(done)


# -- rosters -----------------------------------------------------------------


async def test_the_roster_form_knows_whom_steam_vouches_for(steam):
    made = await clan(1)
    captain = steam.browser()
    await captain.be(made.captain)
    await captain.link(ALICE)
    me, mate = made.players[:2]
    await RosterPlayer.update({RosterPlayer.steam_id: ""}).where(RosterPlayer.player == me)
    page = (await captain.get("/clans/clan-1/rosters/dota2")).text
    assert f'name="steam_{me}" value="{ALICE}"' in page
    assert page.count("Steam vouches for this id.") == 1
    # What a captain wrote before stays, with Steam's word beside it.
    await RosterPlayer.update({RosterPlayer.steam_id: BOB}).where(RosterPlayer.player == me)
    page = (await captain.get("/clans/clan-1/rosters/dota2")).text
    assert f'name="steam_{me}" value="{BOB}"' in page
    assert f"Steam vouches for {ALICE}." in page
    # Another player's id is refused beside the field, and what was typed stays.
    answer = await captain.post(
        "/clans/clan-1/rosters/dota2", players=str(mate), **{f"steam_{mate}": ALICE}
    )
    assert answer.status_code == 422
    assert f'id="steam_{mate}-error"' in answer.text
    # The apostrophe is escaped in the page.
    assert "Steam says that this id is another player" in answer.text
    assert f'name="steam_{mate}" value="{ALICE}"' in answer.text
    answer = await captain.post(
        "/clans/clan-1/rosters/dota2", players=str(me), **{f"steam_{me}": ALICE}
    )
    assert answer.status_code == 303
    for path in ("/clans/clan-1", "/clans", "/about", "/"):
        assert ALICE not in (await steam.browser().get(path)).text


async def test_linking_refuses_in_words_what_the_command_refuses(steam):
    alice, bob = await person("alice"), await person("bob")
    async with steam.site.db.transaction() as tx:
        await linking.link(tx, alice, ALICE, now=clock.now())
    with pytest.raises(Conflict):
        async with steam.site.db.transaction() as tx:
            await linking.link(tx, bob, ALICE, now=clock.now())
