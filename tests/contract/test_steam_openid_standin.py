"""The stand-in for Steam's OpenID: it vouches once, for what it said, at its own clock."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from app.accounts.openid import NEEDED, NS, confirms
from integrations.standins.serving import serve
from integrations.standins.steam_openid import PATH, World, application

WHO = "76561198000000007"
ASKED = {
    "openid.ns": NS,
    "openid.mode": "checkid_setup",
    "openid.return_to": "http://127.0.0.1:1/back?state=x",
}


@pytest.fixture
def world(clock):
    return World(clock)


@pytest.fixture
async def endpoint(world):
    running = await serve(application(world))
    yield running.base_url + PATH
    await running.stop()


async def answered(http, endpoint, who=WHO) -> dict[str, str]:
    query = urlencode({**ASKED, **({"as": who} if who else {})})
    answer = await http.get(f"{endpoint}?{query}")
    assert answer.status_code == 302
    where = urlsplit(answer.headers["location"])
    assert where.path == "/back"
    found = dict(parse_qsl(where.query))
    assert found.pop("state") == "x"
    return found


async def asks(http, endpoint, said) -> bool:
    form = {**said, "openid.mode": "check_authentication"}
    answer = await http.post(endpoint, data=form)
    assert answer.headers["content-type"].startswith("text/plain")
    return confirms(answer.status_code, answer.content)


async def test_it_answers_as_steam_does(http, endpoint, clock):
    said = await answered(http, endpoint)
    assert {name.removeprefix("openid.") for name in said} == NEEDED
    assert said["openid.op_endpoint"] == endpoint
    assert said["openid.claimed_id"] == said["openid.identity"]
    assert said["openid.claimed_id"] == f"{endpoint.removesuffix('/login')}/id/{WHO}"
    assert said["openid.response_nonce"].startswith(f"{clock.now:%Y-%m-%dT%H:%M:%SZ}")
    clock.forward(minutes=7)
    later = await answered(http, endpoint)
    assert later["openid.response_nonce"][:20] > said["openid.response_nonce"][:20]


async def test_it_vouches_once_and_only_for_what_it_said(http, endpoint):
    said = await answered(http, endpoint)
    for name in ("claimed_id", "return_to", "response_nonce", "op_endpoint", "sig", "signed"):
        forged = {**said, f"openid.{name}": said[f"openid.{name}"] + "1"}
        assert not await asks(http, endpoint, forged), name
    assert not await asks(http, endpoint, {})
    assert await asks(http, endpoint, said)
    assert not await asks(http, endpoint, said)


async def test_it_asks_on_a_page_and_does_what_it_is_told(http, world, endpoint):
    page = (await http.get(f"{endpoint}?{urlencode(ASKED)}")).text
    assert f"Sign in as {world.people[0]}" in page
    assert 'name="openid.return_to" value="http://127.0.0.1:1/back?state=x"' in page
    assert (await answered(http, endpoint, "cancel"))["openid.mode"] == "cancel"
    base = endpoint.removesuffix(PATH)
    assert (await http.post(f"{base}/_control/always", json={"steam_id": WHO})).status_code == 204
    said = await answered(http, endpoint, "")
    assert said["openid.claimed_id"].endswith(WHO)
    await http.post(f"{base}/_control/faults", json={"kind": "invalid", "times": 1})
    assert not await asks(http, endpoint, said)
    assert await asks(http, endpoint, said)
