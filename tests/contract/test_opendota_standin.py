"""The stand-in OpenDota itself: its control, its lesser paths, its end."""

import asyncio

import msgspec
import pytest

from integrations.base import Broken

ID, LEAGUE = "8000000001", "70001"


async def test_the_stand_in_is_told_what_to_do_over_http(world, standin, opendota, http, game):
    control = standin.base_url.removesuffix("/api") + "/_control"
    told = await http.post(f"{control}/games", content=msgspec.json.encode(game()))
    assert told.status_code == 204
    assert await opendota.match(ID)
    await http.post(f"{control}/faults", json={"kind": "error", "path": "/matches", "times": 1})
    with pytest.raises(Broken):
        await opendota.match(ID)
    assert (await http.post(f"{control}/faults", json={"kind": "?"})).status_code == 400
    assert (await http.post(f"{control}/heal")).status_code == 204
    assert (await http.get(f"{control}/calls")).json() == {"matches": 2}


async def test_the_stand_ins_other_paths(world, standin, http, game):
    world.publish(game())
    url = standin.base_url
    assert (await http.get(f"{url}/leagues/{LEAGUE}")).json()["tier"] == "excluded"
    assert (await http.get(f"{url}/leagues/404404")).content == b""
    assert (await http.get(f"{url}/request/1")).content == b"null"
    assert (await http.get(f"{url}/health")).status_code == 200
    answer = await http.get(f"{url}/matches/abc")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid match id"})
    assert answer.headers["x-rate-limit-remaining-minute"] == "55"
    assert answer.headers["x-rate-limit-remaining-day"] == "2995"


async def test_the_stand_in_stops_within_half_a_second(world, standin, http, game):
    world.publish(game())
    world.fault("slow")
    asked = asyncio.create_task(http.get(f"{standin.base_url}/matches/{ID}"))
    await asyncio.sleep(0.1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await standin.stop()
    assert loop.time() - began < 0.5
    await asyncio.gather(asked, return_exceptions=True)
