"""Guessing is slow, honest people are not slowed down, and without Redis nobody is locked out."""

import redis.asyncio

from app.accounts.routes import SIGN_INS_BY_ADDRESS, SIGN_UPS
from app.kernel.http.ratelimit import RateLimit

ALICE = {"email": "alice@example.com", "password": "seven wild horses"}
LIMIT = RateLimit("test", times=2, seconds=60)


async def sign_up(site) -> None:
    answer = await site.stranger().post("/sign-up", **ALICE, nickname="alice", language="en")
    assert answer.status_code == 303


async def test_a_counter_always_has_an_end(site):
    assert [await LIMIT.spend(site.redis, "a") for _ in range(3)] == [True, True, False]
    await LIMIT.give_back(site.redis, "b")
    for key in await site.redis.keys("baige:limit:test:*"):
        assert 0 < await site.redis.ttl(key) <= 60


async def test_honest_sign_ins_do_not_use_up_what_their_network_may_try(site, monkeypatch):
    await sign_up(site)
    monkeypatch.setattr(SIGN_INS_BY_ADDRESS, "times", 3)
    codes = [(await site.stranger().post("/sign-in", **ALICE)).status_code for _ in range(5)]
    assert codes == [303] * 5


async def guess(site, address, password="wrong"):
    visitor = site.stranger()
    visitor.http.headers["x-forwarded-for"] = address
    return (await visitor.post("/sign-in", email=ALICE["email"], password=password)).status_code


async def test_who_has_many_networks_guesses_no_more_often(site):
    await sign_up(site)
    codes = [
        await guess(site, f"2001:db8:1:{network:x}::{number:x}")
        for network in range(6)
        for number in range(4)
    ]
    assert codes == [422] * 20 + [429] * 4
    # Elsewhere, and by IPv4, its owner may sign in.
    assert await guess(site, "2001:db8:2::1", ALICE["password"]) == 303
    assert await guess(site, "192.0.2.1", ALICE["password"]) == 303


async def test_one_household_does_not_use_up_its_neighbours_tries(site):
    await sign_up(site)
    assert [await guess(site, "2001:db8:1:1::1") for _ in range(30)] == [422] * 5 + [429] * 25
    for _ in range(20):
        assert await guess(site, "2001:db8:1:2::1", ALICE["password"]) == 303


async def test_whose_addresses_have_accounts_is_not_asked_without_end(site, monkeypatch):
    await sign_up(site)
    monkeypatch.setattr(SIGN_UPS, "times", 5)
    known, other = site.stranger(), "carol@example.com"
    answers = []
    for number in range(6):
        email = ALICE["email"] if number % 2 else f"{number}{other}"
        fields = ALICE | {"email": email, "nickname": "alice", "language": "en"}
        answers.append(await known.post("/sign-up", **fields))
    assert [each.status_code for each in answers] == [422] * 4 + [429] * 2
    assert "already has an account" in answers[1].text
    assert "already has" not in answers[5].text
    # What can be seen without asking is not counted.
    assert (await known.post("/sign-up", email="x", nickname="")).status_code == 422


async def test_the_old_password_cannot_be_guessed_in_an_open_browser(site):
    visitor = site.stranger()
    answer = await visitor.post("/sign-up", **ALICE, nickname="alice", language="en")
    owner = site.with_session(answer.cookies["session"])
    for _ in range(5):
        await owner.post("/account/password", old_password="wrong", new_password="nine calm camels")
    last = await owner.post(
        "/account/password", old_password=ALICE["password"], new_password="nine calm camels"
    )
    assert last.status_code == 429
    assert "Too many tries." in last.text


async def test_without_redis_people_can_still_sign_in(site):
    await sign_up(site)
    object.__setattr__(
        site.site.house, "redis", redis.asyncio.Redis.from_url("redis://127.0.0.1:1")
    )
    assert (await site.stranger().post("/sign-in", **ALICE)).status_code == 303
