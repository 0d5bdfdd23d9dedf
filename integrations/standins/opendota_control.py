"""The stand-in's control paths, for who cannot reach its `World` from Python.

POST /_control/games      a `Game` as JSON: publish it
POST /_control/faults     a `Fault` as JSON: misbehave
POST /_control/heal       behave again
GET  /_control/calls      how many calls came, by the first word of their path
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State

from integrations.standins.dota_games import Game
from integrations.standins.opendota_world import Fault, World

_Request = Request[object, object, State]
T = TypeVar("T")


def control(world: World) -> Router:
    """The control paths of one world. They are outside its limits and faults."""

    @post("/games")
    async def publish(request: _Request) -> Response[None]:
        return await _obey(request, Game, world.publish)

    @post("/faults")
    async def fault(request: _Request) -> Response[None]:
        return await _obey(request, Fault, lambda it: world.fault(it.kind, it.path, it.times))

    @post("/heal", status_code=204)
    async def heal() -> None:
        world.heal()

    @get("/calls")
    async def calls() -> dict[str, int]:
        return dict(world.calls)

    return Router("/_control", route_handlers=[publish, fault, heal, calls])


async def _obey(request: _Request, kind: type[T], do: Callable[[T], None]) -> Response[None]:
    try:
        do(msgspec.json.decode(await request.body(), type=kind))
    except ValueError:
        # msgspec's errors are ValueErrors, as is an unknown fault's.
        return Response(None, status_code=400)
    return Response(None, status_code=204)
