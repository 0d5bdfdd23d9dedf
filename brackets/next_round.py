"""The next round of a Swiss from nothing but its history."""

from typing import Any

import msgspec

from brackets.errors import BadSpec, require_between
from brackets.model import Points
from brackets.swiss import LARGEST, MOST_ROUNDS, SMALLEST
from brackets.swiss_pairing import pair
from brackets.table import MOST_POINTS, Meeting, check_points, table

MOST_SCORED = MOST_POINTS * MOST_ROUNDS


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """`history` holds rounds of `[a, b, winner or null]`, `byes` one seed or null a round.

    `points` is what matches are worth, or the points of every seed by its number.
    """

    entrants: int
    history: list[list[tuple[int, int, int | None]]] = []
    byes: list[int | None] = []
    points: dict[str, float] = {}


def answer(request: Request) -> dict[str, Any]:
    """Pairs (null when nobody can be paired), bye, rematches and the reason for these."""
    require_between("entrants", request.entrants, 1, LARGEST)
    _check(request)
    seeds = range(1, request.entrants + 1)
    scores = _scores(request)
    order = sorted(seeds, key=lambda seed: (-scores[seed], seed))
    met = {frozenset((a, b)) for round_ in request.history for a, b, _ in round_}
    made = pair(order, scores, met, {seed for seed in request.byes if seed is not None})
    return {
        "pairs": made.pairs if request.entrants >= SMALLEST else None,
        "bye": made.bye,
        "rematches": made.rematches,
        "reason": made.reason,
    }


def _check(request: Request) -> None:
    named = [seed for round_ in request.history for a, b, _ in round_ for seed in (a, b)]
    named += [seed for seed in request.byes if seed is not None]
    for seed in named:
        require_between("a seed", seed, 1, request.entrants)
    for round_ in request.history:
        playing = [seed for a, b, _ in round_ for seed in (a, b)]
        if len(set(playing)) < len(playing):
            raise BadSpec("somebody plays twice in a round")
        if any(winner not in (a, b, None) for a, b, winner in round_):
            raise BadSpec("a match was won by somebody else")


def _scores(request: Request) -> dict[int, float]:
    seeds = range(1, request.entrants + 1)
    if any(key.isdecimal() for key in request.points):
        scores = {seed: request.points.get(str(seed), 0) for seed in seeds}
        for score in scores.values():
            require_between("points", score, -MOST_SCORED, MOST_SCORED)
        return scores
    points = msgspec.convert(request.points, type=Points)
    check_points(points)
    meetings = [Meeting(a, b, winner) for round_ in request.history for a, b, winner in round_]
    meetings += [Meeting(seed, None, seed) for seed in request.byes if seed is not None]
    return {seed: line.points for seed, line in table(seeds, meetings, points).items()}
