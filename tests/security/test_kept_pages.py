"""What is kept for everybody holds nothing of anybody, and nobody can push it out."""

import base64
import re

import pytest

from app.kernel import clock
from tests.asking import ask
from tests.factories import cup, large_cup, person
from tournaments import setup
from tournaments.tables import Tournament

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_draft_that_its_organiser_has_read_is_nobody_elses(site):
    made = await cup(site.db, 2, start=False)
    await Tournament.update({Tournament.state: "draft"}).where(Tournament.id == made.id)
    path = f"/tournaments/{made.slug}"
    organiser = await site.signed_in(made.organiser)
    nobody = await site.signed_in(await person("nobody"))
    assert (await organiser.get(path)).status_code == 200
    for who in (nobody, site.stranger()):
        for query in ("", "?round=1", "?at=s1-upper&round=1"):
            assert (await who.get(path + query)).status_code == 404
    assert (await organiser.get(path)).status_code == 200


async def test_nobody_gets_what_is_somebody_elses_alone(site):
    made = await cup(site.db, 4)
    match = (await made.match("U1.1"))["id"]
    paths = (f"/tournaments/{made.slug}", f"/matches/{match}", "/", "/tournaments", "/matches")
    organiser, captain = (
        await site.signed_in(made.organiser),
        await site.signed_in(made.clans[0].captain),
    )
    nobody, stranger = await site.signed_in(await person("nobody")), site.stranger()
    for path in paths:
        own = {who: (await who.get(path)).text for who in (organiser, captain, nobody, stranger)}
        assert "/manage" not in own[nobody] + own[captain] + own[stranger]
        assert 'id="captain"' not in own[nobody] + own[organiser] + own[stranger]
        assert "Your account: organiser" not in own[nobody] + own[captain] + own[stranger]
        # A stranger's page is the same bytes for all of them, so no token may be in it.
        assert 'name="csrf"' not in own[stranger]
        tokens = [set(re.findall(r'name="csrf" value="(\w+)"', text)) for text in own.values()]
        assert sum(map(len, tokens)) == len(set().union(*tokens))
    assert f"/tournaments/{made.slug}/manage" in (await organiser.get(paths[0])).text
    assert 'id="captain"' in (await captain.get(paths[1])).text


async def test_invented_addresses_get_no_place_of_their_own(site):
    made = await large_cup(site.db, 32)
    path, stranger = f"/tournaments/{made.slug}", site.stranger()
    plain = (await stranger.get(path)).text
    for query in ("?at=s1-upper&round=2", "?round=2", "?page=1"):
        await stranger.get(path + query)
    pages = site.site.pages
    kept, asked = set(pages._kept), set(pages._asked)
    for number in range(60):
        for query in (
            f"?at=s1-upper&round={number + 6}",
            f"?at=s{number % 9 + 1}-lower&round=1&part={number}",
            f"?utm={number}",
            f"?at=s1-upper&round=2&part={number}&x={number}",
        ):
            assert (await stranger.get(path + query)).status_code == 200
        await stranger.get(f"/tournaments?page={number + 2}&state=x{number}")
        await stranger.get(f"/matches?{number}")
        await stranger.get(f"/?{number}")
    more = {key for key in set(pages._kept) - kept if key[0] == "page"}
    assert {key[-1] for key in more} <= {"/", "/matches", "/tournaments"}
    assert set(pages._asked) - asked <= {each for each in pages._asked if each[1] == b""}
    assert (await stranger.get(f"{path}?utm=99")).text == plain


async def test_a_page_says_its_own_address_whatever_was_asked(site):
    made = await large_cup(site.db, 4)
    text = (await site.stranger().get(f"/tournaments/{made.slug}?at=evil&round=1&x=%22%3E")).text
    assert f'hx-get="/tournaments/{made.slug}"' in text
    assert "evil" not in text


SAVED = base64.urlsafe_b64encode(b'["Saved.", {}]').decode()


async def test_who_has_just_changed_something_sees_it(site):
    """Whatever is kept, and however far behind the relay is."""
    made = await cup(site.db, 2, start=False)
    path = f"/tournaments/{made.slug}"
    organiser = await site.signed_in(made.organiser)
    await organiser.get(path)
    # Nobody tells this process.
    site.site.pages.drop = lambda _: None
    async with site.db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, made.id, now=clock.now())
    assert "Registration closed" not in (await organiser.get(path)).text
    organiser.http.cookies.set("flash", "W10=")
    assert "Registration closed" not in (await organiser.get(path)).text
    organiser.http.cookies.set("flash", SAVED)
    assert "Registration closed" in (await organiser.get(path)).text


async def test_no_cookie_of_a_strangers_is_worth_a_page_of_its_own(site, monkeypatch):
    """None makes us read or keep anything anew, however it is invented."""
    made = await cup(site.db, 2)
    path, pages = f"/tournaments/{made.slug}", site.site.pages
    for theme in (b"", b"theme=dark"):
        for language in ("kk", "ru", "en"):
            headers = [cookie(theme), (b"accept-language", language.encode())]
            await ask(site.site.app, path, headers=headers)
    kept, asked = set(pages._kept), set(pages._asked)

    async def read(*_, **__):
        raise AssertionError

    monkeypatch.setattr(type(site.site.house.press), "_read", read)
    for value in (
        b"flash=x", b"flash=" + SAVED.encode(), b"flash=W10=", b"session=x", b"a=1", b"b=2; c=3",
        b"theme=x1", b"theme=dark; theme=x", b"language=xx", b"language=ru; x", b"csrf=" + b"x" * 40,
        b"__Host-session=x", b'theme="dark"', b"theme=%64ark", b"\xa0theme=dark", b"th%65me=dark",
    ):  # fmt: skip
        for accept in (b"en-US,en;q=0.9", b"ru-RU,x1", b"xx,en;q=0.3,x2", b"x" * 2_000):
            for where in (path, path + "?x=1", path.replace("t", "%74", 1)):
                headers = [cookie(value), (b"accept-language", accept)]
                assert (await ask(site.site.app, where, headers=headers)).status == 200, value
    assert set(pages._kept) == kept
    assert set(pages._asked) == asked


async def test_strangers_get_the_page_they_ask_for_whatever_was_kept(site):
    """Answered from the kept pages, it is what the framework would have made."""
    made = await cup(site.db, 2)
    path = f"/tournaments/{made.slug}"
    cookies = (
        b"theme=dark", b"language=ru; theme=light", b" language = ru ;theme=dark", b'theme="dark"',
        b"theme=dark; theme=light", b"language=%72u", b"\xa0theme=dark", b"Theme=dark", b"theme",
        b"theme=dark=", b"=theme; language=kk;", b"\x1ftheme=dark\x85; language=ru",
    )  # fmt: skip
    asked = [[cookie(each), EN] for each in cookies] + [[EN, (b"x-cookie", b"theme=dark")]]
    apart = []
    for headers in asked:
        site.site.pages.forget()
        site.site.pages._asked.clear()
        apart.append((await ask(site.site.app, path, headers=headers)).body)
    for _ in range(2):
        together = [(await ask(site.site.app, path, headers=each)).body for each in asked]
        assert together == apart


RU, EN = (b"accept-language", b"ru"), (b"accept-language", b"en")


def cookie(text):
    return (b"cookie", text)


@pytest.mark.parametrize(
    ("sent_twice", "others"),
    [
        ([RU, EN], [EN]),
        ([EN, RU], [RU]),
        ([cookie(b"language=ru"), cookie(b"a=b"), EN], [cookie(b"a=b"), EN]),
        ([cookie(b"a=b"), cookie(b"language=ru"), EN], [cookie(b"language=ru"), EN]),
        ([cookie(b"theme=dark"), cookie(b"a=b"), EN], [cookie(b"a=b"), EN]),
        ([cookie(b""), cookie(b"theme=dark"), EN], [cookie(b"theme=dark"), EN]),
    ],
)
async def test_a_header_sent_twice_gives_nobody_else_another_page(site, sent_twice, others):
    made = await cup(site.db, 2)
    for path in ("/", "/matches", f"/tournaments/{made.slug}"):
        fresh = (await ask(site.site.app, path, headers=others)).body
        site.site.pages.forget()
        site.site.pages._asked.clear()
        await ask(site.site.app, path, headers=sent_twice)
        assert (await ask(site.site.app, path, headers=others)).body == fresh
