"""What a server is told to play: MatchZy's match configuration. Pure.

Source: LoadMatchFromJSON of shobhit-pathak/MatchZy 0.8.15. Players are an object
(it refuses Get5's arrays); the match id is an integer. `cvars` are run before the
first event is sent, each value in quotes, so that no text may hold one.
"""

from typing import Any

import msgspec

EVENTS_PATH = "/game-servers/matchzy/events"
HEADER = "Authorization"
SCHEME = "Bearer "
TEAM_SIZE = 5
# Anything that ends a quoted text, a command or a line in a server's console.
_BREAKS = str.maketrans(dict.fromkeys("\"'`;\\{}\r\n\t\0\u2028\u2029"))


class Team(msgspec.Struct, frozen=True):
    """One side: our entrant's id (empty in a test), its name, nicknames by Steam id."""

    id: str
    name: str
    players: dict[str, str] = {}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be played, in our words; `site` is our own address."""

    load: int
    teams: tuple[Team, Team]
    best_of: int
    maps: tuple[str, ...]
    title: str
    site: str
    secret: str


def config_of(order: Order) -> dict[str, Any]:
    """The configuration. Where a veto is held, its captains choose maps and sides."""
    first, second = (_team(team) for team in order.teams)
    vetoed = len(order.maps) > order.best_of
    return {
        "matchid": order.load,
        "team1": first,
        "team2": second,
        "num_maps": order.best_of,
        "maplist": list(order.maps),
        # Given sides are not picked any more, so none are given before a veto.
        **({} if vetoed else {"map_sides": ["knife"] * order.best_of}),
        "skip_veto": not vetoed,
        # A best of two is played to its end: it may be drawn.
        "clinch_series": order.best_of % 2 == 1,
        "players_per_team": TEAM_SIZE,
        "min_players_to_ready": TEAM_SIZE,
        "min_spectators_to_ready": 0,
        "spectators": {"players": {}},
        "cvars": {
            "hostname": plain(order.title),
            "matchzy_remote_log_url": order.site + EVENTS_PATH,
            "matchzy_remote_log_header_key": HEADER,
            "matchzy_remote_log_header_value": header_value(order.secret),
        },
    }


def header_value(secret: str) -> str:
    return f"{SCHEME}{secret}"


def secret_in(header: str) -> str:
    """The secret of a header as `header_value` writes it, or nothing."""
    return header.removeprefix(SCHEME) if header.startswith(SCHEME) else ""


def console_line(site: str, link: int, secret: str) -> str:
    """What the server's owner pastes into its console."""
    address = f"{site}/game-servers/matchzy/{link}/config"
    return f'matchzy_loadmatch_url "{address}" "{HEADER}" "{header_value(secret)}"'


def plain(text: str) -> str:
    """The text without what would break out of a console's quotes."""
    return " ".join(text.translate(_BREAKS).split())


def _team(team: Team) -> dict[str, Any]:
    players = {steam_id: plain(name) or "-" for steam_id, name in team.players.items()}
    return {"id": team.id, "name": plain(team.name) or team.id, "players": players}
