"""A ladder: Glicko with one deviation for everybody, which never changes.

So a rating is one number, and a match moves both sides by the same points in
opposite directions: 15 between equals. Who is 400 points ahead wins about nine
of ten.

Sources: M. Glickman, "The Glicko system" (1995), for the formulas; Valve's
Regional Standings for the fixed deviation and the weights. A list that Valve
published is replayed in the tests.
"""

from collections.abc import Hashable, Iterable, Mapping
from math import log, pi, sqrt
from typing import Generic, NamedTuple, TypeVar

Entrant = TypeVar("Entrant", bound=Hashable)

DEVIATION = 75.0
"""In points, as all that follows."""

SCALE = 400.0
"""Points that make the odds ten times better, if both ratings were certain."""

Q = log(10) / SCALE
G = 1 / sqrt(1 + 3 * (Q * DEVIATION / pi) ** 2)
"""Glickman's g(RD): what is left of a difference when the opponent's rating is uncertain."""


class Played(NamedTuple, Generic[Entrant]):
    """A match as `update` takes it."""

    a: Entrant
    b: Entrant
    score: float
    weight: float = 1.0


class Change(NamedTuple, Generic[Entrant]):
    """Points somebody got or lost for something else, such as a match against a stranger."""

    entrant: Entrant
    points: float


def expected(a: float, b: float) -> float:
    """The score to expect of `a` against `b`: 0 to 1, and 0.5 between equals."""
    return float(1 / (1 + 10 ** (G * (b - a) / SCALE)))


def update(a: float, b: float, score: float, weight: float = 1.0) -> tuple[float, float]:
    """Both ratings after a match in which `a` scored 1 (won), 0.5 or 0.

    The weight, 0 to 1, tells how much the match counts; Valve lets it fall with
    age. It multiplies g, in the surprise and in the information alike.
    """
    chance = expected(a, b)
    impact = weight * G * Q
    information = 1 / DEVIATION**2 + impact**2 * chance * (1 - chance)
    points = impact / information * (score - chance)
    return a + points, b - points


def replay(
    start: Mapping[Entrant, float], events: Iterable[Played[Entrant] | Change[Entrant]]
) -> dict[Entrant, float]:
    """The ratings after these events, given in the order of time.

    `KeyError` for somebody without a rating to start from.
    """
    now = dict(start)
    for event in events:
        if isinstance(event, Change):
            now[event.entrant] += event.points
        else:
            a, b, score, weight = event
            now[a], now[b] = update(now[a], now[b], score, weight)
    return now
