"""A plan as a flat graph: which match feeds which slot.

Slots are numbered through: match i has slots 2i and 2i + 1. Plain lists of
integers, because a bracket of thousands must be made in milliseconds.
"""

from brackets.model import Bye, LoserOf, Seed, Source, WinnerOf

UNKNOWN = 0
EMPTY = -1
NOWHERE = -1


class Graph:
    """Matches in play order: a match never feeds an earlier one.

    `first[slot]` is the seed that the draw puts there, EMPTY for a bye, or
    UNKNOWN when a match feeds it.
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
        self._fed_by: dict[int, Source] | None = None

    def __len__(self) -> int:
        return len(self.ids)

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

    def source(self, slot: int) -> Source:
        """Where the slot's entrant comes from."""
        first = self.first[slot]
        if first == EMPTY:
            return Bye()
        return Seed(first) if first else self._feeders()[slot]

    def target(self, slot: int) -> tuple[str, int] | None:
        return None if slot == NOWHERE else (self.ids[slot // 2], slot % 2)

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
