"""The stand-in FACEIT itself: its control, its lesser paths, its webhooks."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from litestar import Litestar, Request, Response, post

from integrations.standins import faceit
from integrations.standins.faceit import Match, Team, match_id, uuid
from integrations.standins.serving import serve

CUP, HUB = uuid("cup"), uuid("hub")
ID = match_id("1")
TEAM = Team(name="Wolves", steam_ids=tuple(f"7656119800000100{n}" for n in range(5)))
KEY = {"authorization": "Bearer x"}


@pytest.fixture
def world(clock):
    return faceit.World(clock)


@pytest.fixture
async def standin(world):
    running = await serve(faceit.application(world), path=faceit.PATH)
    yield running
    await running.stop()


def match(clock, **fields):
    plain = {
        "match_id": ID,
        "competition": CUP,
        "first": TEAM,
        "second": Team(name="Riders", steam_ids=("76561198000002000",)),
        "winner": 0,
        "finished_at": clock.now - timedelta(hours=1),
        "maps": (("de_mirage", 13, 7),),
    }
    return Match(**(plain | fields))


async def test_the_stand_in_is_told_what_to_do_over_http(world, standin, http, clock):
    control = standin.base_url.removesuffix(faceit.PATH) + "/_control"
    told = await http.post(f"{control}/matches", content=msgspec.json.encode(match(clock)))
    assert told.status_code == 204
    found = await http.get(f"{standin.base_url}/matches/{ID}", headers=KEY)
    assert found.json()["match_id"] == ID
    webhook = {"url": "http://127.0.0.1:1/", "secret": "s", "match_id": "unknown"}
    assert (await http.post(f"{control}/webhooks", json=webhook)).status_code == 400


async def test_the_shapes_are_the_real_ones(world, standin, http, clock):
    world.publish(match(clock))
    url = standin.base_url
    championship = (await http.get(f"{url}/championships/{CUP}", headers=KEY)).json()
    assert championship["championship_start"] > 10**12, "milliseconds"
    found = (await http.get(f"{url}/championships/{CUP}/subscriptions", headers=KEY)).json()
    assert [each["team"]["name"] for each in found["items"]] == ["Wolves", "Riders"]
    page = await http.get(f"{url}/championships/{CUP}/matches?offset=0&limit=100", headers=KEY)
    assert (page.json()["end"], len(page.json()["items"]), "total" in page.json()) == (
        100,
        1,
        False,
    )
    assert page.json()["items"][0]["finished_at"] < 10**10, "seconds"
    upcoming = await http.get(f"{url}/championships/{CUP}/matches?type=upcoming", headers=KEY)
    assert upcoming.json()["items"] == []
    stats = (await http.get(f"{url}/matches/{ID}/stats", headers=KEY)).json()
    assert stats["rounds"][0]["teams"][1]["team_stats"]["Final Score"] == "13"
    unknown = await http.get(f"{url}/hubs/{HUB}", headers=KEY)
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (404, "err_nf0")


async def test_its_headers_count_the_second(world, standin, http, clock):
    world.publish(match(clock))
    for left in [*range(9, -1, -1), None]:
        answer = await http.get(f"{standin.base_url}/matches/{ID}", headers=KEY)
        if left is not None:
            assert answer.headers["ratelimit-remaining"] == str(left)
    assert (answer.status_code, answer.text) == (429, "Too many requests")
    assert (answer.headers["ratelimit-reset"], "retry-after" in answer.headers) == ("1", False)
    clock.forward(seconds=1)
    assert (await http.get(f"{standin.base_url}/matches/{ID}", headers=KEY)).status_code == 200


async def test_without_a_key_it_serves_nobody(world, standin, http, clock):
    world.publish(match(clock))
    assert (await http.get(f"{standin.base_url}/matches/{ID}")).status_code == 401


async def test_it_sends_webhooks_late_and_twice(world, standin, http, clock):
    came = asyncio.Queue()

    @post("/hook", status_code=200)
    async def hook(request: Request) -> Response[None]:
        await came.put((request.headers.get("x-baige-secret"), await request.json()))
        return Response(None)

    world.publish(match(clock))
    site = await serve(Litestar([hook], openapi_config=None))
    control = standin.base_url.removesuffix(faceit.PATH) + "/_control"
    order = {"url": f"{site.base_url}/hook", "secret": "s", "match_id": ID}
    await http.post(f"{control}/webhooks", json=order | {"late": 0.1, "times": 2})
    (secret, first), (_, second) = [await asyncio.wait_for(came.get(), 5) for _ in range(2)]
    await site.stop()
    assert secret == "s"
    assert (first["event"], first["payload"]["id"]) == ("match_status_finished", ID)
    assert first["payload"]["entity"] == {"id": CUP, "name": "Steppe Open", "type": "championship"}
    assert first["event_id"] == second["event_id"]
    assert (first["retry_count"], second["retry_count"]) == (0, 1)
