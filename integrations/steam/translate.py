"""Steam's match, in our words. Pure: the same bytes always give the same report."""

from collections.abc import Sequence

import msgspec

from integrations import dota2
from integrations.base import Delivery, Unusable
from integrations.steam.answers import NEVER
from tournaments.reports import GameReport, Told


class _Match(dota2.Match, kw_only=True):
    error: str | None = None
    match_id: int = 0


_decoder = msgspec.json.Decoder(_Match, strict=False)


def translate(deliveries: Sequence[Delivery]) -> Told:
    """The game that the latest answer tells of, or `Unusable`."""
    return Told(games=(game_of(dota2.latest(deliveries)),))


def game_of(body: bytes) -> GameReport:
    """The game one match object tells of, or `Unusable`."""
    match = dota2.shaped(_decoder, body)
    if match.error:
        raise Unusable(match.error if match.error in NEVER else "Steam could not say")
    return dota2.game_of(match, source="steam")
