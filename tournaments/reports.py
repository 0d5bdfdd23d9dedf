"""What a provider says about a game or a series, in our own words.

Each provider folder translates its answers to these types; nothing past this
file knows a provider's field names.
"""

from datetime import datetime
from typing import Literal

import msgspec

SeriesKind = Literal["played", "walkover", "cancelled"]


class ReportedSide(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a game as the provider saw it.

    `name` is for people to read only: sides are never attached by name.
    `entrant` is our own entrant's id, where we told the provider who plays.
    """

    team_id: str | None = None
    steam_ids: tuple[str, ...] = ()
    score: int | None = None
    name: str | None = None
    entrant: int | None = None


class GameReport(msgspec.Struct, frozen=True, kw_only=True):
    """One finished game (a Dota 2 game, a Counter-Strike 2 map).

    `source` and `external_id` identify it for ever; `series` groups the games
    that one series of a provider is made of (a game server's load; empty where
    the provider knows no series). `started_at` is UTC, `duration` is in seconds
    (0 = not known); `number` is its place in the series from 0, where that is
    known. `sides` keeps the provider's order and `winner` is an index into it,
    `None` for a draw. `humans` counts players who are not bots (None = not
    known). `organised` says that the lobby was one made for organised play, in
    a mode a tournament may use; `mode` is the provider's own word for people to
    read, `label` what the game was played on (a map). `competition` is the
    provider's id of the league it belongs to. `trusted`: where it was played
    was ours to begin with (a server we configured), so that this word alone is
    final. `told_whole`: the same source tells its series whole, so the game is
    for people to read and only the series is weighed.
    """

    source: str
    external_id: str
    game: str
    started_at: datetime
    duration: int
    sides: tuple[ReportedSide, ReportedSide]
    winner: int | None
    humans: int | None = None
    organised: bool = True
    mode: str = ""
    label: str = ""
    series: str = ""
    number: int | None = None
    competition: str | None = None
    url: str | None = None
    trusted: bool = False
    told_whole: bool = False


class SeriesReport(msgspec.Struct, frozen=True, kw_only=True):
    """A whole series that a provider tells at once, as FACEIT does.

    `score` is in games won, in the order of `sides`, and None where only the
    winner is known. `winner` is an index into `sides` (None: a draw, or nobody
    when `kind` is cancelled). A walkover was won because the other side did not
    play. `best_of` is the provider's (0 = not known).
    """

    source: str
    external_id: str
    game: str
    sides: tuple[ReportedSide, ReportedSide]
    winner: int | None
    kind: SeriesKind = "played"
    score: tuple[int, int] | None = None
    best_of: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    competition: str | None = None
    url: str | None = None
    trusted: bool = False


class LiveReport(msgspec.Struct, frozen=True, kw_only=True):
    """The score inside the game being played: rounds or kills, in the order of `sides`.

    `number` is the game's place in the series, from 0. `started_at` is when it
    began (UTC): of two told about one match the later game is the one played.
    """

    source: str
    external_id: str
    sides: tuple[ReportedSide, ReportedSide]
    score: tuple[int, int]
    number: int = 0
    label: str = ""
    started_at: datetime | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What all deliveries about one subject of a provider say together.

    `games` are finished games, `series` a whole series told at once, `live` the
    score inside the game being played. `match` is our own match's id where the
    subject was made for it (a server we configured). All empty: nothing yet.
    """

    games: tuple[GameReport, ...] = ()
    series: SeriesReport | None = None
    live: LiveReport | None = None
    match: int | None = None
