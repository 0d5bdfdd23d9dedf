"""A best-of series, game by game."""

import pytest

from tournaments.series import Series, fold_series, is_final_score, needed, winner_of


@pytest.mark.parametrize(("best_of", "wins"), [(1, 1), (2, 2), (3, 2), (5, 3)])
def test_what_wins_a_series(best_of, wins):
    assert needed(best_of) == wins


@pytest.mark.parametrize(
    ("best_of", "winners", "expected"),
    [
        (1, [], Series((0, 0), None, 0, over=False)),
        (1, [0], Series((1, 0), 0, 1, over=True)),
        (1, [1], Series((0, 1), 1, 1, over=True)),
        (1, [None], Series((0, 0), None, 1, over=True, drawn=1)),
        (1, [0, 1], Series((1, 0), 0, 1, over=True)),
        (2, [0], Series((1, 0), None, 1, over=False)),
        (2, [0, 1], Series((1, 1), None, 2, over=True)),
        (2, [1, 1], Series((0, 2), 1, 2, over=True)),
        (3, [0, 1], Series((1, 1), None, 2, over=False)),
        (3, [0, 1, 1], Series((1, 2), 1, 3, over=True)),
        (3, [0, 0, 1], Series((2, 0), 0, 2, over=True)),
        (3, [None, 0], Series((1, 0), None, 2, over=False, drawn=1)),
        (3, [None, 0, 0], Series((2, 0), 0, 3, over=True, drawn=1)),
        (3, [None, 0, 1], Series((1, 1), None, 3, over=True, drawn=1)),
        (3, [None, None, None], Series((0, 0), None, 3, over=True, drawn=3)),
        (5, [0, 0, 1, 1, 0], Series((3, 2), 0, 5, over=True)),
    ],
)
def test_a_series_is_over_when_nobody_can_catch_up(best_of, winners, expected):
    assert fold_series(best_of, winners) == expected


def test_a_head_start_is_games_won_before():
    assert fold_series(3, [], 1) == Series((1, 0), None, 0, over=False)
    assert fold_series(3, [0], 1) == Series((2, 0), 0, 1, over=True)
    assert fold_series(3, [1, 1], 1) == Series((1, 2), 1, 2, over=True)
    assert fold_series(3, [1, None], 1) == Series((1, 1), None, 2, over=True, drawn=1)


@pytest.mark.parametrize(
    ("best_of", "fine"),
    [
        (1, {(1, 0), (0, 1)}),
        (2, {(2, 0), (0, 2), (1, 1)}),
        (3, {(2, 0), (2, 1), (0, 2), (1, 2)}),
        (5, {(3, 0), (3, 1), (3, 2), (0, 3), (1, 3), (2, 3)}),
    ],
)
def test_the_scores_a_series_can_end_with(best_of, fine):
    every = [(a, b) for a in range(7) for b in range(7)]
    assert {score for score in every if is_final_score(best_of, score)} == fine
    drawn = {(0, 0)} if best_of == 1 else set()
    assert {score for score in every if is_final_score(best_of, score, draws=True)} == fine | drawn


def test_with_a_head_start_the_first_side_has_it():
    every = [(a, b) for a in range(4) for b in range(4)]
    fine = {score for score in every if is_final_score(3, score, 1)}
    assert fine == {(2, 0), (2, 1), (1, 2)}


def test_who_has_more_has_won():
    assert [winner_of(score) for score in ((2, 1), (1, 2), (1, 1), (0, 0))] == [0, 1, None, None]
