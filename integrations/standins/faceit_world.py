"""What a stand-in FACEIT knows, counts, and does wrong when told to."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from app.kernel import clock
from integrations.standins.faceit_matches import SITE, Match, Team, nickname, seconds, uuid
from integrations.standins.misbehaving import FAULTS, Misbehaving

SECOND_LIMIT = 10
NOT_FOUND: dict[str, Any] = {
    "errors": [
        {
            "message": "The resource was not found.",
            "code": "err_nf0",
            "http_status": 404,
            "parameters": [],
        }
    ]
}
RUNNING = ("ONGOING", "READY", "CONFIGURING", "VOTING")


class World(Misbehaving):
    """Invented matches, and the limit of the real one: ten calls a second for each key.

    `key` is the only one that is served; empty, any is. `reset` is what a 429
    says in `ratelimit-reset`, in seconds.
    """

    KINDS: ClassVar = {
        **FAULTS,
        "limit": (429, b"Too many requests"),
        "forbidden": (403, b'{"message":"Forbidden"}'),
        "unauthorized": (401, b'{"errors":[{"message":"Unauthorized","code":"err_a0"}]}'),
    }
    LIMITS: ClassVar = frozenset({"limit"})

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        super().__init__(now)
        self.matches: dict[str, Match] = {}
        self.limit, self.reset, self.key = SECOND_LIMIT, 1, ""
        self._late: Counter[str] = Counter()
        self._spent: Counter[tuple[str, int]] = Counter()

    def publish(self, match: Match) -> None:
        """Let a match be known; publishing it again changes it."""
        self.matches[match.match_id] = match

    def spend(self, key: str) -> int:
        """Count a call; how many are left in this second (below 0: one too many)."""
        window = (key, seconds(self._now()))
        self._spent[window] += 1
        return self.limit - self._spent[window]

    # -- what is asked -----------------------------------------------------

    def match(self, match_id: str) -> tuple[int, Any]:
        found = self.matches.get(match_id)
        if found is None or self._is_late(match_id, found.late_polls):
            return 404, NOT_FOUND
        return 200, found.as_json()

    def stats(self, match_id: str) -> tuple[int, Any]:
        found = self.matches.get(match_id)
        if found is None or not found.is_played or not found.maps:
            return 404, NOT_FOUND
        if self._is_late(f"{match_id}/stats", found.late_stats):
            return 404, NOT_FOUND
        return 200, found.stats()

    def listed(
        self, competition: str, kind: str, which: str, offset: int, limit: int
    ) -> tuple[int, Any]:
        """One page, the newest first; without a total, and with the requested end."""
        mine = [each for each in self.matches.values() if each.competition == competition]
        if not mine and kind == "hub":
            return 404, NOT_FOUND
        wanted = [each for each in mine if each.kind == kind and _is_of(each, which)]
        wanted.sort(key=lambda each: each.finished_at, reverse=True)
        items = [each.as_json() for each in wanted[offset : offset + limit]]
        return 200, {"items": items, "start": offset, "end": offset + limit}

    def competition(self, id_: str, kind: str) -> tuple[int, Any]:
        """A championship (times in milliseconds) or a hub."""
        mine = [each for each in self.matches.values() if each.competition == id_]
        if not mine:
            return 404, NOT_FOUND
        begun = min(seconds(each.finished_at) for each in mine) * 1_000
        named = {"name": "Steppe Open", "game_id": "cs2", "region": "EU"}
        if kind == "hub":
            url = f"{SITE}/hub/{id_}/Steppe%20Open"
            return 200, {"hub_id": id_, **named, "players_joined": 64, "faceit_url": url}
        championship = {
            "id": id_,
            "championship_id": id_,
            **named,
            "type": "bracket",
            "status": "started",
            "championship_start": begun,
            "slots": len(self._teams(id_)),
            "current_subscriptions": len(self._teams(id_)),
            "schedule": {"1": {"date": begun, "status": "created"}},
            "faceit_url": f"{SITE}/championship/{id_}/",
        }
        return 200, championship

    def subscriptions(self, id_: str, offset: int, limit: int) -> tuple[int, Any]:
        items = [_subscription(each) for each in self._teams(id_)[offset : offset + limit]]
        return 200, {"items": items, "start": offset, "end": offset + limit}

    def player(self, steam_id: str) -> tuple[int, Any]:
        """Who plays with this SteamID64: anybody who is in a match here."""
        seen = {
            id_ for each in self.matches.values() for team in _sides(each) for id_ in team.everybody
        }
        if steam_id not in seen:
            return 404, NOT_FOUND
        account = {"game_player_id": steam_id, "skill_level": 7, "faceit_elo": 1500, "region": "EU"}
        return 200, {
            "player_id": uuid(steam_id),
            "nickname": nickname(steam_id),
            "country": "kz",
            "steam_id_64": steam_id,
            "games": {"cs2": account},
        }

    def _teams(self, competition: str) -> list[Team]:
        mine = (each for each in self.matches.values() if each.competition == competition)
        teams = {team.id: team for each in mine for team in _sides(each)}
        return list(teams.values())

    def _is_late(self, what: str, polls: int) -> bool:
        self._late[what] += 1
        return self._late[what] <= polls


def _sides(match: Match) -> list[Team]:
    return [each for each in (match.first, match.second) if each]


def _is_of(match: Match, which: str) -> bool:
    """Whether it belongs to `type=` all, upcoming, ongoing or past."""
    kinds = {
        "upcoming": match.status == "SCHEDULED",
        "ongoing": match.status in RUNNING,
        "past": match.status in ("FINISHED", "CANCELLED"),
    }
    return kinds.get(which, True)


def _subscription(team: Team) -> dict[str, Any]:
    players = [uuid(each) for each in team.steam_ids]
    members = [
        {"user_id": uuid(each), "nickname": nickname(each), "country": "KZ", "skill_level": 7}
        for each in team.steam_ids
    ]
    return {
        "leader": players[0],
        "coleader": "",
        "team": {"team_id": team.id, "name": team.name, "team_type": "premade", "members": members},
        "group": 1,
        "substitutes": [],
        "roster": players,
        "status": "joined",
    }
