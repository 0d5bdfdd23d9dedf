"""The one place that asks what time it is; everything below takes `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment in UTC, to the millisecond (what both databases keep alike)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
