"""A stand-in OpenDota: real paths, real shapes, real limits, invented games.

Source: odota/core. Limits are counted per clock minute and UTC day, per key
or without one; unknown leagues are a 200 without a body; ids of a league come
in no order, some twice.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Litestar, Request, Response, get
from litestar.params import FromPath

from integrations.standins.control import control
from integrations.standins.dota_games import Game
from integrations.standins.misbehaving import bearer, respond
from integrations.standins.opendota_world import World

__all__ = ["PATH", "Game", "World", "application"]

PATH = "/api"


def application(world: World) -> Litestar:
    """The stand-in as an ASGI application; what it serves is in `world`."""

    @get("/api/matches/{match_id:str}")
    async def match(request: Request[Any, Any, Any], match_id: FromPath[str]) -> Response[bytes]:
        def found() -> tuple[int, Any]:
            if not match_id.isdecimal():
                return 400, {"error": "invalid match id"}
            game = world.game(int(match_id))
            return (200, game.as_json()) if game else (404, {"error": "Not Found"})

        return await _answer(world, request, found)

    @get("/api/leagues/{league_id:int}/matchIds")
    async def league_ids(
        request: Request[Any, Any, Any], league_id: FromPath[int]
    ) -> Response[bytes]:
        return await _answer(world, request, lambda: (200, world.league(league_id) or None))

    @get("/api/leagues/{league_id:int}")
    async def league(request: Request[Any, Any, Any], league_id: FromPath[int]) -> Response[bytes]:
        def found() -> tuple[int, Any]:
            row = {"leagueid": league_id, "ticket": None, "banner": None, "tier": "excluded"}
            known = world.league(league_id)
            return 200, {**row, "name": f"League {league_id}"} if known else None

        return await _answer(world, request, found)

    @get("/api/request/{job_id:int}")
    async def parse_job(
        request: Request[Any, Any, Any],
        job_id: FromPath[int],  # noqa: ARG001
    ) -> Response[bytes]:
        # JSON null says "done" and "given up" alike; here every job is over.
        return await _answer(world, request, lambda: (200, b"null"))

    @get("/api/health")
    async def health(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _answer(world, request, lambda: (200, {"api": {"metric": 0}}))

    return Litestar(
        [
            match,
            league_ids,
            league,
            parse_job,
            health,
            control(world, {"games": (Game, world.publish)}),
        ],
        openapi_config=None,
        logging_config=None,
    )


async def _answer(
    world: World, request: Request[Any, Any, Any], found: Callable[[], tuple[int, Any]]
) -> Response[bytes]:
    path = request.url.path.removeprefix(PATH)
    key = bearer(request) or str(request.query_params.get("api_key", ""))
    if key and not _is_uuid(key):
        canned = world.KINDS["forbidden"]
        assert canned is not None
        return respond(*canned)
    left = world.spend(key)
    headers = {f"x-rate-limit-remaining-{window}": str(count) for window, count in left.items()}
    return await world.answer(path, found, headers=headers, over=_over(left))


def _over(left: dict[str, int]) -> str:
    if left["minute"] < 0:
        return "limit"
    return "daily" if left.get("day", 0) < 0 else ""


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
