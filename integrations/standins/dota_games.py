"""Invented Dota 2 games in the shapes of OpenDota (not parsed) and of Steam.

Everything a game is not told is invented from its seed: the same seed gives
the same heroes, kills and gold.
"""

import random
from datetime import datetime
from typing import Any

import msgspec

from integrations.dota2 import ANONYMOUS, DIRE_SLOTS, STEAM_BASE

HEROES = 124
BENCHMARKS = (
    "gold_per_min",
    "xp_per_min",
    "kills_per_min",
    "last_hits_per_min",
    "hero_damage_per_min",
    "hero_healing_per_min",
    "tower_damage",
)
# Towers and barracks standing, as bits: of a winner and of a loser.
TOWERS, BARRACKS = (1974, 0), (63, 48)
STEAM_FIELDS = (
    "radiant_win",
    "duration",
    "pre_game_duration",
    "start_time",
    "match_id",
    "match_seq_num",
    "tower_status_radiant",
    "tower_status_dire",
    "barracks_status_radiant",
    "barracks_status_dire",
    "cluster",
    "first_blood_time",
    "lobby_type",
    "human_players",
    "leagueid",
    "game_mode",
    "flags",
    "engine",
    "radiant_score",
    "dire_score",
)
# What OpenDota adds to a player's row.
OPENDOTA_ONLY = [
    "abandons",
    "personaname",
    "name",
    "last_login",
    "rank_tier",
    "is_subscriber",
    "is_contributor",
    "isRadiant",
    "win",
    "lose",
    "total_gold",
    "total_xp",
    "kills_per_min",
    "kda",
    "ability_upgrades_arr",
    "benchmarks",
    "radiant_win",
    "start_time",
    "duration",
    "cluster",
    "lobby_type",
    "game_mode",
    "patch",
    "region",
]


class Game(msgspec.Struct, kw_only=True):
    """One game to be published. Sides are Radiant and Dire, as SteamID64 text.

    `hidden` lists the player slots (0–4, 128–132) without an account id, and
    `anonymous` hides all ten. `bots` of Dire's last slots are no people.
    `late_polls` answers 404 that many times first, and `available_at` until
    then, as the real one does for minutes after a game has ended.
    `radiant_win` null means that no result is known yet. `sequence` is its
    sequence number, where it is to be in another order than the ids.
    """

    match_id: int
    radiant: tuple[str, ...]
    dire: tuple[str, ...]
    radiant_win: bool | None
    started_at: datetime
    duration: int = 2_100
    league_id: int = 0
    lobby_type: int = 1
    game_mode: int = 2
    radiant_team_id: int | None = None
    dire_team_id: int | None = None
    anonymous: bool = False
    hidden: tuple[int, ...] = ()
    bots: int = 0
    late_polls: int = 0
    available_at: datetime | None = None
    seed: int | None = None
    sequence: int | None = None

    @property
    def match_seq_num(self) -> int:
        return self.sequence or self.match_id - 1_000_000_000

    def as_json(self) -> dict[str, Any]:
        """The match as OpenDota serves it before it is parsed."""
        seed = self.match_id if self.seed is None else self.seed
        chance = random.Random(seed)  # noqa: S311  invention, not secrecy
        players = self._players(chance)
        return {
            "players": players,
            **self._common(),
            **self._buildings(chance),
            **_kills(players),
            **self._teams(),
            "match_id": self.match_id,
            "match_seq_num": self.match_seq_num,
            "pre_game_duration": 90,
            "human_players": len(players) - self.bots,
            "leagueid": self.league_id,
            "flags": 1,
            "engine": 1,
            "picks_bans": _picks(players),
            "version": None,
            "series_id": None,
            "series_type": None,
            "metadata": None,
            "od_data": {
                "has_api": True,
                "has_gcdata": False,
                "has_parsed": False,
                "has_archive": False,
            },
        }

    def as_steam(self) -> dict[str, Any]:
        """The match as Steam serves it by sequence number."""
        told = self.as_json()
        teams = [side for side in ("radiant", "dire") if told[f"{side}_team_id"]]
        return {
            "players": [_steam_player(each) for each in told["players"]],
            **{name: told[name] for name in STEAM_FIELDS},
            **{name: told[name] for side in teams for name in _team_fields(side)},
            "picks_bans": told["picks_bans"],
        }

    def as_listed(self) -> dict[str, Any]:
        """The match as Steam's histories list it: without a winner."""
        return {
            "series_id": 0,
            "series_type": 0,
            "match_id": self.match_id,
            "match_seq_num": self.match_seq_num,
            "start_time": int(self.started_at.timestamp()),
            "lobby_type": self.lobby_type,
            "radiant_team_id": self.radiant_team_id or 0,
            "dire_team_id": self.dire_team_id or 0,
            "players": [
                {name: each.get(name) for name in ("account_id", "player_slot", "hero_id")}
                for each in self.as_steam()["players"]
            ],
        }

    def _common(self) -> dict[str, Any]:
        # OpenDota repeats these in every player's row.
        return {
            "radiant_win": self.radiant_win,
            "start_time": int(self.started_at.timestamp()),
            "duration": self.duration,
            "cluster": 181,
            "lobby_type": self.lobby_type,
            "game_mode": self.game_mode,
            "patch": 58,
            "region": 8,
        }

    def _buildings(self, chance: random.Random) -> dict[str, Any]:
        won = (bool(self.radiant_win), self.radiant_win is False)
        return {
            "tower_status_radiant": TOWERS[not won[0]],
            "tower_status_dire": TOWERS[not won[1]],
            "barracks_status_radiant": BARRACKS[not won[0]],
            "barracks_status_dire": BARRACKS[not won[1]],
            "first_blood_time": chance.randint(20, 300),
        }

    def _teams(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for side, team_id in (("radiant", self.radiant_team_id), ("dire", self.dire_team_id)):
            fields |= {
                f"{side}_team_id": team_id,
                f"{side}_name": f"Team {team_id}" if team_id else None,
                f"{side}_logo": None,
                f"{side}_team_complete": int(team_id is not None),
                f"{side}_captain": None,
            }
        return fields

    def _players(self, chance: random.Random) -> list[dict[str, Any]]:
        slots = [*enumerate(self.radiant), *enumerate(self.dire, DIRE_SLOTS)]
        heroes = chance.sample(range(1, HEROES + 1), len(slots))
        rows = [
            self._player(slot, steam_id, hero, chance)
            for (slot, steam_id), hero in zip(slots, heroes, strict=True)
        ]
        for row in rows[len(rows) - self.bots :]:
            row.pop("account_id", None)
            row["leaver_status"] = None
        return rows

    def _player(self, slot: int, steam_id: str, hero: int, chance: random.Random) -> dict[str, Any]:
        radiant = slot < DIRE_SLOTS
        won = self.radiant_win is not None and radiant == self.radiant_win
        shown = not self.anonymous and slot not in self.hidden
        return {
            **({"account_id": int(steam_id) - STEAM_BASE} if shown else {}),
            "player_slot": slot,
            "hero_id": hero,
            **_figures(chance, self.duration / 60, won=won),
            "leaver_status": 0,
            "abandons": 0,
            "personaname": None,
            "name": None,
            "last_login": None,
            "rank_tier": None,
            "is_subscriber": False,
            "is_contributor": False,
            "isRadiant": radiant,
            "win": int(won),
            "lose": int(self.radiant_win is not None and not won),
            **self._common(),
        }


def _figures(chance: random.Random, minutes: float, *, won: bool) -> dict[str, Any]:
    """One player's numbers; the winners' kills run a little higher."""
    kills, deaths = chance.randint(2, 12) if won else chance.randint(0, 7), chance.randint(0, 12)
    assists, gold, experience = (chance.randint(*r) for r in ((0, 25), (250, 800), (300, 900)))
    total = int(gold * minutes)
    return {
        "kills": kills,
        "deaths": deaths,
        "assists": assists,
        "level": chance.randint(14, 28),
        "net_worth": total,
        "last_hits": chance.randint(30, 400),
        "denies": chance.randint(0, 30),
        "gold_per_min": gold,
        "xp_per_min": experience,
        "hero_damage": chance.randint(4_000, 45_000),
        "tower_damage": chance.randint(0, 12_000),
        "hero_healing": chance.randint(0, 8_000),
        "gold": total // 10,
        "gold_spent": total - total // 10,
        "total_gold": total,
        "total_xp": int(experience * minutes),
        "kills_per_min": round(kills / minutes, 4) if minutes else 0.0,
        "kda": round((kills + assists) / (deaths + 1), 2),
        **{f"item_{number}": chance.randint(0, 250) for number in range(6)},
        **{f"backpack_{number}": 0 for number in range(3)},
        "ability_upgrades_arr": [],
        "benchmarks": {name: {"raw": None, "pct": None} for name in BENCHMARKS},
    }


def _steam_player(row: dict[str, Any]) -> dict[str, Any]:
    """One player's row as Steam has it: who hides has an account of his own."""
    kept = {name: value for name, value in row.items() if name not in OPENDOTA_ONLY}
    bot = row["leaver_status"] is None
    side = row["player_slot"] >= DIRE_SLOTS
    return {
        **({} if bot else {"account_id": ANONYMOUS}),
        **kept,
        "team_number": int(side),
        "team_slot": row["player_slot"] - DIRE_SLOTS * side,
        "hero_variant": 1,
        "item_neutral": 0,
        "item_neutral2": 0,
    }


def _team_fields(side: str) -> list[str]:
    return [f"{side}_{name}" for name in ("team_id", "name", "team_complete")]


def _kills(players: list[dict[str, Any]]) -> dict[str, int]:
    score = [0, 0]
    for player in players:
        score[not player["isRadiant"]] += player["kills"]
    return {"radiant_score": score[0], "dire_score": score[1]}


def _picks(players: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "is_pick": True,
            "hero_id": player["hero_id"],
            "team": int(not player["isRadiant"]),
            "order": order,
        }
        for order, player in enumerate(players)
    ]
