"""Seeds by a published rating, and a published rating replayed."""

import pytest

from brackets.rating import Change, Played, replay
from brackets.seed_orders import Rating, by_rating
from tests.unit.brackets.golden import cases

CASES = [case.values[0] for case in cases("ratings_and_seeding.json")]
LARGEST_ERROR = 0.12
"""In points, against finals that are printed with one decimal; SOURCES.md has it."""


def of(format_: str) -> list:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["format"] == format_]


@pytest.mark.parametrize("case", of("seeding_from_rating"))
def test_seeding(case: dict) -> None:
    ratings = {name: Rating(**line) for name, line in case["ratings"].items()}
    assert by_rating(case["entrants_sorted_by_name"], ratings) == case["expected"]


@pytest.mark.parametrize("case", of("rating_glicko_fixed_rd"))
def test_replay(case: dict) -> None:
    teams = case["teams"]
    # Two rosters can carry one name, so they are known by their place in the list.
    start = {place: team["start"] for place, team in enumerate(teams)}
    final = replay(start, [Change(*e) if len(e) == 2 else Played(*e) for e in case["events"]])
    for place, team in enumerate(teams):
        assert final[place] == pytest.approx(team["final"], abs=LARGEST_ERROR), team["name"]
    best = sorted(final, key=lambda place: -final[place])[:50]
    assert [teams[place]["rank"] for place in best] == list(range(1, 51))
