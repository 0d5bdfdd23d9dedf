"""What is done too often is refused in words, beside the form, with what was typed; nobody
on a network that the operator has named is."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from app.accounts.tables import Account
from app.kernel.http import outbound
from app.kernel.http.open_streams import MOST as MOST_STREAMS
from app.kernel.http.security import csrf_token
from clans.tables import Clan, Invite, RosterPlayer
from tests.factories import cup, cup_data, held, person, typed
from tests.site import served, until
from tournaments.tables import Claim, Report, Tournament

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TOO_OFTEN = "That was too often. Try again in"
FOUNDING = {"tag": "", "game": "dota2", "languages": "kk", "about": "Біз туралы"}


@pytest.fixture
async def made(site):
    return await cup(site.db, 2)


async def refused(post, times, text=TOO_OFTEN):
    """The answer to one post more than may be sent; the ones before are not refused."""
    codes = [(await post(n)).status_code for n in range(times)]
    assert 429 not in codes
    answer = await post(times)
    assert answer.status_code == 429
    assert text in answer.text
    return answer


async def test_reports(site, made):
    captain, other = [await site.signed_in(each.captain) for each in made.clans]
    match = (await made.match("U1.1"))["id"]
    answer = await refused(
        lambda n: captain.post(f"/matches/{match}/report", score_a="7", score_b="7"), 60
    )
    assert 'id="score-error"' in answer.text
    assert "Not now" in answer.text
    assert "to fix" not in answer.text
    assert answer.text.count('value="7"') == 2
    # Agreeing is counted too; another captain is not held back by this one.
    assert (await captain.post(f"/matches/{match}/confirm", report="1")).status_code == 429
    assert (await other.post(f"/matches/{match}/report", score_a="1", score_b="0")).is_redirect
    assert await Report.count() == 1


async def test_claims_also_refused_ones(site, made):
    captain = await site.signed_in(made.clans[0].captain)
    match = (await made.match("U1.1"))["id"]
    answer = await refused(lambda n: captain.post(f"/matches/{match}/game", game_id="no"), 20)
    assert 'id="game_id-error"' in answer.text
    assert 'value="no"' in answer.text
    answer = await captain.post(f"/matches/{match}/game", game_id="7300000000")
    assert answer.status_code == 429
    assert await Claim.count() == 0


async def test_clans_that_are_founded_not_those_that_are_refused(site):
    founder = await site.signed_in(await person("founder"))
    for _ in range(15):
        assert (await founder.post("/clans/new", name="x")).status_code == 422
    answer = await refused(
        lambda n: founder.post("/clans/new", **{**FOUNDING, "name": f"Clan {n}", "tag": f"T{n}"}),
        10,
        TOO_OFTEN,
    )
    assert 'id="name-error"' in answer.text
    assert 'value="Clan 10"' in answer.text
    assert "Біз туралы" in answer.text
    assert await Clan.count() == 10


async def test_invites(site, made):
    captain = await site.signed_in(made.clans[0].captain)
    answer = await refused(lambda n: captain.post("/clans/clan-1/invite"), 30)
    assert 'id="invite-error"' in answer.text
    assert await Invite.count() == 1


async def test_joins_rosters_and_registrations(site, made):
    captain = await site.signed_in(made.clans[0].captain)
    await captain.post("/clans/clan-1/invite")
    link = "/join/" + (await captain.get("/clans/clan-1/manage")).text.partition("/join/")[2]
    link = link.partition('"')[0]
    guest = await site.signed_in(await person("guest"))
    answer = await refused(lambda n: guest.post(link), 60)
    assert "You are a member already." in answer.text
    form = {"players": str(made.clans[0].captain.player)}
    name = f"steam_{form['players']}"
    answer = await refused(
        lambda n: captain.post("/clans/clan-1/rosters/cs2", **form, **{name: f"typed {n}"}), 60
    )
    assert 'id="roster-error"' in answer.text
    assert 'value="typed 60"' in answer.text
    assert await RosterPlayer.count() == 10
    later = await held(site.db, made.organiser, made.clans[1:], start=False, size_limit="4")
    clan_id = str(made.clans[0].id)
    answer = await refused(
        lambda n: captain.post(f"/tournaments/{later.slug}/register", clan=clan_id), 60
    )
    assert 'id="players-error"' in answer.text


async def test_drafts(site, made):
    organiser = await site.signed_in(made.organiser)
    form = {**typed(cup_data()), "format": "single_elimination", "best_of": "1"}
    form |= {"final_best_of": "1"}
    answer = await refused(
        lambda n: organiser.post("/tournaments/new", **{**form, "name": f"Draft {n}"}), 100
    )
    assert 'id="name-error"' in answer.text
    assert 'value="Draft 100"' in answer.text
    assert await Tournament.count().where(Tournament.state == "draft") == 100


async def test_the_wait_is_said_in_the_readers_language(site):
    founder = await site.signed_in(await person("founder"))
    await Account.update({Account.language: "kk"}, force=True)
    for n in range(11):
        answer = await founder.post(
            "/clans/new", **{**FOUNDING, "name": f"Clan {n}", "tag": f"T{n}"}
        )
    assert answer.status_code == 429
    assert "24 сағаттан кейін" in answer.text


# -- one network ----------------------------------------------------------------


@asynccontextmanager
async def house(settings, **changes):
    async with served(msgspec.structs.replace(settings, **changes), worker=False) as running:
        yield running


class Crowd:
    """Many people, each at an address; a client for each of them would take a minute."""

    def __init__(self, site, http) -> None:
        self._site = site
        self._http = http

    async def post(self, address: str, path: str, **fields: str) -> int:
        answer = await self._http.post(
            self._site.base_url + path,
            data={"csrf": csrf_token("a-stranger"), **fields},
            headers={"cookie": "csrf=a-stranger", "x-forwarded-for": address},
        )
        return answer.status_code

    async def sign_up(self, number: int, address: str) -> int:
        player = {"nickname": f"player{number}", "language": "kk"}
        return await self.post(address, "/sign-up", **player, **self.secrets(number))

    async def sign_in(self, number: int, address: str) -> int:
        return await self.post(address, "/sign-in", **self.secrets(number))

    @staticmethod
    def secrets(number: int) -> dict[str, str]:
        return {"email": f"p{number}@example.com", "password": "seven wild horses"}


@asynccontextmanager
async def crowd(site):
    async with outbound.client() as http:
        yield Crowd(site, http)


@pytest.fixture
def quick_hashes(monkeypatch):
    """Hashes of no cost: hundreds of people would take a minute otherwise."""
    from argon2 import PasswordHasher

    from app.accounts import passwords

    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)


async def test_sixteen_rosters_of_seven_sign_up_and_in_from_one_address(settings, quick_hashes):
    lan = "203.0.113.7, 10.0.0.0/8"
    async with house(settings, lan=lan) as site, crowd(site) as people:
        for address, who in (("203.0.113.7", range(112)), ("10.1.2.3", range(112, 224))):
            for act in (people.sign_up, people.sign_in):
                codes = await asyncio.gather(*(act(n, address) for n in who))
                assert codes == [303] * 112
        # Everybody else is limited as ever.
        codes = [await people.sign_up(n, "198.51.100.1") for n in range(300, 365)]
        assert codes == [303] * 60 + [429] * 5


async def test_guessing_is_limited_on_a_local_network_too(settings, quick_hashes):
    async with house(settings, lan="1") as site, crowd(site) as people:
        await people.sign_up(1, "192.168.1.8")
        guess = {"email": "p1@example.com", "password": "x"}
        codes = [await people.post("192.168.1.9", "/sign-in", **guess) for _ in range(6)]
        assert codes == [422] * 5 + [429]


async def test_a_local_network_may_do_what_it_does_as_often_as_it_likes(settings):
    async with house(settings, lan="1") as site:
        made = await cup(site.db, 2)
        captain = await site.signed_in(made.clans[0].captain)
        match = (await made.match("U1.1"))["id"]
        codes = {
            (await captain.post(f"/matches/{match}/game", game_id="no")).status_code
            for _ in range(25)
        }
        assert codes == {422}


# -- streams ------------------------------------------------------------------------


async def listen(http, address: str):
    request = http.build_request("GET", "/live/home", headers={"x-forwarded-for": address})
    return await http.send(request, stream=True)


@asynccontextmanager
async def listener(site):
    limits = httpx.Limits(max_connections=500)
    async with httpx.AsyncClient(base_url=site.base_url, timeout=20, limits=limits) as http:
        yield http


async def test_streams_of_one_household(site):
    async with listener(site) as http:
        streams = [await listen(http, "203.0.113.7") for _ in range(MOST_STREAMS)]
        assert {each.status_code for each in streams} == {200}
        refused = await listen(http, "203.0.113.7")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "60"
        assert refused.headers["content-security-policy"]
        assert refused.headers["x-request-id"]
        await refused.aclose()
        # Nobody else is held back, and a place that was left is free again.
        other = await listen(http, "203.0.113.8")
        assert other.status_code == 200
        await other.aclose()
        await streams.pop().aclose()

        async def free():
            again = await listen(http, "203.0.113.7")
            streams.append(again)
            return again.status_code == 200

        await until(free)
        for each in streams:
            await each.aclose()


async def test_a_page_without_a_stream_takes_no_place(site):
    async with listener(site) as http:
        for _ in range(MOST_STREAMS + 5):
            answer = await http.get("/live/nothing", headers={"x-forwarded-for": "203.0.113.7"})
            assert answer.status_code == 404


async def test_streams_of_a_local_network_are_not_counted(settings):
    async with house(settings, lan="1") as site, listener(site) as http:
        streams = [await listen(http, "192.168.7.7") for _ in range(130)]
        assert {each.status_code for each in streams} == {200}
        for each in streams:
            await each.aclose()
