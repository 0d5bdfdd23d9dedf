"""Bad input: a translated error beside the field, what was typed kept, nothing lost."""

from urllib.parse import unquote

import pytest

from app.accounts.tables import Account, Session
from clans.tables import Clan, RosterPlayer
from tests.factories import clan, cup_data, person, typed
from tournaments.tables import Tournament

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LONG = "Ұ" * 10_240
CLAN = {"name": "Жаңа клан", "tag": "NEW", "game": "dota2", "languages": "kk", "about": "Сәлем"}


def beside(text: str, field: str) -> bool:
    """Whether the page shows an error at this field, and points the field at it."""
    return f'id="{field}-error"' in text and f"{field}-error" in text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": LONG}, "name", "this has 10240"),
        ({"name": ""}, "name", "Please fill this in."),
        ({"name": "<b>clan</b>"}, "name", "Use letters"),
        ({"name": "\u202eevil"}, "name", "Use letters"),
        ({"tag": "C\u0421 1 2 3 4"}, "tag", "this has"),
        ({"tag": "\u04211"}, "tag", "Another clan has this tag"),
        ({"name": "\u0421l\u0430n 1"}, "name", "Another clan has this name"),
        ({"game": "chess"}, "game", "Choose a game."),
        ({"languages": "xx"}, "languages", "Choose at least one language."),
        ({"about": "x" * 1_001}, "about", "this has 1,001"),
    ],
)
async def test_a_clan(site, changes, field, sentence):
    taken = await clan(1)
    # The factory writes simple keys; make them what founding writes.
    from app.kernel.text.names import skeleton

    await Clan.update({Clan.name_key: skeleton("Clan 1"), Clan.tag_key: skeleton("C1")}).where(
        Clan.id == taken.id
    )
    visitor = await site.signed_in(await person("founder"))
    answer = await visitor.post("/clans/new", **(CLAN | changes))
    assert answer.status_code == 422
    assert beside(answer.text, field)
    assert sentence.replace(",", "") in answer.text.replace(",", "")
    assert "Сәлем" in answer.text or field == "about"
    assert await Clan.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": "2020-01-01T10:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"size_limit": "1"}, "size_limit"),
        ({"size_limit": "4097"}, "size_limit"),
        ({"size_limit": "²"}, "size_limit"),
        ({"size_limit": "-5"}, "size_limit"),
        ({"timezone": "Asia/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": LONG}, "timezone"),
        ({"name": LONG}, "name"),
        ({"best_of": "2"}, "best_of"),
        ({"league_id": "abc"}, "league_id"),
    ],
)
async def test_a_tournament(site, changes, field):
    visitor = await site.signed_in(await person("host", organiser=True))
    answer = await visitor.post("/tournaments/new", **(typed(cup_data()) | changes))
    assert answer.status_code == 422
    assert beside(answer.text, field)
    assert await Tournament.count() == 0


@pytest.mark.parametrize(
    "steam_id",
    ["12345", "76561197960265728", "STEAM_0:9:1", "[U:1:0]", "x" * 10_240, "٧٦٥٦١١٩٧٩٦٠٢٦٥٧٣٠"],
)
async def test_a_malformed_steam_id(site, steam_id):
    made = await clan(1)
    captain = await site.signed_in(made.captain)
    before = await RosterPlayer.select().order_by(RosterPlayer.id)
    field = f"steam_{made.captain.player}"
    answer = await captain.post(
        "/clans/clan-1/rosters/dota2", players=str(made.captain.player), **{field: steam_id}
    )
    assert answer.status_code == 422
    assert beside(answer.text, field)
    assert "This is no Steam id." in answer.text
    assert await RosterPlayer.select().order_by(RosterPlayer.id) == before


@pytest.mark.parametrize(
    ("language", "sentence"), [("kk", "Мұны толтырыңыз."), ("ru", "Заполните это поле.")]
)
async def test_errors_are_translated(site, language, sentence):
    founder = await person("founder")
    await Account.update({Account.language: language}).where(Account.id == founder.account)
    visitor = await site.signed_in(founder)
    assert sentence in (await visitor.post("/clans/new", **(CLAN | {"name": ""}))).text


async def test_a_form_that_is_too_large_is_refused_politely(site):
    visitor = await site.signed_in(await person("founder"))
    answer = await visitor.post("/clans/new", about="x" * 300_000)
    assert answer.status_code == 413
    assert "too large" in answer.text


async def test_sign_in_is_slowed_down_and_says_the_same_for_everyone(site):
    visitor = site.stranger()
    fields = {
        "nickname": "alice",
        "email": "alice@example.com",
        "password": "seven wild horses",
        "language": "en",
    }
    assert (await visitor.post("/sign-up", **fields)).status_code == 303
    guesser = site.stranger()
    known = await guesser.post("/sign-in", email="alice@example.com", password="wrong")
    unknown = await guesser.post("/sign-in", email="nobody@example.com", password="wrong")
    assert known.status_code == unknown.status_code == 422
    assert "E-mail or password is wrong." in known.text
    assert "E-mail or password is wrong." in unknown.text
    for _ in range(4):
        await guesser.post("/sign-in", email="alice@example.com", password="wrong")
    slowed = await guesser.post("/sign-in", email="alice@example.com", password="seven wild horses")
    assert slowed.status_code == 429


async def test_sessions_are_new_at_sign_in_and_die_at_sign_out_and_password_change(site):
    visitor = site.stranger()
    fields = {
        "nickname": "bob",
        "email": "bob@example.com",
        "password": "seven wild horses",
        "language": "en",
    }
    visitor.http.cookies.set("session", "planted")
    answer = await visitor.post("/sign-up", **fields)
    token = answer.cookies["session"]
    assert token != "planted"
    assert token not in str(await Session.select())
    from tests.site import Person

    bob = Person(site.base_url, token)
    site.people.append(bob)
    changed = await bob.post(
        "/account/password", old_password="seven wild horses", new_password="nine calm camels"
    )
    assert changed.status_code == 303
    again = Person(site.base_url, changed.cookies["session"])
    old = Person(site.base_url, token)
    site.people += [again, old]
    assert (await old.get("/account")).status_code == 303
    assert (await again.get("/account")).status_code == 200
    assert (await again.post("/sign-out")).status_code == 303
    assert (await again.get("/account")).status_code == 303


async def test_every_answer_has_the_strict_headers(site):
    for path in ("/", "/nothing", "/static/nothing.css", "/health", "/desk"):
        headers = (await site.stranger().get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_next_leads_nowhere_else(site, target):
    answer = await site.stranger().get("/language/ru", params={"next": target})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "target", ["/clans?q=қыран", "/\u2028", "/\x7f", "/clans?q=%D2%9B&page=1#x"]
)
async def test_next_is_a_header_whatever_its_letters(site, target):
    answer = await site.stranger().get("/language/ru", params={"next": target})
    assert answer.status_code == 303
    assert unquote(answer.headers["location"]) == unquote(target)


async def test_sign_in_leads_back_to_the_whole_address(site):
    answer = await site.stranger().get("/tournaments/cup/register?clan=7")
    assert answer.headers["location"] == "/sign-in?next=/tournaments/cup/register%3Fclan%3D7"


async def test_pages_name_their_letters_once(site):
    answer = await site.stranger().get("/about")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/clans", "/health", "/nothing", "/desk"])
async def test_head_is_get_without_the_body(site, path):
    visitor = site.stranger()
    got = await visitor.get(path)
    for _ in range(2):  # the second answer comes from the kept pages
        asked = await visitor.http.head(path)
        assert (asked.status_code, asked.content) == (got.status_code, b"")
        assert asked.headers["content-type"] == got.headers["content-type"]
    assert (await visitor.http.head("/live/home")).status_code == 405
