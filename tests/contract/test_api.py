"""What every provider's client shares: pauses asked for, refusals, quota headers, health."""

from datetime import timedelta

import httpx
import pytest

from app.kernel.operation import alerts
from app.kernel.operation.settings import Settings
from integrations.api import Api, decoded, number, retry_after
from integrations.base import Broken, Busy, Connection, NotYet, Refused
from integrations.budget import MINUTE, Quota


class Provider:
    """Answers in turn, and counts what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
async def ask(redis_client, clock):
    """An API of these answers, with a key in its headers and in its address."""
    opened = []

    def make(provider, key="planted-key"):
        http = httpx.AsyncClient(transport=httpx.MockTransport(provider))
        opened.append(http)
        return Api(
            Connection(http, redis_client, Settings(), clock),
            name="acme",
            title="Acme",
            base_url="http://acme.test/v1/",
            key=key,
            quota=Quota(minute=30),
            headers={"authorization": f"Bearer {key}"},
            params={"key": key},
            left=lambda headers: {MINUTE: number(headers.get("x-left"))},
        )

    yield make
    for http in opened:
        await http.aclose()


def ok(**headers):
    return httpx.Response(200, content=b"[1]", headers=headers)


async def test_a_call_carries_the_key_and_what_is_asked_for(ask):
    provider = Provider(ok())
    assert await ask(provider).get("/games", decoded, params={"page": "2"}) == [1]
    [request] = provider.asked
    assert str(request.url) == "http://acme.test/v1/games?page=2&key=planted-key"
    assert request.headers["authorization"] == "Bearer planted-key"
    assert request.headers["user-agent"].startswith("Baige/")


async def test_a_pause_that_is_asked_for_is_kept(ask, clock):
    provider = Provider(httpx.Response(429, headers={"retry-after": "90"}), ok())
    api = ask(provider)
    with pytest.raises(Busy) as caught:
        await api.get("/games", decoded)
    assert caught.value.until == clock.now + timedelta(seconds=90)
    clock.forward(seconds=89)
    with pytest.raises(Busy):
        await api.get("/games", decoded)
    assert len(provider.asked) == 1
    clock.forward(seconds=1)
    assert await api.get("/games", decoded) == [1]


async def test_without_a_pause_the_window_is_over(ask, clock):
    provider = Provider(httpx.Response(429), ok())
    api = ask(provider)
    with pytest.raises(Busy) as caught:
        await api.get("/games", decoded)
    assert caught.value.until == clock.now.replace(second=0) + timedelta(minutes=1)


async def test_what_the_provider_says_is_left_is_believed(ask):
    provider = Provider(ok(**{"x-left": "1"}))
    api = ask(provider)
    await api.get("/games", decoded)
    await api.get("/games", decoded)
    with pytest.raises(Busy):
        await api.get("/games", decoded)
    assert len(provider.asked) == 2


async def of_acme(redis):
    """The alerts about it: that nobody is at work is another."""
    return [each for each in await alerts.standing(redis) if "Acme" in repr(each)]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_stops_the_provider_for_all_workers_until_resumed(
    ask, redis_client, status
):
    provider = Provider(httpx.Response(status, content=b"<html>no"), ok())
    first, second = ask(provider), ask(provider)
    with pytest.raises(Refused):
        await first.get("/games", decoded)
    for api in (first, second):
        with pytest.raises(Refused):
            await api.get("/games", decoded)
    assert len(provider.asked) == 1
    assert len(await of_acme(redis_client)) == 1
    # Another key is another provider to us.
    assert await ask(provider, key="a-new-key").get("/games", decoded) == [1]
    await second.health.resume()
    assert await first.get("/games", decoded) == [1]
    assert await of_acme(redis_client) == []


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(404, content=b'{"error":"x"}'), NotYet),
        (httpx.Response(404, content=b"<html>"), Broken),
        (httpx.Response(400, content=b'{"error":"invalid id"}'), NotYet),
        (httpx.Response(400, content=b'{"error":"Invalid API key format"}'), Refused),
        (httpx.Response(503), Broken),
        (httpx.Response(302, headers={"location": "/x"}), Broken),
        (httpx.Response(200, content=b"<html>"), Broken),
    ],
)
async def test_every_status_has_its_meaning(ask, answer, failure):
    with pytest.raises(failure):
        await ask(Provider(answer)).get("/games", decoded)


async def test_the_record_of_successes_and_errors(ask, clock):
    provider = Provider(httpx.Response(500), ok())
    api = ask(provider)
    with pytest.raises(Broken):
        await api.get("/games", decoded)
    failed_at = clock.now
    clock.forward(seconds=5)
    await api.get("/games", decoded)
    condition = await api.health.condition()
    assert condition.last_error == "Acme answered 500"
    assert (condition.last_error_at, condition.last_success) == (failed_at, clock.now)
    assert condition.stopped is None


async def test_no_key_is_kept_in_redis(ask, redis_client):
    with pytest.raises(Refused):
        await ask(Provider(httpx.Response(403))).get("/games", decoded)
    stored = b""
    for name in await redis_client.keys():
        if await redis_client.type(name) == b"hash":
            stored += repr(await redis_client.hgetall(name)).encode()
        stored += name
    assert b"planted" not in stored


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1),
        ("0", 1),
        ("3600", 3600),
        ("999999999", 24 * 3600),
        ("Sun, 01 Mar 2026 18:31:15 GMT", 60),
        ("Sun, 01 Mar 2026 18:00:00 GMT", None),
        ("Sun, 01 Mar 2026 18:31:15", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after(clock, text, seconds):
    until = retry_after({"retry-after": text}, now=clock.now)
    assert until == (None if seconds is None else clock.now + timedelta(seconds=seconds))
