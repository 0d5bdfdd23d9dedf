"""A game server's messages as they come. Lenient: anything may be missing, or text.

MatchZy, its fork MatchZy-Enhanced and Get5 speak one family of shapes. Source:
the event classes of shobhit-pathak/MatchZy 0.8.15 and Get5's event documentation.
"""

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

LARGEST_ID = 2**63 - 1
_NOT_A_WORD = re.compile(r"[^A-Za-z0-9_.-]")


class Head(msgspec.Struct, frozen=True):
    """What every event begins with; enough to tell where it belongs."""

    event: str | None = None
    matchid: int | str | None = None
    map_number: int | None = None
    round_number: int | None = None

    @property
    def load(self) -> int | None:
        """The load it names: an integer, which Get5 writes as text."""
        text = str(self.matchid)
        fits = text.isascii() and text.isdecimal() and len(text) < 20
        return int(text) if fits and int(text) <= LARGEST_ID else None

    @property
    def name(self) -> str:
        """The event's name, in letters any database keeps."""
        return _NOT_A_WORD.sub("", self.event or "")[:32]

    @property
    def part(self) -> str:
        """Tells it apart from the other events of its load."""
        numbers = (
            "" if each is None else str(each) for each in (self.map_number, self.round_number)
        )
        return ":".join([self.name, *numbers])[:60]


class Player(msgspec.Struct, frozen=True):
    """One player; `stats` only tells one telling of a round from another."""

    steamid: str | int | None = None
    stats: Any = None


class Team(msgspec.Struct, frozen=True):
    """One side of a map. Get5 and MatchZy write the same names."""

    score: int | None = None
    players: tuple[Player | None, ...] | None = None

    @property
    def steam_ids(self) -> tuple[str, ...]:
        """Those of people; a bot has none."""
        ids = [str(each.steamid) for each in self.players or () if each]
        return tuple(dict.fromkeys(id_ for id_ in ids if len(id_) == 17 and id_.isdecimal()))


class Event(msgspec.Struct, frozen=True):
    """What we read of an event. `winner` is left out on purpose: its side is often
    wrong, and its team is the leader, or team 2 where a map was drawn."""

    event: str
    map_number: int | None = None
    round_number: int | None = None
    map_name: str | None = None
    team1: Team | None = None
    team2: Team | None = None

    @property
    def score(self) -> tuple[int, int] | None:
        """Rounds won by team 1 and team 2, where they make sense."""
        if self.team1 is None or self.team2 is None:
            return None
        a, b = self.team1.score, self.team2.score
        known = a is not None and b is not None and 0 <= a < 1_000 and 0 <= b < 1_000
        return (a, b) if known else None  # type: ignore[return-value]


class Heard(msgspec.Struct, frozen=True):
    """An event, and when it arrived (it says itself neither when nor in which order)."""

    at: datetime
    event: Event


class Load(msgspec.Struct, frozen=True):
    """Our own first word about a load: what the server was told to let play.

    In a test there is no match. The secret is not part of it.
    """

    match: int | None
    entrants: tuple[int, int] | None
    best_of: int
    maps: tuple[str, ...]
    loaded_at: datetime


LOAD = "load"
"""The part of the delivery that holds a `Load`."""

_heads = msgspec.json.Decoder(Head, strict=False)
_events = msgspec.json.Decoder(Event, strict=False)
_loads = msgspec.json.Decoder(Load)


def head_of(body: bytes) -> Head | None:
    """How an event begins; None where it is not one."""
    return _decoded(_heads, body)


def event_of(body: bytes) -> Event | None:
    """The event; None for what has another shape, which is no concern of ours."""
    return _decoded(_events, body)


def load_of(body: bytes) -> Load | None:
    return _decoded(_loads, body)


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError):
        # msgspec's errors are ValueErrors.
        return None
