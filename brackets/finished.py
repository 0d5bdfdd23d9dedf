"""A finished stage as `play` answers it, for the independent checker."""

from collections.abc import Iterator

import msgspec

from brackets.model import Options

Violations = Iterator[str]


class PlayedMatch(msgspec.Struct):
    seeds: tuple[int, int]
    winner: int | None
    best_of: int = 1


class PlayedRound(msgspec.Struct):
    bracket: str
    round: int
    matches: list[PlayedMatch]
    byes: list[int] = []


class Row(msgspec.Struct):
    seed: int
    place: int | None
    points: float
    wins: int
    losses: int
    tie_breaks: dict[str, float | str] = {}


class Finished(msgspec.Struct):
    """The spec and the answer of `play`, in one object."""

    format: str
    entrants: int
    rounds: list[PlayedRound]
    placements: list[tuple[int, list[int]]]
    standings: list[Row]
    options: Options = Options()

    @property
    def seeds(self) -> range:
        return range(1, self.entrants + 1)

    @property
    def played(self) -> list[PlayedMatch]:
        return [match for round_ in self.rounds for match in round_.matches]

    def of(self, bracket: str) -> list[PlayedRound]:
        """The rounds of a bracket, in order."""
        found = [round_ for round_ in self.rounds if round_.bracket == bracket]
        return sorted(found, key=lambda round_: round_.round)


def losses(matches: list[PlayedMatch]) -> dict[int, int]:
    """How often each seed has lost in these matches."""
    found: dict[int, int] = {}
    for match in matches:
        for seed in match.seeds:
            if match.winner is not None and seed != match.winner:
                found[seed] = found.get(seed, 0) + 1
    return found
