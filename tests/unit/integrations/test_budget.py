"""A budget shared by workers, and the breaker that goes with it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from integrations.base import Busy
from integrations.budget import (
    DAY,
    FAILURES_TO_OPEN,
    FIRST_REST,
    LONGEST_REST,
    MINUTE,
    SECOND,
    TRIAL,
    Budget,
    Quota,
)

NOW = datetime(2026, 3, 1, 23, 58, 30, tzinfo=UTC)


@pytest.fixture
def bucket(redis_client):
    return Budget(redis_client, "opendota", "key", Quota(minute=5, day=8))


async def _spend(budget, times, now=NOW):
    """How many of so many calls were allowed."""
    answers = await asyncio.gather(
        *(budget.spend(now=now) for _ in range(times)), return_exceptions=True
    )
    assert all(answer is None or isinstance(answer, Busy) for answer in answers)
    return sum(answer is None for answer in answers)


async def _busy_until(budget, now=NOW):
    with pytest.raises(Busy) as caught:
        await budget.spend(now=now)
    return caught.value.until


async def test_a_minute_and_then_a_day_run_out(bucket):
    assert await _spend(bucket, 7) == 5
    assert await _busy_until(bucket) == NOW.replace(minute=59, second=0)
    later = NOW + timedelta(minutes=1)
    assert await _spend(bucket, 7, later) == 3
    assert await _busy_until(bucket, later) == datetime(2026, 3, 2, tzinfo=UTC)
    assert await _spend(bucket, 7, datetime(2026, 3, 2, tzinfo=UTC)) == 5


async def test_two_workers_share_one_key_and_not_another(redis_client, bucket):
    same = Budget(redis_client, "opendota", "key", Quota(minute=5, day=8))
    other = Budget(redis_client, "opendota", "another", Quota(minute=5, day=8))
    counts = await asyncio.gather(_spend(bucket, 10), _spend(same, 10))
    assert sum(counts) == 5
    assert await _spend(other, 10) == 5


async def test_no_key_is_stored(redis_client):
    bucket = Budget(redis_client, "opendota", "planted-secret", Quota(minute=5, day=8))
    await bucket.spend(now=NOW)
    await bucket.failed(now=NOW)
    assert not [key for key in await redis_client.keys() if b"planted" in key]


async def test_less_is_believed_and_more_is_not(bucket):
    await bucket.believe({MINUTE: 2, DAY: None}, now=NOW)
    await bucket.believe({MINUTE: 4}, now=NOW)
    assert await _spend(bucket, 5) == 2


async def test_a_count_below_nothing_is_nothing(bucket):
    await bucket.believe({MINUTE: -1, DAY: 7}, now=NOW)
    assert await _spend(bucket, 5) == 0


async def test_an_unlimited_day_can_still_be_exhausted(redis_client):
    bucket = Budget(redis_client, "opendota", "key", Quota(minute=5, day=0))
    await bucket.believe({DAY: 3}, now=NOW)
    assert await _spend(bucket, 9) == 5
    await bucket.exhaust(DAY, now=NOW)
    later = NOW + timedelta(minutes=1)
    assert await _busy_until(bucket, later) == datetime(2026, 3, 2, tzinfo=UTC)


async def _open(budget, now=NOW):
    for _ in range(FAILURES_TO_OPEN):
        await budget.failed(now=now)


async def test_a_success_in_between_keeps_the_breaker_closed(bucket):
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            await bucket.failed(now=NOW)
        await bucket.succeeded(now=NOW)
    await bucket.spend(now=NOW)


async def test_failures_under_way_when_it_opens_do_not_lengthen_the_rest(bucket):
    await _open(bucket)
    await bucket.failed(now=NOW)
    await bucket.failed(now=NOW)
    assert await _busy_until(bucket) == NOW + FIRST_REST


async def test_after_a_rest_only_one_may_try(bucket):
    await _open(bucket)
    after = NOW + FIRST_REST
    assert await _spend(bucket, 3, after) == 1
    assert await _busy_until(bucket, after) == after + TRIAL
    await bucket.succeeded(now=after)
    assert await _spend(bucket, 2, after) == 2


async def test_a_trial_nobody_finished_makes_way_for_another(bucket):
    await _open(bucket)
    after = NOW + FIRST_REST
    assert await _spend(bucket, 1, after) == 1
    assert await _spend(bucket, 3, after + TRIAL) == 1


async def test_each_failed_trial_doubles_the_rest_up_to_a_limit(redis_client):
    bucket = Budget(redis_client, "opendota", "key", Quota(minute=0, day=0))
    await _open(bucket)
    now, rests = NOW, []
    for _ in range(60):
        until = await _busy_until(bucket, now)
        rests.append(until - now)
        now = until
        await bucket.spend(now=now)
        await bucket.failed(now=now)
    assert rests[:4] == [FIRST_REST, FIRST_REST * 2, FIRST_REST * 4, FIRST_REST * 8]
    assert set(rests[5:]) == {LONGEST_REST}


async def test_a_second_runs_out_and_begins_anew(redis_client):
    bucket = Budget(redis_client, "faceit", "key", Quota(second=3))
    assert await _spend(bucket, 5) == 3
    assert await _busy_until(bucket) == NOW + timedelta(seconds=1)
    assert await _spend(bucket, 5, NOW + timedelta(seconds=1)) == 3
    assert [tuple(each) for each in await bucket.left(now=NOW)] == [(SECOND, 0, 3)]


async def test_five_seconds_run_out_and_begin_anew(redis_client):
    bucket = Budget(redis_client, "steam", "key", Quota(five_seconds=1))
    assert await _spend(bucket, 3) == 1
    assert await _busy_until(bucket, NOW + timedelta(seconds=4)) == NOW + timedelta(seconds=5)
    assert await _spend(bucket, 3, NOW + timedelta(seconds=5)) == 1


async def test_backfill_leaves_a_share_for_those_who_wait(redis_client):
    bucket = Budget(redis_client, "opendota", "key", Quota(minute=10))
    for _ in range(8):
        await bucket.spend(now=NOW, backfill=True)
    with pytest.raises(Busy):
        await bucket.spend(now=NOW, backfill=True)
    assert await _spend(bucket, 5) == 2


async def test_a_provider_that_asks_for_a_pause_gets_it(bucket):
    until = NOW + timedelta(seconds=90)
    await bucket.rest(until, now=NOW)
    await bucket.rest(NOW + timedelta(seconds=5), now=NOW)
    await bucket.succeeded(now=NOW)
    assert await _busy_until(bucket) == until
    assert await bucket.rests_until(now=NOW) == until
    assert await _spend(bucket, 5, until) == 1
    assert await bucket.rests_until(now=until + TRIAL) is None


# -- clocks that are set back -------------------------------------------------

EARLIER = NOW - timedelta(hours=2)


async def test_a_rest_is_as_long_as_it_was_to_be_also_when_the_clock_is_set_back(bucket):
    for _ in range(FAILURES_TO_OPEN):
        await bucket.failed(now=NOW)
    assert await bucket.rests_until(now=EARLIER) == EARLIER + FIRST_REST
    assert await _busy_until(bucket, EARLIER + timedelta(seconds=1)) == EARLIER + FIRST_REST
    # Then one may try, and who succeeds ends it.
    assert await _spend(bucket, 3, EARLIER + FIRST_REST) == 1
    await bucket.succeeded(now=EARLIER + FIRST_REST)
    assert await _spend(bucket, 2, EARLIER + FIRST_REST) == 2


@pytest.mark.parametrize("length", [timedelta(minutes=5), timedelta(hours=20)])
async def test_a_pause_the_provider_asked_for_as_well(bucket, length):
    await bucket.rest(NOW + length, now=NOW)
    assert await _busy_until(bucket, EARLIER) == EARLIER + length
    # It does not begin again whenever somebody asks.
    assert await _busy_until(bucket, EARLIER + timedelta(minutes=1)) == EARLIER + length


async def test_a_trial_that_was_under_way_bars_nobody_for_hours(bucket):
    for _ in range(FAILURES_TO_OPEN):
        await bucket.failed(now=NOW)
    assert await _spend(bucket, 1, NOW + FIRST_REST) == 1
    assert await _busy_until(bucket, EARLIER) == EARLIER + TRIAL
    assert await _spend(bucket, 1, EARLIER + TRIAL) == 1


async def test_workers_whose_clocks_differ_a_little_keep_one_rest(bucket):
    await bucket.rest(NOW + timedelta(minutes=5), now=NOW)
    slow = NOW - timedelta(seconds=10)
    assert await _busy_until(bucket, slow) == NOW + timedelta(minutes=5)
