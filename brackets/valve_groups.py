"""How a group of equal records is paired by Valve's rulebooks.

- Round 1: valve-2024 pairs the upper half with the lower (1 v 9 of 16), the
  years before folded the list (1 v 16).
- Groups of six, from valve-2022 on: the first row of a fixed table that repeats
  no match (rounds 4 and 5 of a Major).
- Any other group: the best placed takes the lowest it has not met, then the
  next, looking ahead so that the rest can be paired without a repeat.

Where no pairing is free of repeats, the one with the fewest is taken, by the
same order of preference. Source: Valve's Major supplemental rulebooks of 2021,
2022 (September) and 2023 (November).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from brackets.matching import fewest_repeats
from brackets.model import Rules
from brackets.round import Reason
from brackets.seeding import Pairs, fold_pairs, half_pairs

Met = AbstractSet[frozenset[int]]

ROWS = """
16 25 34 | 16 24 35 | 15 26 34 | 15 24 36 | 14 26 35 | 14 25 36 | 16 23 45 | 15 23 46
13 26 45 | 13 25 46 | 14 23 56 | 13 24 56 | 12 36 45 | 12 35 46 | 12 34 56
"""
TABLE = tuple(
    tuple((int(pair[0]) - 1, int(pair[1]) - 1) for pair in row.split())
    for row in ROWS.strip().replace("\n", " | ").split("|")
)
"""Valve's order of all ways to pair six, as places in the group."""


def first_round(seeds: Sequence[int], rules: Rules) -> tuple[Pairs, int | None, list[Reason]]:
    """Pairs by initial seed; the last one rests when the number is odd."""
    bye = seeds[-1] if len(seeds) % 2 else None
    pairs = half_pairs(seeds) if rules == "valve-2024" else fold_pairs(seeds)
    code = "valve_half" if rules == "valve-2024" else "valve_fold"
    return pairs, bye, [Reason(code, {})] * len(pairs)


def pair_group(group: Sequence[int], met: Met, rules: Rules) -> tuple[Pairs, list[Reason]]:
    """Pairs of an even group in its order, the higher placed first, with the reasons."""
    if len(group) == 6 and rules != "valve-2021":
        for number, row in enumerate(TABLE, start=1):
            pairs = [(group[a], group[b]) for a, b in row]
            if not any(frozenset(pair) in met for pair in pairs):
                return pairs, [Reason("valve_table", {"row": number})] * 3
    # Looking ahead costs a matching a step, and groups of hundreds seldom need it.
    return _without_looking(group, met) or _high_low(group, met)


def _without_looking(group: Sequence[int], met: Met) -> tuple[Pairs, list[Reason]] | None:
    """The best placed takes the lowest it has not met, to the end; None where that ends dead."""
    left, pairs, reasons = list(group), Pairs(), list[Reason]()
    while left:
        top = left.pop(0)
        unmet = (place for place in reversed(range(len(left))) if {top, left[place]} not in met)
        if (place := next(unmet, None)) is None:
            return None
        reasons.append(Reason("valve_high_low", {"passed": len(left) - 1 - place}))
        pairs.append((top, left.pop(place)))
    return pairs, reasons


def _high_low(group: Sequence[int], met: Met) -> tuple[Pairs, list[Reason]]:
    allowed = fewest_repeats(group, met)
    left, pairs, reasons = list(group), Pairs(), list[Reason]()
    while left:
        top = left.pop(0)
        place, repeats = _opponent(top, left, met, allowed)
        numbers: dict[str, str | int | float] = {"passed": len(left) - 1 - place}
        pairs.append((top, left.pop(place)))
        allowed -= repeats
        reasons.append(Reason("valve_rematch" if repeats else "valve_high_low", numbers))
    return pairs, reasons


def _opponent(top: int, left: list[int], met: Met, allowed: int) -> tuple[int, int]:
    """The place of the lowest opponent that leaves the rest no more repeats than there must be."""

    def leaves(place: int) -> int:
        """How many repeats there are, at best, when the top meets the one at this place."""
        rest = left[:place] + left[place + 1 :]
        return int({top, left[place]} in met) + fewest_repeats(rest, met)

    place = next(place for place in reversed(range(len(left))) if leaves(place) == allowed)
    return place, int({top, left[place]} in met)
