"""Whoever sends hundreds of passwords slows down nobody else, and most are never hashed."""

import asyncio
import time

import pytest

from app.accounts import passwords
from app.accounts.tables import Account
from tests.factories import person
from tests.site import Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MANY = 300
PASSWORD = "seven wild horses"
ALICE = {"email": "alice@example.com", "password": PASSWORD}


class Hasher:
    """Stands in for argon2: takes as long, costs nothing, and knows who came when."""

    seconds = 0.02

    def __init__(self):
        self.began: list[str] = []

    def hash(self, password):
        self.began.append(password)
        time.sleep(self.seconds)
        return f"hash of {password}"

    def verify(self, known, password):
        self.began.append(password)
        time.sleep(self.seconds)
        return known == f"hash of {password}"


@pytest.fixture
def hasher(monkeypatch):
    made = Hasher()
    monkeypatch.setattr(passwords, "_hasher", made)
    return made


@pytest.fixture
async def at(site, hasher):
    """Somebody at an address of their own."""

    def somebody(address: str, session: str | None = None) -> Person:
        known = site.with_session(session) if session else site.stranger()
        known.http.headers["x-forwarded-for"] = address
        return known

    alice = somebody("198.51.100.1")
    assert (await alice.post("/sign-up", **ALICE, nickname="alice", language="en")).is_redirect
    return somebody


async def during(flood, stranger, hasher):
    """Sign alice in while the flood is under way: how many hashes of others she waited for."""
    tasks = [asyncio.create_task(each) for each in flood]
    while len(hasher.began) < 4:
        await asyncio.sleep(0.005)
    before = len(hasher.began)
    answer = await stranger.post("/sign-in", **ALICE)
    assert answer.status_code == 303
    hers = next(n for n, each in enumerate(hasher.began) if n >= before and each == PASSWORD)
    answers = await asyncio.gather(*tasks)
    return hers - before, [each.status_code for each in answers]


async def test_a_flood_of_sign_ins_from_one_address(at, hasher):
    hasher.began.clear()
    flooder = at("203.0.113.9")
    flood = [
        flooder.post("/sign-in", email=f"v{n}@example.com", password="guess") for n in range(MANY)
    ]
    waited, codes = await during(flood, at("192.0.2.7"), hasher)
    # What may begin while her form is read, and what runs when she asks.
    assert waited <= 4
    # The network's limit is spent before anything is hashed.
    assert (codes.count(422), codes.count(429)) == (50, MANY - 50)
    assert hasher.began.count("guess") == 50


async def test_a_flood_of_sign_ins_to_one_account_from_many_addresses(at, hasher):
    hasher.began.clear()
    flood = [
        at(f"203.0.113.{n}").post("/sign-in", email="victim@example.com", password="guess")
        for n in range(120)
    ]
    _, codes = await during(flood, at("192.0.2.7"), hasher)
    # Whoever comes when six are under way is told so, and not hashed for.
    assert codes.count(422) == hasher.began.count("guess") < 120
    assert set(codes) == {422, 429}


async def test_a_flood_from_one_account(site, at, hasher):
    hasher.began.clear()
    viewer = await person("flooder")
    await Account.update({Account.email: "steam:76561198000000001"}).where(
        Account.id == viewer.account
    )
    flooder = await site.signed_in(viewer)
    flooder.http.headers["x-forwarded-for"] = "203.0.113.9"
    # Words of one's own nickname are refused: none of these is ever taken.
    flood = [
        flooder.post("/account/email", email="alice@example.com", password="nine calm camels")
        for _ in range(MANY)
    ]
    waited, codes = await during(flood, at("192.0.2.7"), hasher)
    assert waited <= 4
    assert (codes.count(422), codes.count(429)) == (10, MANY - 10)
    assert hasher.began.count("nine calm camels") == 10


async def test_an_account_that_has_an_e_mail_gets_no_hash_for_another_one(site, at, hasher):
    hasher.began.clear()
    owner = await site.signed_in(await person("owner"))
    answer = await owner.post(
        "/account/email", email="more@example.com", password="nine calm camels"
    )
    assert answer.status_code == 409
    assert hasher.began == []


async def test_a_name_that_is_taken_is_said_before_anything_is_hashed(at, hasher):
    hasher.began.clear()
    form = {"email": "new@example.com", "password": "nine calm camels", "language": "en"}
    answer = await at("192.0.2.8").post("/sign-up", **form, nickname="alice")
    assert answer.status_code == 422
    assert "Someone already has this nickname." in answer.text
    assert hasher.began == []


async def test_who_has_too_many_under_way_is_told_beside_the_form(at, hasher, monkeypatch):
    monkeypatch.setattr(passwords, "MOST", {"address": 2, "account": 2})
    monkeypatch.setattr(passwords, "_by_loop", {})
    hasher.seconds = 0.3
    guest = at("192.0.2.8")
    answers = await asyncio.gather(
        *(guest.post("/sign-in", email="x@example.com", password="guess") for _ in range(4))
    )
    refused = [each for each in answers if each.status_code == 429]
    assert len(refused) == 2
    assert "Too many passwords are being checked just now." in refused[0].text
    assert 'value="x@example.com"' in refused[0].text
