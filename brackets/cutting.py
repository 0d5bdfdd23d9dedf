"""Who goes on from a stage, and who is tied across the line.

Places of several groups are taken group by group: first all winners, then all
seconds. A tie across the line is reported, never cut in silence.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from brackets.errors import BadSpec
from brackets.stage import Stage


class Tie(NamedTuple):
    """These share a place of a group, and only `places` of them can go on."""

    group: int
    seeds: list[int]
    places: int


class Cut(NamedTuple):
    """Who goes on for sure, as (place, group, seed), and the ties to settle."""

    through: list[tuple[int, int, int]]
    ties: list[Tie]

    def order(self, settled: Mapping[int, Sequence[int]]) -> list[int]:
        """All who go on, best first; `settled` holds the order of each tied group.

        `BadSpec` unless it orders exactly the tied.
        """
        found = list(self.through)
        for tie in self.ties:
            chosen = list(settled.get(tie.group, ()))
            if sorted(chosen) != sorted(tie.seeds):
                raise BadSpec(f"group {tie.group} is not settled")
            # Below everybody of the group who is through for sure.
            place = 1 + max((each[0] for each in found if each[1] == tie.group), default=0)
            found += [
                (place + number, tie.group, seed)
                for number, seed in enumerate(chosen[: tie.places])
            ]
        return [seed for _, _, seed in sorted(found)]


def cut(stage: Stage, advance: int, *, fewer: bool = False) -> Cut:
    """The line below the best `advance`, the same number from every group.

    `BadSpec` when the stage is not over or has fewer to send; with `fewer` a group
    from which too many have left sends all who stay.
    """
    if not stage.complete:
        raise BadSpec("the stage is not over")
    groups = _groups(stage)
    if advance % len(groups):
        raise BadSpec(f"{advance} do not share out among {len(groups)} groups")
    through: list[tuple[int, int, int]] = []
    ties: list[Tie] = []
    for number, tiers in enumerate(groups, start=1):
        room = advance // len(groups)
        for place, seeds in tiers:
            if len(seeds) <= room:
                through += [(place, number, seed) for seed in sorted(seeds)]
            elif room:
                ties.append(Tie(number, sorted(seeds), room))
            room = max(0, room - len(seeds))
        if room and not fewer:
            raise BadSpec(f"group {number} has too few to send on")
    return Cut(through, ties)


def _groups(stage: Stage) -> list[list[tuple[int, list[int]]]]:
    """For each group its places with who has them; an elimination is one group."""
    if not stage.graph.groups:
        return [stage.placements]
    groups: list[dict[int, list[int]]] = [{} for _ in stage.graph.groups]
    for row in stage.standings:
        if row.place is not None:
            groups[row.group - 1].setdefault(row.place, []).append(row.seed)
    return [sorted(group.items()) for group in groups]


def by_seed(tie: Tie) -> list[int]:
    """The better initial seed first."""
    return sorted(tie.seeds)


def by_coin(tie: Tie, coin: str) -> list[int]:
    """SHA-256 of "COIN:SEED", the smaller first: anybody can check it."""
    return sorted(tie.seeds, key=lambda seed: sha256(f"{coin}:{seed}".encode()).hexdigest())
