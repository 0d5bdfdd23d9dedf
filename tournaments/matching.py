"""Which entrants played a reported game: by team id, else by Steam ids, never by name.

The rule is `reference` practice of the providers' users: at least three of
the five are the line-up's, and clearly more than any other line-up's.
"""

from collections.abc import Sequence

import msgspec

from tournaments.reports import GameReport, ReportedSide

ENOUGH_PLAYERS = 3
CLEAR_MARGIN = 2


class Candidate(msgspec.Struct, frozen=True):
    """An entrant that could have played: its registered team and Steam ids."""

    entrant: int
    team_id: str | None
    steam_ids: frozenset[str]


class Attached(msgspec.Struct, frozen=True):
    """The entrants of the report's sides, in the report's order.

    `by` is team or steam; `matched` of `of_players` seen players were theirs.
    """

    entrants: tuple[int, int]
    by: str
    matched: int
    of_players: int


def attach(report: GameReport, candidates: Sequence[Candidate]) -> Attached | None:
    """The two entrants, or None when either side cannot be told with certainty."""
    first = _find(report.sides[0], candidates)
    second = _find(report.sides[1], candidates)
    if first is None or second is None or first[0].entrant == second[0].entrant:
        return None
    by = "team" if "team" in (first[1], second[1]) else "steam"
    return Attached(
        entrants=(first[0].entrant, second[0].entrant),
        by=by,
        matched=_overlap(report.sides[0], first[0]) + _overlap(report.sides[1], second[0]),
        of_players=max(report.humans, 1),
    )


def _find(side: ReportedSide, candidates: Sequence[Candidate]) -> tuple[Candidate, str] | None:
    if side.team_id:
        for candidate in candidates:
            if candidate.team_id == side.team_id:
                return candidate, "team"
    ranked = sorted(candidates, key=lambda each: _overlap(side, each), reverse=True)
    if not ranked or _overlap(side, ranked[0]) < ENOUGH_PLAYERS:
        return None
    if len(ranked) > 1 and _overlap(side, ranked[0]) - _overlap(side, ranked[1]) < CLEAR_MARGIN:
        return None
    return ranked[0], "steam"


def _overlap(side: ReportedSide, candidate: Candidate) -> int:
    return len(candidate.steam_ids.intersection(side.steam_ids))
