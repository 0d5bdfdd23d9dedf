"""The events of one load as MatchZy (or Get5) sends them, invented around an outcome.

Source: Events.cs, Utility.cs, MapVeto.cs of shobhit-pathak/MatchZy 0.8.15, with
their habits: `winner.side` is a number and often wrong, `round_end.winner` is the
leader, a drawn map says team 2, results name no players, picks count from 1.
"""

import random
from typing import Any

import msgspec


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a load goes: the rounds of team 1 and team 2 on each map that is played."""

    maps: tuple[tuple[int, int], ...]
    seed: int = 0


def random_outcome(chance: random.Random, best_of: int) -> Outcome:
    """Maps until one side has enough of them (an even best-of may end in a draw)."""
    won, maps = [0, 0], []
    while max(won) <= best_of // 2 and sum(won) < best_of:
        winner, lost = int(chance.random() < 0.45), chance.randint(3, 11)
        maps.append((13, lost) if winner == 0 else (lost, 13))
        won[winner] += 1
    return Outcome(maps=tuple(maps), seed=chance.randint(0, 10**6))


class Shape(msgspec.Struct, frozen=True):
    """How it is told: Get5's shapes instead of MatchZy's, and teams without ids."""

    get5: bool = False
    ids: bool = True


MATCHZY, GET5, WITHOUT_IDS = Shape(), Shape(get5=True), Shape(ids=False)

Event = dict[str, Any]


def events_of(config: dict[str, Any], outcome: Outcome, shape: Shape = MATCHZY) -> list[Event]:
    """All events of the load, in the order in which they happen."""
    told = _Telling(config, outcome, shape)
    played = [event for number in range(len(outcome.maps)) for event in told.map(number)]
    return [told.start(), *told.veto(), *played, *told.end()]


class _Telling:
    def __init__(self, config: dict[str, Any], outcome: Outcome, shape: Shape) -> None:
        self._config = config
        self._outcome = outcome
        self._shape = shape
        # Only the look of invented rounds hangs on it.
        self._chance = random.Random(f"{config['matchid']}:{outcome.seed}")  # noqa: S311
        self._won = [0, 0]

    def _event(self, name: str, **fields: Any) -> Event:
        load = self._config["matchid"]
        return {**fields, "matchid": str(load) if self._shape.get5 else load, "event": name}

    def _team(self, side: int) -> dict[str, Any]:
        team = self._config[f"team{side + 1}"]
        return {"id": team["id"] if self._shape.ids else "", "name": team["name"]}

    def start(self) -> Event:
        one, two = self._team(0), self._team(1)
        if self._shape.get5:
            names = {"team1_name": one["name"], "team2_name": two["name"]}
            return self._event("series_start", **names)
        maps = self._config["num_maps"]
        return self._event("series_start", team1=one, team2=two, num_maps=maps)

    def veto(self) -> list[Event]:
        """Bans from the end of the pool, picks from its beginning; the last map is left."""
        if self._config["skip_veto"]:
            return []
        pool, count = list(self._config["maplist"]), self._config["num_maps"]
        banned = pool[count:]
        found = [
            self._event("map_vetoed", map_name=name, team=_name(number % 2))
            for number, name in enumerate(banned)
        ]
        first = 0 if self._shape.get5 else 1
        for number, name in enumerate(pool[: count - 1]):
            fields = {"map_name": name, "map_number": number + first}
            found.append(self._event("map_picked", team=_name(number % 2), **fields))
            found.append(
                self._event("side_picked", team=_name((number + 1) % 2), side="ct", **fields)
            )
        return found

    def map(self, number: int) -> list[Event]:
        score, final = [0, 0], self._outcome.maps[number]
        found = [self._event("going_live", map_number=number)]
        for side in self._order(final):
            score[side] += 1
            found.append(self._round(number, score))
        if final[0] != final[1]:
            self._won[final[1] > final[0]] += 1
        found.append(self._result(number, final))
        return found

    def _order(self, final: tuple[int, int]) -> list[int]:
        """Who wins each round: mixed, and the last one to whoever wins the map."""
        leader = int(final[1] > final[0])
        rounds = [0] * final[0] + [1] * final[1]
        if rounds:
            rounds.remove(leader)
            self._chance.shuffle(rounds)
            rounds.append(leader)
        return rounds

    def _round(self, number: int, score: list[int]) -> Event:
        return self._event(
            "round_end",
            map_number=number,
            round_number=sum(score),
            round_time=0,
            reason=self._chance.choice((1, 7, 8, 9, 12)),
            winner=self._winner(score),
            **self._teams(score, players=True, series=(0, 0)),
        )

    def _result(self, number: int, final: tuple[int, int]) -> Event:
        return self._event(
            "map_result",
            map_number=number,
            winner=self._winner(final),
            **self._teams(final, players=self._shape.get5, series=tuple(self._won)),
        )

    def _winner(self, score: Any) -> dict[str, str]:
        sides = ("ct", "t") if self._shape.get5 else ("2", "3")
        return {"side": self._chance.choice(sides), "team": _name(int(not score[0] > score[1]))}

    def _teams(self, score: Any, *, players: bool, series: Any) -> dict[str, Any]:
        return {
            _name(side): {
                **self._team(side),
                "series_score": series[side],
                "score": score[side],
                "score_ct": 0,
                "score_t": 0,
                "players": self._players(side, sum(score)) if players else [],
            }
            for side in (0, 1)
        }

    def _players(self, side: int, rounds: int) -> list[dict[str, Any]]:
        people: dict[str, str] = self._config[f"team{side + 1}"]["players"]
        return [
            {"steamid": steam_id, "name": name, "stats": self._stats(rounds)}
            for steam_id, name in list(people.items())[:5]
        ]

    def _stats(self, rounds: int) -> dict[str, int]:
        kills = self._chance.randint(0, rounds)
        return {
            "kills": kills,
            "deaths": self._chance.randint(0, rounds),
            "assists": self._chance.randint(0, rounds // 2),
            "damage": kills * 100,
            "rounds_played": rounds,
        }

    def end(self) -> list[Event]:
        """A tie says nobody; a best of 1 that was drawn never ends."""
        one, two = self._won
        if not one and not two:
            return []
        winner = {"side": "2", "team": "none" if one == two else _name(int(two > one))}
        return [
            self._event(
                "series_end",
                team1_series_score=one,
                team2_series_score=two,
                winner=winner,
                time_until_restore=10,
            )
        ]


def _name(side: int) -> str:
    return f"team{side + 1}"
