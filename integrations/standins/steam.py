"""A stand-in Steam Web API: real paths, real shapes, real limits, invented people and games.

Source: recordings of odota/core and others. Who is unknown is left out, the
order of those asked for is not kept, and GetMatchDetails is dead.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.params import FromPath
from PIL import Image

from integrations.standins.control import control
from integrations.standins.dota_games import Game
from integrations.standins.misbehaving import respond
from integrations.standins.steam_world import KEY, Profile, World

__all__ = ["KEY", "Game", "Profile", "World", "application"]

AVATARS = "/avatars"


def application(world: World) -> Litestar:
    """The stand-in as an ASGI application; what it serves is in `world`."""

    @get("/{interface:str}/{method:str}/{version:str}")
    async def call(
        request: Request[Any, Any, Any],
        interface: FromPath[str],
        method: FromPath[str],
        version: FromPath[str],
    ) -> Response[bytes]:
        if request.query_params.get("key") != world.key:
            world.calls[method] += 1
            return _canned(world, "forbidden")
        over = "limit" if world.over(method) else ""
        found = _calls(world, request).get(f"{interface}/{method}")
        return await world.answer(
            f"/{method}/{version}", found or (lambda: (404, b"<html>Not Found</html>")), over=over
        )

    @get(AVATARS + "/{name:str}")
    async def avatar(name: FromPath[str]) -> Response[bytes]:
        def found() -> tuple[int, Any]:
            steam_id = name.partition(".")[0].partition("_")[0]
            return 200, world.pictures.get(steam_id) or _picture(steam_id)

        return await world.answer(f"{AVATARS}/{name}", found)

    return Litestar(
        [
            call,
            avatar,
            control(world, {"games": (Game, world.publish), "profiles": (Profile, world.meet)}),
        ],
        openapi_config=None,
        logging_config=None,
    )


def _calls(
    world: World, request: Request[Any, Any, Any]
) -> dict[str, Callable[[], tuple[int, Any]]]:
    params = {name: str(value) for name, value in request.query_params.items()}
    ids = params.get("steamids", "").split(",")[:100]
    # In no order of ours.
    people = [world.profiles[each] for each in reversed(ids) if each in world.profiles]
    base = str(request.base_url).rstrip("/")
    return {
        "IDOTA2Match_570/GetMatchHistory": lambda: (200, {"result": world.history(params)}),
        "IDOTA2Match_570/GetMatchHistoryBySequenceNum": lambda: (
            200,
            {"result": world.sequence(params)},
        ),
        "IDOTA2Match_570/GetLiveLeagueGames": lambda: (
            200,
            {"result": {"games": world.live, "status": 200}},
        ),
        "IDOTA2Match_570/GetMatchDetails": lambda: (500, b"{}"),
        "ISteamUser/GetPlayerSummaries": lambda: (
            200,
            {"response": {"players": [_summary(each, base) for each in people]}},
        ),
        "ISteamUser/GetPlayerBans": lambda: (200, {"players": [_bans(each) for each in people]}),
        "ISteamUser/ResolveVanityURL": lambda: (
            200,
            {"response": _vanity(world, params.get("vanityurl", ""))},
        ),
    }


def _summary(profile: Profile, base: str) -> dict[str, Any]:
    picture = profile.picture or f"{base}{AVATARS}/{profile.steam_id}.png"
    shown = {
        "steamid": profile.steam_id,
        "communityvisibilitystate": 1 if profile.private else 3,
        "profilestate": 1,
        "personaname": profile.name,
        "profileurl": f"{base}/profiles/{profile.steam_id}/",
        "avatar": picture,
        "avatarmedium": picture.replace(".png", "_medium.png"),
        "avatarfull": picture.replace(".png", "_full.png"),
        "personastate": 0,
    }
    if profile.private:
        return shown
    more = {"lastlogoff": 1_770_000_000, "commentpermission": 1, "timecreated": 1_400_000_000}
    return shown | more


def _bans(profile: Profile) -> dict[str, Any]:
    return {
        "SteamId": profile.steam_id,
        "CommunityBanned": profile.community_banned,
        "VACBanned": profile.vac_bans > 0,
        "NumberOfVACBans": profile.vac_bans,
        "DaysSinceLastBan": profile.days_since_ban,
        "NumberOfGameBans": profile.game_bans,
        "EconomyBan": "none",
    }


def _vanity(world: World, name: str) -> dict[str, Any]:
    if name in world.vanity:
        return {"steamid": world.vanity[name], "success": 1}
    return {"success": 42, "message": "No match"}


def _canned(world: World, kind: str) -> Response[bytes]:
    canned = world.KINDS[kind]
    assert canned is not None, "it has a body"
    return respond(*canned)


def _picture(steam_id: str) -> bytes:
    """An invented picture: two colours that follow from the id."""
    number = int(steam_id) if steam_id.isdecimal() else 0
    picture = Image.new("RGB", (184, 184), (number * 53 % 256, number * 97 % 256, 120))
    picture.paste((230, 190, number * 31 % 256), (46, 46, 138, 138))
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
