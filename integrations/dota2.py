"""A Dota 2 match as Valve tells it, in our words: what all who pass it on share.

Field meanings are Valve's: player_slot below 128 is Radiant; lobby_type 1 is
a practice lobby (all league games are) and 2 a tournament one; a bot is a
player whose leaver_status is null. Unknown keys are ignored, and any field
may be missing, null, or a number written as text.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from app.kernel.db.database import Row
from integrations.base import Delivery, Unusable
from integrations.provider import Follow
from tournaments.reports import GameReport, ReportedSide

SPACE = "dota2"
STEAM_BASE = 76561197960265728
ANONYMOUS = 4294967295
DIRE_SLOTS = 128

ORGANISED_LOBBIES = {1: "practice", 2: "tournament"}
# Five against five, drafted or not. Not turbo (23), one against one (11, 21),
# bots, or events.
MODES = {
    1: "all pick",
    2: "captains mode",
    3: "random draft",
    4: "single draft",
    5: "all random",
    8: "reverse captains mode",
    16: "captains draft",
    22: "all pick",
}

# Above these nothing is a number of a match, and no column would hold it.
LARGEST_ID, LARGEST_COUNT = 2**63 - 1, 2**31 - 1

_BEGINNING = datetime.min.replace(tzinfo=UTC)

Shape = TypeVar("Shape")


class Player(msgspec.Struct):
    player_slot: int | None = None
    account_id: int | None = None
    leaver_status: int | msgspec.UnsetType | None = msgspec.UNSET


class Match(msgspec.Struct):
    match_id: int
    start_time: int | None = None
    duration: int | None = None
    radiant_win: bool | None = None
    radiant_score: int | None = None
    dire_score: int | None = None
    lobby_type: int | None = None
    game_mode: int | None = None
    leagueid: int | None = None
    human_players: int | None = None
    radiant_team_id: int | None = None
    dire_team_id: int | None = None
    radiant_name: str | None = None
    dire_name: str | None = None
    players: list[Player | None] | None = None


def league_of(tournament: Row) -> list[Follow]:
    """What to ask for: the league of a Dota 2 tournament that has one."""
    if tournament["game"] == "dota2" and tournament["league_id"]:
        return [Follow(kind="league", ref=tournament["league_id"])]
    return []


def latest(deliveries: Sequence[Delivery]) -> bytes:
    """The bytes that came last, whatever order they are told in: each corrects those before."""
    if not deliveries:
        raise Unusable("nothing was delivered")
    return max(deliveries, key=lambda each: (each.received_at or _BEGINNING, each.body)).body


def shaped(decoder: msgspec.json.Decoder[Shape], body: bytes) -> Shape:
    """The bytes in that shape, or `Unusable`."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"not a match: {error}") from None


def game_of(match: Match, *, source: str, url: str | None = None) -> GameReport:
    """The finished game a match tells of, or `Unusable`."""
    if not match.start_time or match.duration is None or match.radiant_win is None:
        raise Unusable("no start, duration or winner")
    if not (0 < match.match_id <= LARGEST_ID and 0 <= match.duration <= LARGEST_COUNT):
        raise Unusable("no such match")
    players = [each for each in match.players or [] if each and each.player_slot is not None]
    if not players:
        raise Unusable("no players")
    return GameReport(
        source=source,
        external_id=str(match.match_id),
        game="dota2",
        started_at=_time(match.start_time),
        duration=match.duration,
        sides=_sides(match, players),
        winner=0 if match.radiant_win else 1,
        humans=_humans(match, players),
        organised=match.lobby_type in ORGANISED_LOBBIES and match.game_mode in MODES,
        mode=f"lobby {match.lobby_type}, mode {match.game_mode}",
        competition=str(match.leagueid) if match.leagueid else None,
        url=url,
    )


def _time(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unusable("no such time of start") from None


def _humans(match: Match, players: list[Player]) -> int:
    if match.human_players is not None:
        return match.human_players
    return sum(player.leaver_status is not None for player in players)


def _sides(match: Match, players: list[Player]) -> tuple[ReportedSide, ReportedSide]:
    radiant = [each for each in players if (each.player_slot or 0) < DIRE_SLOTS]
    dire = [each for each in players if (each.player_slot or 0) >= DIRE_SLOTS]
    return (
        _side(radiant, match.radiant_team_id, match.radiant_score, match.radiant_name),
        _side(dire, match.dire_team_id, match.dire_score, match.dire_name),
    )


def _side(
    players: list[Player], team_id: int | None, score: int | None, name: str | None
) -> ReportedSide:
    return ReportedSide(
        team_id=str(team_id) if team_id else None,
        steam_ids=tuple(
            str(STEAM_BASE + player.account_id)
            for player in players
            if player.account_id and 0 < player.account_id < ANONYMOUS
        ),
        score=score if score is not None and 0 <= score <= LARGEST_COUNT else None,
        name=name,
    )
