"""Steam sign-in: one good answer, spoiled in one place at a time, is refused each time."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import httpx
import pytest

from app.accounts import openid
from app.accounts import steam as protocol
from app.accounts.once import Unavailable
from app.accounts.passwords import NONE, verify
from app.accounts.tables import Account, Session
from app.kernel import clock
from app.kernel.operation.settings import Settings
from integrations.standins.serving import serve
from integrations.standins.steam_openid import PATH, World, application
from tests.factories import person
from tests.steam import ALICE, BOB, CALLBACK, with_steam

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STEAM = "https://steamcommunity.com/openid/login"
NS = openid.NS


@pytest.fixture
async def steam(settings):
    async with with_steam(settings) as found:
        yield found


# -- spoiling ---------------------------------------------------------------


def put(name, value):
    """The field, with another value."""

    def spoil(pairs):
        assert f"openid.{name}" in dict(pairs)
        return [(key, value if key == f"openid.{name}" else old) for key, old in pairs]

    return spoil


def change(name, by):
    def spoil(pairs):
        return put(name, by(dict(pairs)[f"openid.{name}"]))(pairs)

    return spoil


def both(by):
    """Claimed id and identity alike, so that only their shape can be wrong."""
    return lambda pairs: change("identity", by)(change("claimed_id", by)(pairs))


def without(*names):
    return lambda pairs: [each for each in pairs if each[0] not in names]


def twice(name, value=None):
    return lambda pairs: [*pairs, (name, dict(pairs)[name] if value is None else value)]


def signed_without(name):
    return change("signed", lambda old: ",".join(each for each in old.split(",") if each != name))


def at(**ago):
    def other(old):
        # Not before it is asked for: this table is made long before it is used.
        return f"{clock.now() - timedelta(**ago):%Y-%m-%dT%H:%M:%SZ}{old[20:]}"

    return change("response_nonce", other)


FIELDS = sorted(openid.NEEDED)
SPOILED = {
    # each key exactly once
    **{f"no {name}": without(f"openid.{name}") for name in FIELDS},
    **{f"{name} twice": twice(f"openid.{name}") for name in FIELDS},
    "claimed_id twice, differing": twice("openid.claimed_id", "https://evil.example/openid/id/1"),
    "mode twice, the second empty": twice("openid.mode", ""),
    "state twice": twice("state"),
    "no fields at all": lambda pairs: [],
    "no openid fields": lambda pairs: [each for each in pairs if each[0] == "state"],
    "more fields than anyone needs": lambda pairs: pairs + [(f"x{n}", "") for n in range(99)],
    # ns, mode
    "ns of OpenID 1.1": put("ns", "http://openid.net/signon/1.1"),
    "ns by https": put("ns", NS.replace("http:", "https:")),
    "ns with a slash": put("ns", NS + "/"),
    "mode of the way there": put("mode", "checkid_setup"),
    "mode in capitals": put("mode", "ID_RES"),
    "mode setup_needed": put("mode", "setup_needed"),
    "mode check_authentication": put("mode", "check_authentication"),
    # op_endpoint
    "another endpoint": put("op_endpoint", "https://notsteamcommunity.example/openid/login"),
    "endpoint with a slash": change("op_endpoint", lambda old: old + "/"),
    "endpoint with a query": change("op_endpoint", lambda old: old + "?"),
    "endpoint by https": change("op_endpoint", lambda old: old.replace("http:", "https:")),
    "endpoint in capitals": change("op_endpoint", str.upper),
    "endpoint with a newline": change("op_endpoint", lambda old: old + "\n"),
    # claimed_id and identity
    "own provider": lambda pairs: both(lambda old: "https://notsteam.example/openid/id/" + ALICE)(
        put("op_endpoint", "https://notsteam.example/openid/login")(pairs)
    ),
    "claimed_id elsewhere": put("claimed_id", f"http://198.51.100.7:9291/openid/{ALICE}"),
    "claimed_id another person's": change("claimed_id", lambda old: old.replace(ALICE, BOB)),
    "identity another person's": change("identity", lambda old: old.replace(ALICE, BOB)),
    "both elsewhere": both(lambda old: f"http://198.51.100.7:9291/openid/id/{ALICE}"),
    "newline after the id": both(lambda old: old + "\n"),
    "newline before": both(lambda old: "\n" + old),
    "space after the id": both(lambda old: old + " "),
    "Arabic digits": both(lambda old: old[:-1] + "١"),
    "fullwidth digits": both(lambda old: old[:-1] + "１"),
    "by https": both(lambda old: old.replace("http:", "https:")),
    "scheme in capitals": both(lambda old: old.replace("http:", "HTTP:")),
    "another port": both(lambda old: old.replace("/openid", "1/openid")),
    "user info": both(lambda old: old.replace("http://", "http://steam@")),
    "our host as user info": both(lambda old: old.replace("/openid", "@evil.example/openid")),
    "slash after the id": both(lambda old: old + "/"),
    "path before": both(lambda old: old.replace("/openid", "/x/openid")),
    "query after the id": both(lambda old: old + "?a=b"),
    "fragment after the id": both(lambda old: old + "#"),
    "one digit more": both(lambda old: old + "1"),
    "one digit less": both(lambda old: old[:-1]),
    "a group's id": both(lambda old: old.replace("7656119", "1035827")),
    "identifier_select": both(lambda old: openid.SELECT),
    "empty ids": both(lambda old: ""),
    # return_to and state
    "return_to another site": put("return_to", "https://other.example" + CALLBACK),
    "return_to without state": change("return_to", lambda old: old.partition("?")[0]),
    "return_to with more": change("return_to", lambda old: old + "&next=/"),
    "return_to by https": change("return_to", lambda old: old.replace("http:", "https:")),
    "return_to by another name": change(
        "return_to", lambda old: old.replace("127.0.0.1", "localhost")
    ),
    "return_to not ASCII": change("return_to", lambda old: old + "ә"),
    "state not in the address": without("state"),
    "state empty": lambda pairs: [("state", ""), *without("state")(pairs)],
    "another state": lambda pairs: [("state", "x" * 43), *without("state")(pairs)],
    # signed
    **{f"{name} not signed": signed_without(name) for name in sorted(openid.SIGNED)},
    "nothing signed": put("signed", ""),
    "a signed field that is not there": change("signed", lambda old: old + ",ax.value"),
    "a field signed twice": change("signed", lambda old: old + ",identity"),
    "signed with spaces": change("signed", lambda old: old.replace(",", ", ")),
    # nonce
    "nonce of 6 minutes ago": at(minutes=6),
    "nonce of 6 minutes hence": at(minutes=-6),
    "nonce of last year": at(days=365),
    "nonce empty": put("response_nonce", ""),
    "nonce without a time": put("response_nonce", "8df86bac92ad1addaf3735a5aabdc6e2a7"),
    "nonce with an offset": change("response_nonce", lambda old: old.replace("Z", "+05:00")),
    "nonce on no day": put("response_nonce", "2026-02-30T13:06:07Zabc"),
    "nonce in Arabic digits": change("response_nonce", lambda old: old.replace("2", "٢")),
    "nonce with a newline": change("response_nonce", lambda old: old + "\n"),
    "nonce too long": change("response_nonce", lambda old: old + "a" * 255),
}


async def test_a_good_answer_spoiled_in_one_place_is_refused_before_steam_is_asked(steam):
    seen = {}
    for name, spoil in SPOILED.items():
        await steam.forget_limits()
        browser = steam.browser()
        good = await browser.answered(await browser.leave(), ALICE)
        spoiled = spoil(list(good))
        assert spoiled != good, name
        answer = await browser.come_back(spoiled)
        signed_in = await browser.viewer() or browser.cookie("steam-proof")
        if answer.status_code != 403 or steam.world.asked or signed_in:
            seen[name] = (answer.status_code, answer.headers.get("location"))
        assert "Steam did not confirm this sign-in." in answer.text, name
        # And it was good: unspoiled it works.
        believed = await browser.come_back(good)
        assert believed.status_code == 303, (name, believed.status_code, believed.text)
        assert believed.headers["location"] == "/sign-up/steam", name
        steam.world.asked.clear()
    assert seen == {}


RAW = {
    "a key twice, once in other letters": "&openid%2Emode=id_res",
    "bytes that are no UTF-8": "&x=%ff",
    "bytes that are no ASCII": "&openid.x=ә",
}


@pytest.mark.parametrize("name", RAW)
async def test_a_raw_query_that_two_readers_would_read_differently(steam, name):
    browser = steam.browser()
    good = await browser.answered(await browser.leave(), ALICE)
    reader, writer = await asyncio.open_connection(*steam.site.base_url[7:].split(":"))
    path = f"{CALLBACK}?{urlencode(good)}{RAW[name]}"
    cookie = f"steam={browser.cookie('steam')}"
    writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n\r\n".encode())
    status = (await reader.readline()).split()[1]
    assert status in (b"403", b"400")
    assert steam.world.asked == []
    writer.close()


async def test_more_than_the_seven_may_be_signed(steam):
    browser = steam.browser()
    good = await browser.answered(await browser.leave(), ALICE)
    said = {key.removeprefix("openid."): value for key, value in good if key != "state"}
    said["signed"] += ",mode"
    # Steam is asked, and says no: these were not the fields it signed.
    more = change("signed", lambda _: said["signed"])(good)
    assert (await browser.come_back(more)).status_code == 403
    assert len(steam.world.asked) == 1


async def test_what_was_changed_under_the_signature_is_refused_by_steam(steam):
    browser = steam.browser()
    good = await browser.answered(await browser.leave(), ALICE)
    forged = both(lambda old: old.replace(ALICE, BOB))(good)
    assert (await browser.come_back(forged)).status_code == 403
    assert len(steam.world.asked) == 1
    assert await browser.viewer() is None
    assert not browser.cookie("steam-proof")


# -- who asks whom ----------------------------------------------------------


async def test_steam_is_asked_at_our_endpoint_whatever_the_answer_says(steam):
    evil_world = World()
    evil = await serve(application(evil_world))
    browser = steam.browser()
    ours = await browser.leave()
    theirs = ours.replace(steam.endpoint, evil.base_url + PATH)
    for spoil in (
        lambda pairs: pairs,
        put("op_endpoint", steam.endpoint),
        both(lambda old: f"{steam.endpoint.removesuffix('/login')}/id/{ALICE}"),
        lambda pairs: [*pairs, ("op_endpoint", evil.base_url + PATH)],
    ):
        answer = await browser.come_back(spoil(await browser.answered(theirs, ALICE)))
        assert answer.status_code == 403
    # All of it claimed for Steam: it is Steam who is asked.
    whole = await browser.answered(theirs, ALICE)
    whole = put("op_endpoint", steam.endpoint)(whole)
    whole = both(lambda old: f"{steam.endpoint.removesuffix('/login')}/id/{ALICE}")(whole)
    assert (await browser.come_back(whole)).status_code == 403
    assert evil_world.asked == []
    assert len(steam.world.asked) == 1
    assert steam.world.asked[0]["openid.mode"] == "check_authentication"
    await evil.stop()


REFUSING = {
    "invalid": 403,
    "no_ns": 403,
    "other_ns": 403,
    "yes_500": 403,
    "yes_302": 403,
    "yes_in_html": 403,
    "yes_and_no": 403,
    "yes_somewhere": 403,
    "error": 403,
    "html": 403,
    "empty": 403,
    "null": 403,
    "unauthorized": 403,
    "redirect": 403,
    "cut": 403,
    "drop": 503,
}


async def test_only_a_plain_yes_of_steam_is_believed(steam):
    seen = {}
    for kind in REFUSING:
        steam.world.heal()
        steam.world.fault(kind)
        browser = steam.browser()
        answer = await browser.sign_in(ALICE)
        assert await browser.viewer() is None
        assert not browser.cookie("steam-proof")
        seen[kind] = answer.status_code
    assert seen == REFUSING
    assert steam.world.calls["check_authentication"] == len(REFUSING)


async def test_steams_cookies_of_one_visitor_are_not_sent_for_another(steam):
    for number, who in enumerate((ALICE, BOB)):
        assert (await steam.browser().sign_up(who, f"person{number}")).status_code == 303
    assert steam.world.cookies == ["", ""]


async def test_a_connection_that_steam_let_go_costs_nobody_a_sign_in(steam):
    for number, who in enumerate((ALICE, BOB)):
        assert (await steam.browser().sign_up(who, f"person{number}")).status_code == 303
        # None is kept for the next visitor.
        assert steam.site.site.http._transport._pool.connections == []


async def test_a_steam_that_does_not_answer_in_time_is_no_yes(steam, monkeypatch):
    monkeypatch.setattr(protocol, "ANSWER_SECONDS", 0.1)
    steam.world.fault("slow")
    browser = steam.browser()
    answer = await browser.sign_in(ALICE)
    assert answer.status_code == 503
    assert "Steam does not answer just now." in answer.text
    assert 'id="steam-error"' in answer.text


def test_ten_seconds_are_the_limit(database_url):
    assert protocol.ANSWER_SECONDS == 10.0


# -- state, replay, races ---------------------------------------------------


async def test_another_browser_cannot_use_an_answer(steam):
    """Login CSRF: the attacker's own good answer, opened by the victim."""
    attacker, victim = steam.browser(), steam.browser()
    good = await attacker.answered(await attacker.leave(), ALICE)
    assert (await victim.come_back(good)).status_code == 403
    # Not even when the victim is on the way to Steam as well.
    await victim.leave()
    assert (await victim.come_back(good)).status_code == 403
    assert steam.world.asked == []
    assert await victim.viewer() is None


async def test_an_answer_is_worth_something_once(steam):
    browser = steam.browser()
    state = (await browser.leave(), browser.cookie("steam"))[1]
    assert state
    good = await browser.answered(await browser.leave(), ALICE)
    state = browser.cookie("steam")
    assert (await browser.come_back(good)).headers["location"] == "/sign-up/steam"
    assert browser.cookie("steam") == ""
    assert (await browser.come_back(good)).status_code == 403
    # Even for who kept the cookie.
    browser.http.cookies.set("steam", state, domain="127.0.0.1", path="/")
    assert (await browser.come_back(good)).status_code == 403
    assert len(steam.world.asked) == 1


async def test_a_state_is_worth_something_once_with_whatever_nonce(steam):
    browser = steam.browser()
    address = await browser.leave()
    state = browser.cookie("steam")
    first, second = [await browser.answered(address, ALICE) for _ in range(2)]
    assert (await browser.come_back(first)).status_code == 303
    browser.http.cookies.set("steam", state, domain="127.0.0.1", path="/")
    assert (await browser.come_back(second)).status_code == 403
    assert len(steam.world.asked) == 1


async def test_a_nonce_is_worth_something_once_with_whatever_state(steam):
    one, two = steam.browser(), steam.browser()
    good = await one.answered(await one.leave(), ALICE)
    nonce = dict(good)["openid.response_nonce"]
    assert (await one.come_back(good)).status_code == 303
    other = await two.answered(await two.leave(), ALICE)
    assert (await two.come_back(put("response_nonce", nonce)(other))).status_code == 403
    assert len(steam.world.asked) == 1


async def test_of_many_callbacks_at_once_one_is_believed(steam):
    browser = steam.browser()
    good = await browser.answered(await browser.leave(), ALICE)
    cookies = {"steam": browser.cookie("steam")}

    async def come() -> int:
        async with httpx.AsyncClient(base_url=steam.site.base_url, cookies=cookies) as http:
            return (await http.get(f"{CALLBACK}?{urlencode(good)}")).status_code

    codes = await asyncio.gather(*(come() for _ in range(8)))
    assert sorted(codes) == [303] + [403] * 7
    assert len(steam.world.asked) == 1


async def test_without_redis_nobody_is_believed(steam, monkeypatch):
    browser = steam.browser()
    good = await browser.answered(await browser.leave(), ALICE)

    async def away(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(steam.site.redis, "set", away)
    answer = await browser.come_back(good)
    assert answer.status_code == 503
    assert steam.world.asked == []
    assert (await steam.browser().get("/sign-in/steam")).status_code == 503
    monkeypatch.setattr(steam.site.redis, "getdel", away)
    with pytest.raises(Unavailable):
        await protocol.JOURNEYS.take(steam.site.redis, "x")


async def test_turning_back_at_steam_is_no_fault(steam):
    browser = steam.browser()
    answer = await browser.come_back(await browser.answered(await browser.leave(), "cancel"))
    assert answer.status_code == 200
    assert "You turned back at Steam; nothing has changed." in answer.text
    failed = await browser.come_back([("openid.ns", NS), ("openid.mode", "error")])
    assert failed.status_code == 200
    assert steam.world.asked == []


# -- the address, the cookies -----------------------------------------------


async def test_the_host_header_says_nothing(steam):
    answer = await steam.browser().http.get("/sign-in/steam", headers={"host": "evil.example"})
    assert "evil" not in answer.headers["location"]
    where = httpx.URL(answer.headers["location"])
    assert str(where).startswith(steam.endpoint + "?")
    params = where.params
    assert params["openid.ns"] == NS
    assert params["openid.mode"] == "checkid_setup"
    assert params["openid.identity"] == params["openid.claimed_id"] == openid.SELECT
    assert params["openid.realm"] == steam.site.base_url
    assert params["openid.return_to"].startswith(f"{steam.site.base_url}{CALLBACK}?state=")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\nx"],
)
async def test_next_is_a_path_of_ours(steam, target):
    browser = steam.browser()
    await browser.sign_up(ALICE, "alice")
    again = steam.browser()
    answer = await again.come_back(await again.answered(await again.leave(target), ALICE))
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


async def test_the_cookies_are_kept_from_scripts_and_neighbours(steam):
    browser = steam.browser()
    for path in (f"/sign-in/steam?next={quote('/clans')}",):
        kept = (await browser.get(path)).headers["set-cookie"].lower()
        assert kept.startswith("steam=")
        for part in ("httponly", "samesite=lax", "path=/", f"max-age={15 * 60}"):
            assert part in kept


async def test_with_https_the_cookies_are_bound_to_the_host(steam):
    steam.move("https://cup.example/")
    answer = await steam.browser().get("/sign-in/steam")
    assert answer.headers["set-cookie"].startswith("__Host-steam=")
    assert "secure" in answer.headers["set-cookie"].lower()
    params = httpx.URL(answer.headers["location"]).params
    assert params["openid.realm"] == "https://cup.example"
    assert params["openid.return_to"].startswith(f"https://cup.example{CALLBACK}?state=")


async def test_signing_in_makes_a_new_session_and_ends_the_old(steam):
    browser = steam.browser()
    await browser.sign_up(ALICE, "alice")
    old = browser.cookie("session")
    await browser.link(ALICE)
    assert browser.cookie("session") not in ("", old)
    stale = steam.browser()
    stale.http.cookies.set("session", old, domain="127.0.0.1", path="/")
    assert await stale.viewer() is None
    assert await Session.count() == 1


async def test_a_planted_session_is_worth_nothing_after_sign_in(steam):
    await steam.browser().sign_up(ALICE, "alice")
    browser = steam.browser()
    browser.http.cookies.set("session", "planted", domain="127.0.0.1", path="/")
    await browser.sign_in(ALICE)
    assert browser.cookie("session") not in ("", "planted")


# -- linking and signing up are not for others to do -------------------------


async def test_linking_needs_the_form_and_its_token(steam):
    viewer = await person("alice")
    browser = steam.browser()
    await browser.be(viewer)
    answer = await browser.http.post("/account/steam/link", data={"csrf": "00" * 64})
    assert answer.status_code == 403
    # A link cannot begin it: who is signed in is led to the form.
    answer = await browser.get("/sign-in/steam?link=1")
    assert answer.headers["location"] == "/account"
    # Nor can a sign-in that began before.
    stranger = steam.browser()
    good = await stranger.answered(await stranger.leave(), ALICE)
    await stranger.be(viewer)
    assert (await stranger.come_back(good)).status_code == 409
    assert await Account.count().where(Account.steam_id.is_not_null()) == 0


async def test_a_link_begun_by_one_account_is_not_finished_by_another(steam):
    browser = steam.browser()
    await browser.be(await person("alice"))
    good = await browser.answered(await browser.leave_to_link(), ALICE)
    await browser.be(await person("bob"))
    assert (await browser.come_back(good)).status_code == 409
    browser.http.cookies.delete("session")
    again = await browser.come_back(good)
    assert again.status_code in (403, 409)
    assert await Account.count().where(Account.steam_id.is_not_null()) == 0


async def test_signing_up_needs_the_proof_of_this_browser_once(steam):
    fields = {"nickname": "mallory", "language": "en"}
    nobody = steam.browser()
    assert (await nobody.post("/sign-up/steam", **fields, steam_id=ALICE)).status_code == 409
    assert (await nobody.get("/sign-up/steam")).status_code == 409
    nobody.http.cookies.set("steam-proof", ALICE, domain="127.0.0.1", path="/")
    assert (await nobody.post("/sign-up/steam", **fields)).status_code == 409
    assert await Account.count() == 0
    browser = steam.browser()
    await browser.sign_in(ALICE)
    proof = browser.cookie("steam-proof")
    assert (await browser.get("/sign-up/steam")).status_code == 200
    assert (await browser.post("/sign-up/steam", nickname="x", language="en")).status_code == 422
    assert (await browser.post("/sign-up/steam", **fields)).status_code == 303
    again = steam.browser()
    again.http.cookies.set("steam-proof", proof, domain="127.0.0.1", path="/")
    again_fields = {"nickname": "other", "language": "en"}
    assert (await again.post("/sign-up/steam", **again_fields)).status_code == 409
    assert await Account.count() == 1


async def test_two_sign_ups_with_one_proof_make_one_account(steam):
    browser = steam.browser()
    await browser.sign_in(ALICE)
    answers = await asyncio.gather(
        *(browser.post("/sign-up/steam", nickname=f"alice{n}", language="en") for n in range(4))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 303
    assert await Account.count() == 1


async def test_a_steam_account_has_no_password_to_guess(steam):
    await steam.browser().sign_up(ALICE, "alice")
    for password in ("", "!", "nobody's password", "None"):
        browser = steam.browser()
        answer = await browser.post("/sign-in", email=f"steam:{ALICE}", password=password)
        assert answer.status_code in (422, 429)
        assert await browser.viewer() is None
    assert not await verify(NONE, "nobody's password")
    assert not await verify(None, "nobody's password")


async def test_going_to_steam_and_back_is_limited_by_address(steam):
    browser = steam.browser()
    codes = [(await browser.get("/sign-in/steam")).status_code for _ in range(201)]
    assert (codes[199], codes[200]) == (303, 429)
    codes = [(await browser.get(CALLBACK)).status_code for _ in range(201)]
    assert (codes[199], codes[200]) == (403, 429)


async def test_nothing_of_an_answer_gets_into_the_log(steam, capsys):
    browser = steam.browser()
    good = await browser.answered(await browser.leave(), ALICE)
    state = browser.cookie("steam")
    await browser.come_back(put("mode", "x")(good))
    said = "".join(capsys.readouterr())
    assert "refused" in said
    for secret in (state, ALICE, dict(good)["openid.sig"]):
        assert secret not in said


# -- the real endpoint, without the net --------------------------------------


def answer_of(
    now: datetime, settings: Settings, state: str, steam_id: str = ALICE
) -> dict[str, str]:
    said = {
        "ns": NS,
        "mode": "id_res",
        "op_endpoint": STEAM,
        "claimed_id": f"https://steamcommunity.com/openid/id/{steam_id}",
        "identity": f"https://steamcommunity.com/openid/id/{steam_id}",
        "return_to": openid.return_to(settings, state),
        "response_nonce": f"{now:%Y-%m-%dT%H:%M:%SZ}0123456789abcdef",
        "assoc_handle": "1234567890",
        "signed": "signed,op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle",
        "sig": "aW52ZW50ZWQgc2lnbmF0dXJlLg==",
    }
    return {f"openid.{name}": value for name, value in said.items()}


@pytest.fixture
async def redis_client(redis_url):
    import redis.asyncio

    client = redis.asyncio.Redis.from_url(redis_url)
    yield client
    await client.aclose()


class AtSteam:
    """Verifies answers against the default endpoint; `asked` is where it asked."""

    def __init__(self, client, **answer):
        self.settings = Settings(url="https://baige.example")
        self.client = client
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.now = datetime(2026, 6, 24, 13, 6, 7, tzinfo=UTC)
        self._answer = {"status_code": 200, "text": f"ns:{NS}\nis_valid:true\n"} | answer

    def _reply(self, request: httpx.Request) -> httpx.Response:
        from urllib.parse import parse_qsl

        self.asked.append(
            (request.method, str(request.url), dict(parse_qsl(request.content.decode())))
        )
        return httpx.Response(**self._answer)

    async def verify(self, **changes: str) -> str:
        state = await protocol.JOURNEYS.keep(self.client, protocol.Journey("/desk"))
        fields = answer_of(self.now, self.settings, state)
        fields |= {f"openid.{name}": value for name, value in changes.items()}
        query = urlencode({"state": state, **fields}).encode()
        async with httpx.AsyncClient(transport=httpx.MockTransport(self._reply)) as http:
            steam_id, _ = await protocol.verify(
                query, state, self.settings, self.client, http, now=self.now
            )
        return steam_id


async def test_the_default_endpoint_is_steams_and_is_asked_with_the_same_fields(redis_client):
    real = AtSteam(redis_client)
    assert await real.verify() == ALICE
    [(method, url, form)] = real.asked
    assert (method, url) == ("POST", STEAM)
    assert form["openid.mode"] == "check_authentication"
    assert form["openid.claimed_id"].endswith(ALICE)
    assert set(form) == {f"openid.{name}" for name in openid.NEEDED}


async def test_steams_no_is_a_no(redis_client):
    real = AtSteam(redis_client, text=f"ns:{NS}\nis_valid:false\n")
    with pytest.raises(openid.Refused):
        await real.verify()


def both_are(value: str) -> dict[str, str]:
    return {"claimed_id": value, "identity": value}


@pytest.mark.parametrize(
    "changes",
    [
        {
            "op_endpoint": "https://notsteamcommunity.example/openid/login",
            **both_are(f"https://notsteamcommunity.example/openid/id/{ALICE}"),
        },
        {"claimed_id": f"http://198.51.100.7:9291/openid/{ALICE}"},
        {"return_to": "https://other.example/sign-in/steam/callback"},
        both_are(f"http://steamcommunity.com/openid/id/{ALICE}"),
        both_are(f"https://STEAMCOMMUNITY.com/openid/id/{ALICE}"),
        both_are(f"https://steamcommunity.com:443/openid/id/{ALICE}"),
        both_are(f"https://steamcommunity.com@evil.example/openid/id/{ALICE}"),
        both_are(f"https://evil@steamcommunity.com/openid/id/{ALICE}"),
        both_are(f"https://steamcommunityxcom/openid/id/{ALICE}"),
        both_are(f"https://steamcommunity.com/openid/id/{ALICE}/"),
        both_are(f"https://steamcommunity.com/openid/id/{ALICE}\n"),
        both_are(f"https://steamcommunity.com/openid/id/{ALICE[:-1]}٣"),
        both_are(f"https://evil.example/?https://steamcommunity.com/openid/id/{ALICE}"),
        {"op_endpoint": "http://steamcommunity.com/openid/login"},
        {"op_endpoint": "https://steamcommunity.com:443/openid/login"},
    ],
)
async def test_at_steam_itself_nothing_but_the_letter_is_believed(redis_client, changes):
    real = AtSteam(redis_client)
    with pytest.raises(openid.Refused):
        await real.verify(**changes)
    assert real.asked == []


def test_the_pattern_of_the_default_endpoint(database_url):
    pattern = openid.id_pattern(Settings().steam_openid_url).pattern
    assert pattern.replace("\\.", ".") == "https://steamcommunity.com/openid/id/(7656119[0-9]{10})"
    assert "steamcommunity\\.com" in pattern


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_clocks_may_differ_by_five_minutes(redis_client, minutes):
    real = AtSteam(redis_client)
    said = real.now + timedelta(minutes=minutes)
    assert await real.verify(response_nonce=f"{said:%Y-%m-%dT%H:%M:%SZ}x") == ALICE
