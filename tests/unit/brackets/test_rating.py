"""The ladder: Glicko with a fixed deviation."""

import pytest

from brackets.rating import Change, Played, expected, replay, update


def test_equals_move_by_fifteen() -> None:
    assert expected(1200, 1200) == 0.5
    assert update(1200, 1200, 1) == pytest.approx((1215.08, 1184.92), abs=0.01)
    assert update(1200, 1200, 0.5) == (1200, 1200)


def test_four_hundred_ahead_wins_nine_of_ten() -> None:
    assert expected(1600, 1200) == pytest.approx(0.904, abs=0.001)
    assert update(1600, 1200, 1, weight=0) == (1600, 1200)
    half, _ = update(1200, 1200, 1, weight=0.5)
    assert half == pytest.approx(1207.79, abs=0.01)


def test_replay_takes_changes_in_between_and_keeps_the_start() -> None:
    start = {"a": 1200.0, "b": 1200.0}
    events = [Change("a", 100), Played("b", "a", 1, 0.5), Change("b", -3)]
    b, a = update(1200, 1300, 1, 0.5)
    assert replay(start, events) == {"a": a, "b": b - 3}
    assert start == {"a": 1200.0, "b": 1200.0}
    with pytest.raises(KeyError):
        replay(start, [Change("c", 1)])
