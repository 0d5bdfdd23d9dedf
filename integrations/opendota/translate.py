"""OpenDota's match, in our words. Pure: the same bytes always give the same report.

It is Valve's (`integrations.dota2`), with teams sometimes in objects of their own.
"""

from collections.abc import Sequence

import msgspec

from integrations import dota2
from integrations.base import Delivery
from tournaments.reports import GameReport, Told


class _Team(msgspec.Struct):
    team_id: int | None = None


class _Match(dota2.Match):
    radiant_team: _Team | None = None
    dire_team: _Team | None = None


_decoder = msgspec.json.Decoder(_Match, strict=False)


def translate(deliveries: Sequence[Delivery]) -> Told:
    """The game that the latest answer tells of, or `Unusable`."""
    return Told(games=(game_of(dota2.latest(deliveries)),))


def game_of(body: bytes) -> GameReport:
    """The game one answer tells of, or `Unusable`."""
    match = dota2.shaped(_decoder, body)
    match.radiant_team_id = match.radiant_team_id or _id_of(match.radiant_team)
    match.dire_team_id = match.dire_team_id or _id_of(match.dire_team)
    url = f"https://www.opendota.com/matches/{match.match_id}"
    return dota2.game_of(match, source="opendota", url=url)


def _id_of(team: _Team | None) -> int | None:
    return team.team_id if team else None
