"""When to ask again."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.polling import next_for_game, next_for_league

SINCE = datetime(2026, 3, 1, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _polls(base):
    """The moments a game nobody finds is asked for."""
    now, polls = SINCE, []
    while (after := next_for_game(len(polls), SINCE, now=now, base=base)) is not None:
        polls.append(after)
        now = after
    return polls


def test_a_game_is_asked_for_ever_more_rarely_then_given_up():
    polls = _polls(60)
    pauses = [after - before for before, after in zip([SINCE, *polls], polls, strict=False)]
    assert pauses[:6] == [MINUTE * each for each in (1, 2, 5, 10, 20, 60)]
    assert set(pauses[5:]) == {timedelta(hours=1)}
    assert SINCE + timedelta(hours=23) < polls[-1] <= SINCE + timedelta(hours=24)


def test_short_minutes_shorten_everything():
    assert len(_polls(2)) == len(_polls(60))
    assert _polls(2)[-1] - SINCE == (_polls(60)[-1] - SINCE) / 30


@pytest.mark.parametrize(
    ("idle", "minutes"), [(0, 1), (89, 1), (90, 2), (180, 4), (270, 8), (360, 10), (10**6, 10)]
)
def test_a_quiet_league_is_asked_ever_more_rarely(idle, minutes):
    assert next_for_league(idle, now=SINCE, base=60) == SINCE + MINUTE * minutes


def test_jitter_stretches_by_a_tenth_at_most():
    assert next_for_league(0, now=SINCE, base=60, jitter=1) == SINCE + MINUTE * 1.1
    assert next_for_game(0, SINCE, now=SINCE, base=60, jitter=1) == SINCE + MINUTE * 1.1
