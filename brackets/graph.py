"""A plan as a flat graph: which match feeds which slot.

Slots are numbered through: match i has slots 2i and 2i + 1. Plain lists of
integers, because a bracket of thousands must be made in milliseconds.
"""

from collections.abc import Sequence
from copy import copy

from brackets.model import Bye, LoserOf, Options, Seed, Source, WinnerOf

UNKNOWN = 0
EMPTY = -1
NOWHERE = -1


class Graph:
    """Matches in play order: a match never feeds an earlier one.

    `first[slot]` is the seed that the draw puts there, EMPTY for a bye, or
    UNKNOWN when a match feeds it. `tiers` are the matches that somebody leaves
    for good, those of the best places first: the places of an elimination.
    `groups` are the seeds of each group; `group_places` the matches of a GSL
    group with the place of their winner; their loser (unless it plays on) is one
    lower. A `reset` exists only when the match that feeds it was won by slot 1.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.brackets: list[str] = []
        self.rounds: list[int] = []
        self.positions: list[int] = []
        self.best_of: list[int] = []
        self.first: list[int] = []
        self.winner_to: list[int] = []
        self.loser_to: list[int] = []
        self.index: dict[str, int] = {}
        self.tiers: list[list[int]] = []
        self.groups: list[list[int]] = []
        self.group_places: list[list[tuple[int, int]]] = []
        self.reset = NOWHERE
        self.head_start: dict[int, tuple[int, int]] = {}
        self._fed_by: dict[int, Source] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def copy(self) -> "Graph":
        """Another one alike, to be added to and cut without this one."""
        other = copy(self)
        for lane, value in vars(self).items():
            setattr(other, lane, copy(value))
        return other

    def add(self, id_: str, bracket: str, round_: int, position: int, best_of: int) -> int:
        """A match with two open slots; its index."""
        match = len(self.ids)
        self.ids.append(id_)
        self.brackets.append(bracket)
        self.rounds.append(round_)
        self.positions.append(position)
        self.best_of.append(best_of)
        self.first += (UNKNOWN, UNKNOWN)
        self.winner_to.append(NOWHERE)
        self.loser_to.append(NOWHERE)
        self.index[id_] = match
        return match

    def put(self, match: int, a: int, b: int) -> None:
        """Fill both slots by the draw."""
        self.first[2 * match] = a
        self.first[2 * match + 1] = b

    def cut(self, length: int) -> list[str]:
        """Drop the matches from `length` on; their ids."""
        gone = self.ids[length:]
        for lane in (self.ids, self.brackets, self.rounds, self.positions, self.best_of):
            del lane[length:]
        del self.winner_to[length:], self.loser_to[length:], self.first[2 * length :]
        for id_ in gone:
            del self.index[id_]
        return gone

    def source(self, slot: int) -> Source:
        """Where the slot's entrant comes from."""
        first = self.first[slot]
        if first == EMPTY:
            return Bye()
        return Seed(first) if first else self._feeders()[slot]

    def _feeders(self) -> dict[int, Source]:
        if self._fed_by is None:
            winners: dict[int, Source] = {
                slot: WinnerOf(self.ids[match]) for match, slot in enumerate(self.winner_to)
            }
            losers: dict[int, Source] = {
                slot: LoserOf(self.ids[match]) for match, slot in enumerate(self.loser_to)
            }
            self._fed_by = winners | losers
        return self._fed_by


def best_of(options: Options, bracket: str, round_: int, *names: str) -> int:
    """The length of the matches of a round; `names` are what else it is called."""
    for name in (*names, f"{bracket}:{round_}"):
        if name in options.round_best_of:
            return options.round_best_of[name]
    return options.best_of


def paired(slots: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbours two by two."""
    return list(zip(slots[::2], slots[1::2], strict=True))
