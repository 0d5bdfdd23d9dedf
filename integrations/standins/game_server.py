"""A stand-in game server: fetches its configuration and sends events, as MatchZy does.

It never asks twice: what is not taken is lost. Source: MatchManagement.cs and
PublishEvents.cs of shobhit-pathak/MatchZy 0.8.15.
"""

import asyncio
import random
import shlex
from typing import Any

import httpx
import msgspec

from integrations.standins.game_server_events import MATCHZY, Event, Outcome, Shape, events_of

COMMANDS = ("matchzy_loadmatch_url", "get5_loadmatch_url")
NEEDED = ("maplist", "team1", "team2", "num_maps")
WHOLE_NUMBERS = ("matchid", "num_maps", "players_per_team", "min_players_to_ready")
LARGEST_NUMBER = 2**31 - 1
SIDES = ("team1_ct", "team1_t", "team2_ct", "team2_t", "knife")


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong: events that are lost (by name, or name and map: `map_result:0`),
    all sent twice, sent at once and in no order, or with another header value."""

    lost: tuple[str, ...] = ()
    twice: bool = False
    together: bool = False
    header: str | None = None


NONE = Faults()


class GameServer:
    """One server. `log` is its console, `answers` the statuses its calls got.

    `pace` is seconds between rounds (and four of them before a map).
    """

    def __init__(
        self, http: httpx.AsyncClient, *, pace: float = 0.0, shape: Shape = MATCHZY
    ) -> None:
        self.pace = pace
        self.shape = shape
        self.config: dict[str, Any] | None = None
        self.log: list[str] = []
        self.answers: list[int] = []
        self._http = http
        self._chance = random.Random(0)  # noqa: S311  disorder, not secrecy

    async def type(self, line: str) -> bool:
        """A line typed into its console; whether a match is set up by it."""
        command, *words = shlex.split(line)
        if command not in COMMANDS:
            self.log.append(f"Unknown command {command}")
            return False
        # A header without a value is no header, and the other way round.
        header = {words[1]: words[2]} if len(words) > 2 else {}
        return await self.load(words[0], header)

    async def load(self, url: str, headers: dict[str, str]) -> bool:
        """Fetch a configuration; a match that is set up stays, and says so only here."""
        if self.config is not None:
            self.log.append("A match is already setup")
            return False
        try:
            answer = await self._http.get(url, headers=headers)
        except httpx.HTTPError as error:
            self.log.append(f"An error occured: {type(error).__name__}")
            return False
        self.answers.append(answer.status_code)
        if answer.status_code != 200:
            self.log.append(f"HTTP request failed with status code: {answer.status_code}")
            return False
        config = msgspec.json.decode(answer.content)
        if wrong := wrong_with(config):
            self.log.append(wrong)
            return False
        self.config = config
        # Sent in the background there, so nobody waits for it either.
        await self.send(events_of(config, Outcome(maps=()), self.shape)[0])
        return True

    def end(self) -> None:
        """`css_endmatch`, or a crash: nothing is set up any more, and nobody is told."""
        self.config = None

    async def play(self, outcome: Outcome, faults: Faults = NONE) -> list[Event]:
        """Play what is set up to this outcome; all that happened, lost events too."""
        assert self.config is not None, "no match is set up"
        _, *told = events_of(self.config, outcome, self.shape)
        heard = [event for event in told if not _is_lost(event, faults)]
        if faults.twice:
            heard += heard
        if faults.together:
            self._chance.shuffle(heard)
            await asyncio.gather(*(self.send(event, faults.header) for event in heard))
        else:
            for event in heard:
                await asyncio.sleep(self.pace * (4 if event["event"] == "going_live" else 1))
                await self.send(event, faults.header)
        self.end()
        return told

    async def send(self, event: Event, header: str | None = None) -> None:
        """Post one event, once, to where the configuration's cvars say."""
        assert self.config is not None, "no match is set up"
        cvars = self.config["cvars"]
        value = cvars["matchzy_remote_log_header_value"] if header is None else header
        try:
            answer = await self._http.post(
                cvars["matchzy_remote_log_url"],
                json=event,
                headers={cvars["matchzy_remote_log_header_key"]: value},
            )
        except httpx.HTTPError as error:
            self.log.append(f"[SendEventAsync FATAL] {type(error).__name__}")
            return
        self.answers.append(answer.status_code)


def _is_lost(event: Event, faults: Faults) -> bool:
    name = event["event"]
    return name in faults.lost or f"{name}:{event.get('map_number')}" in faults.lost


def wrong_with(config: Any) -> str:
    """Why MatchZy would not load this configuration, or nothing."""
    for field in NEEDED:
        if config.get(field) is None:
            return f"Missing mandatory field: {field}"
    for field in WHOLE_NUMBERS:
        if field in config and not _is_whole(config[field]):
            return f"{field} should be an integer!"
    for team in ("team1", "team2"):
        if not isinstance(config[team].get("players"), dict):
            return f"{team} should have 'players' JSON!"
    if not isinstance(config["maplist"], list) or not config["maplist"]:
        return "maplist should contain atleast 1 map!"
    if config["num_maps"] > len(config["maplist"]):
        return "num_maps should be equal to or greater than maplist!"
    return _wrong_sides(config)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value <= LARGEST_NUMBER


def _wrong_sides(config: Any) -> str:
    sides = config.get("map_sides")
    if sides is not None and (len(sides) < config["num_maps"] or not set(sides) <= set(SIDES)):
        return "map_sides should be equal to or greater than num_maps!"
    if not isinstance(config.get("cvars", {}), dict):
        return "cvars should be a JSON structure!"
    return ""
