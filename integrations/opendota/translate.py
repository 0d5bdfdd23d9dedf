"""OpenDota's match, in our words. Pure: the same bytes always give the same report.

Field meanings are Valve's: player_slot below 128 is Radiant; lobby_type 1 is
a practice lobby (all league games are) and 2 a tournament one; a bot is a
player whose leaver_status is null. Unknown keys are ignored, and any field
may be missing, null, or a number written as text.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from integrations.base import Delivery, Unusable
from tournaments.reports import GameReport, ReportedSide, Told

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


class _Player(msgspec.Struct):
    player_slot: int | None = None
    account_id: int | None = None
    leaver_status: int | msgspec.UnsetType | None = msgspec.UNSET


class _Team(msgspec.Struct):
    team_id: int | None = None


class _Match(msgspec.Struct):
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
    radiant_team: _Team | None = None
    dire_team: _Team | None = None
    players: list[_Player | None] | None = None


_decoder = msgspec.json.Decoder(_Match, strict=False)


def translate(deliveries: Sequence[Delivery]) -> Told:
    """The game that the latest answer tells of, or `Unusable`."""
    return Told(games=(game_of(deliveries[-1].body),))


def game_of(body: bytes) -> GameReport:
    """The game one answer tells of, or `Unusable`."""
    try:
        match = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unusable(f"not a match: {error}") from None
    if not match.start_time or match.duration is None or match.radiant_win is None:
        raise Unusable("no start, duration or winner")
    players = [each for each in match.players or [] if each and each.player_slot is not None]
    if not players:
        raise Unusable("no players")
    return GameReport(
        source="opendota",
        external_id=str(match.match_id),
        game="dota2",
        started_at=_time(match.start_time),
        duration=match.duration,
        sides=(_radiant(match, players), _dire(match, players)),
        winner=0 if match.radiant_win else 1,
        humans=_humans(match, players),
        organised=match.lobby_type in ORGANISED_LOBBIES and match.game_mode in MODES,
        mode=f"lobby {match.lobby_type}, mode {match.game_mode}",
        competition=str(match.leagueid) if match.leagueid else None,
        url=f"https://www.opendota.com/matches/{match.match_id}",
    )


def _time(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unusable("no such time of start") from None


def _humans(match: _Match, players: list[_Player]) -> int:
    if match.human_players is not None:
        return match.human_players
    return sum(player.leaver_status is not None for player in players)


def _radiant(match: _Match, players: list[_Player]) -> ReportedSide:
    team_id = match.radiant_team_id or (match.radiant_team.team_id if match.radiant_team else None)
    return _side(
        [player for player in players if (player.player_slot or 0) < DIRE_SLOTS],
        team_id,
        match.radiant_score,
        match.radiant_name,
    )


def _dire(match: _Match, players: list[_Player]) -> ReportedSide:
    team_id = match.dire_team_id or (match.dire_team.team_id if match.dire_team else None)
    return _side(
        [player for player in players if (player.player_slot or 0) >= DIRE_SLOTS],
        team_id,
        match.dire_score,
        match.dire_name,
    )


def _side(
    players: list[_Player], team_id: int | None, score: int | None, name: str | None
) -> ReportedSide:
    return ReportedSide(
        team_id=str(team_id) if team_id else None,
        steam_ids=tuple(
            str(STEAM_BASE + player.account_id)
            for player in players
            if player.account_id and 0 < player.account_id < ANONYMOUS
        ),
        score=score,
        name=name,
    )
