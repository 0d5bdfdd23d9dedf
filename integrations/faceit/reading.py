"""The shapes of FACEIT's answers, as far as we read them. Lenient about all else.

Times are seconds in matches and milliseconds in championships. Every value in
`/stats` is text. Which of two factions comes first in the JSON means nothing.
"""

import re

import msgspec

NAME, TITLE = "faceit", "FACEIT"

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A competition's, team's or player's id."""
MATCH_ID = re.compile(rf"1-{UUID.pattern}")

FINISHED, CANCELLED, ABORTED = "FINISHED", "CANCELLED", "ABORTED"
FINAL = frozenset({FINISHED, CANCELLED, ABORTED})
"""The statuses that are final; whatever else there is may still change."""

DETAILS, STATS = "details", "stats"
"""The parts of a match: itself (also as a list has it), and its maps."""

BYE = "bye"


class Page(msgspec.Struct):
    """One page of a list. `end` is the requested one, so it says nothing."""

    items: list[msgspec.Raw] | None = None


class RosterPlayer(msgspec.Struct):
    """`game_player_id` is the SteamID64; `playing` is set for a substitute who does."""

    player_id: str | None = None
    nickname: str | None = None
    game_player_id: str | None = None
    playing: bool | None = None


class Faction(msgspec.Struct):
    """One side. `faction_id` is the team's where it is premade, else its captain's."""

    faction_id: str | None = None
    name: str | None = None
    type: str | None = None
    roster: list[RosterPlayer | None] | None = None
    substitutes: list[RosterPlayer | None] | None = None


class Teams(msgspec.Struct):
    """The two sides of a match."""

    faction1: Faction | None = None
    faction2: Faction | None = None


class Score(msgspec.Struct):
    """Maps won, or in a best of 1 sometimes rounds."""

    faction1: int | None = None
    faction2: int | None = None


class Results(msgspec.Struct):
    """`winner` is faction1, faction2, or empty."""

    winner: str | None = None
    score: Score | None = None


class Match(msgspec.Struct):
    """`/matches/{id}`, and an item of a championship's or hub's list. Times in seconds."""

    match_id: str
    game: str | None = None
    competition_id: str | None = None
    competition_type: str | None = None
    teams: Teams | None = None
    started_at: int | None = None
    finished_at: int | None = None
    demo_url: list[str | None] | None = None
    best_of: int | None = None
    results: Results | None = None
    status: str | None = None
    faceit_url: str | None = None


class RoundStats(msgspec.Struct, rename={"map": "Map", "winner": "Winner"}):
    """The map that was played, and the team that won it."""

    map: str | None = None
    winner: str | None = None


class TeamStats(msgspec.Struct, rename={"won": "Team Win", "score": "Final Score"}):
    """`score` is rounds."""

    won: str | None = None
    score: int | None = None


class Team(msgspec.Struct):
    """One side of a map."""

    team_id: str | None = None
    team_stats: TeamStats | None = None


class Round(msgspec.Struct):
    """What FACEIT calls a round is a map; `match_round` counts from 1."""

    match_id: str | None = None
    match_round: int | None = None
    round_stats: RoundStats | None = None
    teams: list[Team | None] | None = None


class Stats(msgspec.Struct):
    """`/matches/{id}/stats`."""

    rounds: list[Round | None] | None = None


class GameAccount(msgspec.Struct):
    """A player's account in one game."""

    game_player_id: str | None = None


class Player(msgspec.Struct):
    """`/players` and `/players/{id}`."""

    player_id: str | None = None
    nickname: str | None = None
    steam_id_64: str | None = None
    games: dict[str, GameAccount | None] | None = None

    @property
    def steam_ids(self) -> set[str | None]:
        """The Steam accounts it plays with."""
        played_with = [each.game_player_id for each in (self.games or {}).values() if each]
        return {self.steam_id_64, *played_with} - {None}


class Entity(msgspec.Struct):
    """What a webhook's match belongs to."""

    id: str | None = None
    type: str | None = None


class Payload(msgspec.Struct):
    """What a webhook is about; it has no score."""

    id: str | None = None
    entity: Entity | None = None


class Webhook(msgspec.Struct):
    """A webhook's envelope; a repeated one has the same `event_id`."""

    event: str | None = None
    event_id: str | None = None
    payload: Payload | None = None


_match = msgspec.json.Decoder(Match, strict=False)
_stats = msgspec.json.Decoder(Stats, strict=False)
_webhook = msgspec.json.Decoder(Webhook, strict=False)
# msgspec says all it cannot read with a ValueError (bad UTF-8 is one too).
UNREADABLE = (ValueError, RecursionError)


def read_match(body: bytes) -> Match | None:
    """The match, or None where there is none in these bytes."""
    try:
        return _match.decode(body)
    except UNREADABLE:
        return None


def read_stats(body: bytes) -> Stats | None:
    """The maps, or None where there are none in these bytes."""
    try:
        return _stats.decode(body)
    except UNREADABLE:
        return None


def read_webhook(body: bytes) -> Webhook | None:
    """The event, or None where there is none in these bytes."""
    try:
        return _webhook.decode(body)
    except UNREADABLE:
        return None


def is_bye(faction: Faction | None) -> bool:
    """Nobody: the other side goes through without a match."""
    return bool(faction and BYE in (faction.faction_id, faction.type) and not faction.roster)


def was_started(match: Match) -> bool:
    """Two sides met on a server, so that its maps are or will be known."""
    teams = match.teams or Teams()
    return (
        match.status == FINISHED
        and bool(match.started_at)
        and not is_bye(teams.faction1)
        and not is_bye(teams.faction2)
    )
