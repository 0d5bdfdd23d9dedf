"""What a provider says about one game, in our own words.

Each provider folder translates its answers to these types; nothing past this
file knows a provider's field names.
"""

from datetime import datetime

import msgspec

# Proper names, the same in every language; other sources are translated words.
PROVIDERS = {"opendota": "OpenDota"}


class ReportedSide(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a game as the provider saw it.

    `name` is for people to read only: sides are never attached by name.
    """

    team_id: str | None = None
    steam_ids: tuple[str, ...] = ()
    score: int | None = None
    name: str | None = None


class GameReport(msgspec.Struct, frozen=True, kw_only=True):
    """One finished game (a Dota 2 game, a Counter-Strike 2 map).

    `source` and `external_id` identify it for ever; `started_at` is UTC,
    `duration` is in seconds; `sides` keeps the provider's order and `winner`
    is an index into it, `None` when the provider does not know. `humans`
    counts players who are not bots. `organised` says that the lobby was one
    made for organised play, in a mode a tournament may use; `mode` is the
    provider's own word for people to read.
    """

    source: str
    external_id: str
    game: str
    started_at: datetime
    duration: int
    sides: tuple[ReportedSide, ReportedSide]
    winner: int | None
    humans: int
    organised: bool
    mode: str = ""
    league_id: str | None = None
    url: str | None = None
