"""Invented FACEIT matches, in the real ones' shape."""

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

SITE = "https://www.faceit.com/{lang}"
BYE: dict[str, Any] = {
    "faction_id": "bye",
    "leader": "",
    "avatar": "",
    "substituted": False,
    "name": "bye",
    "type": "bye",
}


def uuid(name: str) -> str:
    """The same invented id for the same name."""
    return str(uuid5(NAMESPACE_URL, f"baige:{name}"))


def match_id(name: str) -> str:
    return f"1-{uuid(name)}"


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """One side; not premade, it is a mix, whose id is its captain's."""

    name: str
    steam_ids: tuple[str, ...]
    team_id: str = ""
    premade: bool = True
    playing_substitutes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return (self.team_id or uuid(self.name)) if self.premade else uuid(self.steam_ids[0])

    @property
    def everybody(self) -> tuple[str, ...]:
        return (*self.steam_ids, *self.playing_substitutes)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A match; `maps` are (name, rounds of the first side, rounds of the second).

    `second` None is a bye. `winner` is 0, 1, or None where nobody has won it.
    `rounds_as_score`: the real one sometimes gives a best of 1's rounds where
    others have maps. `forfeit`: decided without being played. `late_polls` and
    `late_stats` are how often it, and its maps, are not there yet.
    """

    match_id: str
    competition: str
    first: Team
    second: Team | None
    winner: int | None
    finished_at: datetime
    maps: tuple[tuple[str, int, int], ...] = ()
    best_of: int = 1
    status: str = "FINISHED"
    kind: str = "championship"
    rounds_as_score: bool = False
    forfeit: bool = False
    late_polls: int = 0
    late_stats: int = 0

    @property
    def started_at(self) -> datetime | None:
        if self.forfeit or self.status in ("SCHEDULED", "CONFIGURING"):
            return None
        if self.status == "CANCELLED" and not self.maps:
            return None
        return self.finished_at - timedelta(minutes=45 * max(len(self.maps), 1))

    @property
    def is_played(self) -> bool:
        return self.status == "FINISHED" and self.second is not None and not self.forfeit

    @property
    def score(self) -> tuple[int, int]:
        if self.rounds_as_score and self.maps:
            return self.maps[0][1:]
        if not self.maps and self.winner is not None:
            return (1, 0) if self.winner == 0 else (0, 1)
        won = [sum(a > b for _, a, b in self.maps), sum(b > a for _, a, b in self.maps)]
        return won[0], won[1]

    def as_json(self) -> dict[str, Any]:
        """As `/matches/{id}` and the lists have it: times in seconds."""
        made: dict[str, Any] = {
            "match_id": self.match_id,
            "version": 2,
            "game": "cs2",
            "region": "EU",
            "competition_id": self.competition,
            "competition_type": self.kind,
            "competition_name": "Steppe Open",
            "organizer_id": uuid("organizer"),
            # In an order that means nothing, as the real one has it.
            "teams": {"faction2": _faction(self.second), "faction1": _faction(self.first)},
            "calculate_elo": False,
            "chat_room_id": f"match-{self.match_id}",
            "best_of": self.best_of,
            "status": self.status,
            "faceit_url": f"{SITE}/cs2/room/{self.match_id}",
        }
        if self.kind == "championship":
            made |= {"round": 1, "group": 1}
        return made | self._times() | self._results()

    def _times(self) -> dict[str, Any]:
        times: dict[str, Any] = {}
        if self.started_at:
            times["configured_at"] = seconds(self.started_at) - 200
            times["started_at"] = seconds(self.started_at)
        if self.status in ("FINISHED", "CANCELLED", "ABORTED"):
            times["finished_at"] = seconds(self.finished_at)
        # One that was cancelled half-way has a demo, too.
        if self.is_played or (self.status == "CANCELLED" and self.maps):
            file = f"{self.match_id}-1-1.dem.zst"
            times["demo_url"] = [f"https://demos.example.com/cs2/{file}"]
        return times

    def _results(self) -> dict[str, Any]:
        if self.status != "FINISHED":
            return {}
        winner = "" if self.winner is None else f"faction{self.winner + 1}"
        score = {"faction2": self.score[1], "faction1": self.score[0]}
        factions = {name: {"score": each} for name, each in score.items()}
        detailed = [{"asc_score": False, "winner": winner, "factions": factions}]
        return {"results": {"winner": winner, "score": score}, "detailed_results": detailed}

    def stats(self) -> dict[str, Any]:
        """As `/matches/{id}/stats`: maps are called rounds, and every value is text."""
        return {"rounds": [self._map(number, *each) for number, each in enumerate(self.maps, 1)]}

    def _map(self, number: int, name: str, a: int, b: int) -> dict[str, Any]:
        teams = [each for each in (self.first, self.second) if each]
        rounds = (a, b)
        return {
            # Not to be relied on, and not there at times.
            "best_of": "1",
            "competition_id": None,
            "game_id": "cs2",
            "game_mode": "5v5",
            "match_id": self.match_id,
            "match_round": str(number),
            "played": "1",
            "round_stats": {
                "Winner": teams[0 if a > b else 1].id if a != b else "",
                "Rounds": str(a + b),
                "Score": f"{a} / {b}",
                "Map": name,
                "Region": "EU",
            },
            # The winner comes first in some and last in others.
            "teams": [_team_stats(teams[side], rounds[side], a, b) for side in (1, 0)],
        }


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def nickname(steam_id: str) -> str:
    return f"rider{steam_id[-4:]}"


def _faction(team: Team | None) -> dict[str, Any]:
    if team is None:
        return BYE
    made: dict[str, Any] = {
        "faction_id": team.id,
        "leader": uuid(team.steam_ids[0]) if team.steam_ids else "",
        "avatar": "",
        "roster": [_player(each) for each in team.steam_ids],
        "substituted": bool(team.playing_substitutes),
        "name": team.name,
        "type": "premade" if team.premade else "",
    }
    if team.playing_substitutes:
        made["substitutes"] = [
            _player(each) | {"playing": True} for each in team.playing_substitutes
        ]
    return made


def _player(steam_id: str) -> dict[str, Any]:
    return {
        "player_id": uuid(steam_id),
        "nickname": nickname(steam_id),
        "avatar": "",
        "membership": "free",
        "game_player_id": steam_id,
        "game_player_name": nickname(steam_id),
        "game_skill_level": 7,
        "anticheat_required": True,
    }


def _team_stats(team: Team, rounds: int, a: int, b: int) -> dict[str, Any]:
    return {
        "team_id": team.id,
        "premade": team.premade,
        "team_stats": {
            "Team": team.name,
            "Team Win": "1" if a != b and rounds == max(a, b) else "0",
            "Team Headshots": "7.6",
            "Overtime score": "0",
            "First Half Score": str(rounds // 2),
            "Second Half Score": str(rounds - rounds // 2),
            "Final Score": str(rounds),
        },
        "players": [
            {
                "player_id": uuid(each),
                "nickname": nickname(each),
                "player_stats": {"Kills": "17", "Deaths": "13", "K/D Ratio": "1.31"},
            }
            for each in team.everybody
        ],
    }
