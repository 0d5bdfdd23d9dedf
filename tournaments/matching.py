"""Which entrants played a reported game: by team id, else by Steam ids, never by name.

The rule is `reference` practice of the providers' users: at least three of
the five are the line-up's, and clearly more than any other line-up's.
"""

from collections.abc import Sequence

import msgspec

from tournaments.reports import ReportedSide

ENOUGH_PLAYERS = 3
CLEAR_MARGIN = 2
FULL_SIDE = 5


class Candidate(msgspec.Struct, frozen=True):
    """An entrant that could have played: its registered team and Steam ids."""

    entrant: int
    team_id: str | None
    steam_ids: frozenset[str]


class Attached(msgspec.Struct, frozen=True):
    """The entrants of the report's sides, in the report's order.

    `by` is team, steam, server (it was set up for this match) or hand (an
    organiser said so); `matched` of `of_players` seen players were theirs.
    """

    entrants: tuple[int, int]
    by: str
    matched: int
    of_players: int


def attach(
    sides: tuple[ReportedSide, ReportedSide], candidates: Sequence[Candidate]
) -> Attached | None:
    """The two entrants, or None when either side cannot be told with certainty."""
    first, second = (_find(side, candidates) for side in sides)
    if first is None or second is None or first[0].entrant == second[0].entrant:
        return None
    by = "team" if "team" in (first[1], second[1]) else "steam"
    return Attached(
        entrants=(first[0].entrant, second[0].entrant),
        by=by,
        matched=sum(
            overlap(side, found[0].steam_ids)
            for side, found in zip(sides, (first, second), strict=True)
        ),
        of_players=max(len(sides[0].steam_ids) + len(sides[1].steam_ids), 2 * FULL_SIDE),
    )


def _find(side: ReportedSide, candidates: Sequence[Candidate]) -> tuple[Candidate, str] | None:
    if side.team_id:
        for candidate in candidates:
            if candidate.team_id == side.team_id:
                return candidate, "team"
    theirs = {each.entrant: overlap(side, each.steam_ids) for each in candidates}
    ranked = sorted(candidates, key=lambda each: theirs[each.entrant], reverse=True)
    if not ranked or theirs[ranked[0].entrant] < ENOUGH_PLAYERS:
        return None
    runner_up = theirs[ranked[1].entrant] if len(ranked) > 1 else 0
    if theirs[ranked[0].entrant] - runner_up < CLEAR_MARGIN:
        return None
    return ranked[0], "steam"


def overlap(side: ReportedSide, steam_ids: frozenset[str]) -> int:
    """How many of the side's players are among these."""
    return len(steam_ids.intersection(side.steam_ids))
