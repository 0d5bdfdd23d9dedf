"""How a provider is doing is said, not seen from times: clocks are set."""

from datetime import UTC, datetime, timedelta

from integrations.health import Health

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_who_failed_last_is_failing_whatever_the_clock_says(redis_client):
    health = Health(redis_client, "opendota", "key", title="OpenDota")
    assert not (await health.condition()).failing
    await health.succeeded(now=NOW)
    await health.failed("no answer", now=NOW - timedelta(hours=2))
    assert (await health.condition()).failing
    await health.succeeded(now=NOW - timedelta(hours=3))
    condition = await health.condition()
    assert not condition.failing
    assert condition.last_error == "no answer"
