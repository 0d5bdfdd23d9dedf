"""A stand-in FACEIT: real paths, real shapes, the real limit, invented matches.

Source: recordings of the Data API v4. Ten calls a second for each key, said in
headers; a 429 is plain text without Retry-After; pages have no total.

POST /_control/matches    a `Match`: let it be known, or change it
POST /_control/webhooks   a `Webhook`: send one
"""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.params import FromPath

from integrations.standins.control import Orders, control
from integrations.standins.faceit_matches import Match, Team, match_id, uuid
from integrations.standins.faceit_webhooks import Webhook, envelope, send
from integrations.standins.faceit_world import World
from integrations.standins.misbehaving import bearer, respond

__all__ = [
    "PATH",
    "Match",
    "Team",
    "Webhook",
    "World",
    "application",
    "envelope",
    "match_id",
    "send",
    "uuid",
]

PATH = "/data/v4"
LARGEST_PAGE = 100

_Request = Request[Any, Any, Any]


def application(world: World) -> Litestar:
    """The stand-in as an ASGI application; what it serves is in `world`."""

    @get(f"{PATH}/matches/{{id:str}}")
    async def match(request: _Request, id: FromPath[str]) -> Response[bytes]:
        return await _answer(world, request, lambda: world.match(id))

    @get(f"{PATH}/matches/{{id:str}}/stats")
    async def stats(request: _Request, id: FromPath[str]) -> Response[bytes]:
        return await _answer(world, request, lambda: world.stats(id))

    @get([f"{PATH}/championships/{{id:str}}/matches", f"{PATH}/hubs/{{id:str}}/matches"])
    async def matches(request: _Request, id: FromPath[str]) -> Response[bytes]:
        which = str(request.query_params.get("type", "all"))
        page = _page(request)
        return await _answer(world, request, lambda: world.listed(id, _kind(request), which, *page))

    @get([f"{PATH}/championships/{{id:str}}", f"{PATH}/hubs/{{id:str}}"])
    async def competition(request: _Request, id: FromPath[str]) -> Response[bytes]:
        return await _answer(world, request, lambda: world.competition(id, _kind(request)))

    @get(f"{PATH}/championships/{{id:str}}/subscriptions")
    async def subscriptions(request: _Request, id: FromPath[str]) -> Response[bytes]:
        return await _answer(world, request, lambda: world.subscriptions(id, *_page(request)))

    @get(f"{PATH}/players")
    async def player(request: _Request) -> Response[bytes]:
        steam_id = str(request.query_params.get("game_player_id", ""))
        return await _answer(world, request, lambda: world.player(steam_id))

    orders: Orders = {"matches": (Match, world.publish), "webhooks": (Webhook, _sender(world))}
    return Litestar(
        [match, stats, matches, competition, subscriptions, player, control(world, orders)],
        openapi_config=None,
        logging_config=None,
    )


async def _answer(
    world: World, request: _Request, found: Callable[[], tuple[int, Any]]
) -> Response[bytes]:
    key = bearer(request)
    if not key or (world.key and key != world.key):
        canned = world.KINDS["unauthorized"]
        assert canned is not None
        return respond(*canned)
    left = world.spend(key)
    headers = {
        "ratelimit-limit": f"{world.limit}, {world.limit};w=1",
        "ratelimit-remaining": str(max(left, 0)),
        "ratelimit-reset": str(world.reset if left <= 0 else 0),
    }
    path = request.url.path.removeprefix(PATH)
    return await world.answer(path, found, headers=headers, over="limit" if left < 0 else "")


def _kind(request: _Request) -> str:
    return "hub" if request.url.path.startswith(f"{PATH}/hubs/") else "championship"


def _page(request: _Request) -> tuple[int, int]:
    def number(name: str, default: int) -> int:
        text = str(request.query_params.get(name, ""))
        return int(text) if text.isdecimal() and len(text) < 9 else default

    return number("offset", 0), min(number("limit", 20), LARGEST_PAGE)


def _sender(world: World) -> Callable[[Webhook], None]:
    """Sends when asked over HTTP; what is being sent is held on to."""
    sending: set[asyncio.Task[list[int]]] = set()

    def order(webhook: Webhook) -> None:
        if webhook.match_id not in world.matches:
            raise ValueError("no such match")
        task = asyncio.create_task(send(webhook, world.matches[webhook.match_id]))
        sending.add(task)
        task.add_done_callback(sending.discard)

    return order
