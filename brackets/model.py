"""The words of the engine: specs, slots, matches, outcomes.

Entrants are known by seed alone: 1 to N, 1 = best. A match has two slots, 0
and 1; `winner` in an outcome is a slot, in a match view it is a seed.
"""

from typing import Literal

import msgspec

State = Literal["waiting", "ready", "decided", "bye"]
Kind = Literal["played", "walkover", "forfeit", "double_forfeit"]
GrandFinal = Literal["none", "single", "reset", "advantage"]
Rules = Literal["valve-2021", "valve-2022", "valve-2024"]
Removed = Literal["keep", "void"]


class Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a match is worth in a table."""

    win: float = 1.0
    draw: float = 0.5
    loss: float = 0.0
    bye: float = 1.0


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a format is played; each format reads what concerns it.

    `best_of` holds for every match but those of the rounds in `round_best_of`,
    whose keys are "final", "semi_finals" (single elimination), "third_place",
    "decider" (Swiss with limits), or bracket and round: "upper:3". `rounds` and
    `wins`/`losses` end the two kinds of Swiss. `removed` says what becomes of the
    played matches of an entrant who leaves a round robin. `coin` is the stored
    seed of the tie-break "coin".
    """

    third_place: bool = False
    grand_final: GrandFinal = "reset"
    legs: int = 1
    groups: int = 1
    rounds: int | None = None
    wins: int = 3
    losses: int = 3
    rules: Rules = "valve-2024"
    accelerated: bool = False
    points: Points = Points()
    tie_breaks: tuple[str, ...] | None = None
    coin: str = ""
    removed: Removed = "keep"
    best_of: int = 1
    round_best_of: dict[str, int] = {}


class Spec(msgspec.Struct, frozen=True):
    """A stage before anything is played: all there is to know, as plain data."""

    format: str
    entrants: int
    options: Options = Options()


class Outcome(msgspec.Struct, frozen=True):
    """How a match ended.

    `winner` is a slot, or None when nobody won: a draw ("played") or a double
    forfeit. A walkover is won because the opponent did not appear, a forfeit
    because it gave up or was ruled out. `score` is in slot order.
    """

    winner: Literal[0, 1] | None
    kind: Kind = "played"
    score: tuple[int, int] | None = None

    @property
    def drawn(self) -> bool:
        return self.winner is None and self.kind == "played"


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
    and a slot. `head_start` are games each side has before the first one.
    `given` marks an outcome that follows from somebody's removal alone.
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
    head_start: tuple[int, int] = (0, 0)
    given: bool = False

    @property
    def seeds(self) -> tuple[int | None, int | None]:
        return self.slots[0].seed, self.slots[1].seed


Placements = list[tuple[int, list[int]]]
"""First place of each tie group with its seeds, best place first."""
