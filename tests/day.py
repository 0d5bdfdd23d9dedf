"""A day that only the test moves on."""

from datetime import UTC, datetime, timedelta


class Day:
    """A clock of the test's; everything in the house asks it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **by: float) -> None:
        self.now += timedelta(**by)

    @property
    def minute(self) -> int:
        return int((self.now - datetime(2026, 3, 1, tzinfo=UTC)).total_seconds() // 60)
