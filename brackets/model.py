"""The words of the engine: specs, slots, matches, outcomes.

Entrants are known by seed alone: 1 to N, 1 = best. A match has two slots, 0
and 1; `winner` in an outcome is a slot, in a match view it is a seed.
"""

from typing import Literal

import msgspec

State = Literal["waiting", "ready", "decided", "bye"]
Kind = Literal["played", "walkover", "forfeit", "double_forfeit"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a format is played.

    `best_of` holds for every match but those of the rounds in `round_best_of`,
    whose keys are "final", "third_place", or bracket and round: "upper:3".
    """

    third_place: bool = False
    best_of: int = 1
    round_best_of: dict[str, int] = {}


class Spec(msgspec.Struct, frozen=True):
    """A stage before anything is played: all there is to know, as plain data."""

    format: str
    entrants: int
    options: Options = Options()


class Outcome(msgspec.Struct, frozen=True):
    """How a match ended.

    `winner` is a slot, or None when nobody goes on (a double forfeit). A
    walkover is won because the opponent did not appear, a forfeit because it
    gave up or was ruled out. `score` is in slot order, in games.
    """

    winner: Literal[0, 1] | None
    kind: Kind = "played"
    score: tuple[int, int] | None = None


class Seed(msgspec.Struct, frozen=True):
    """The slot is filled by the draw."""

    seed: int


class WinnerOf(msgspec.Struct, frozen=True):
    match: str


class LoserOf(msgspec.Struct, frozen=True):
    match: str


class Bye(msgspec.Struct, frozen=True):
    """There is no opponent."""


Source = Seed | WinnerOf | LoserOf | Bye


class Slot(msgspec.Struct, frozen=True):
    """One side: who is in it (None = not known), where from, or that nobody will come."""

    seed: int | None
    source: Source
    empty: bool


class Match(msgspec.Struct, frozen=True):
    """A match as it stands.

    `number` runs over the matches that are really played, in play order (what
    people call M12); a match that the draw already decides has 0. `position`
    counts from 1 within the round. `winner_to` and `loser_to` are a match id
    and a slot.
    """

    id: str
    bracket: str
    round: int
    position: int
    number: int
    best_of: int
    slots: tuple[Slot, Slot]
    state: State
    outcome: Outcome | None
    winner: int | None
    loser: int | None
    winner_to: tuple[str, int] | None
    loser_to: tuple[str, int] | None
