"""A stand-in's control paths, for who cannot reach its world from Python.

POST /_control/faults     a `Fault` as JSON: misbehave
POST /_control/heal       behave again
GET  /_control/calls      how many calls came, by the first word of their path
POST /_control/<name>     what the stand-in itself lets one do: one struct as JSON
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from integrations.standins.misbehaving import Fault, Misbehaving

_Request = Request[object, object, State]
Orders = Mapping[str, tuple[type[Any], Callable[[Any], None]]]


def control(world: Misbehaving, orders: Orders) -> Router:
    """The control paths of one world. They are outside its limits and faults."""
    known: Orders = {
        "faults": (Fault, lambda it: world.fault(it.kind, it.path, it.times)),
        **orders,
    }

    @post("/heal", status_code=204)
    async def heal() -> None:
        world.heal()

    @get("/calls")
    async def calls() -> dict[str, int]:
        return dict(world.calls)

    @post("/{order:str}")
    async def obey(request: _Request, order: FromPath[str]) -> Response[None]:
        if order not in known:
            return Response(None, status_code=404)
        kind, do = known[order]
        try:
            do(msgspec.json.decode(await request.body(), type=kind))
        except ValueError:
            # msgspec's errors are ValueErrors, as is an unknown fault's.
            return Response(None, status_code=400)
        return Response(None, status_code=204)

    return Router("/_control", route_handlers=[heal, calls, obey])
