"""When to ask again. Pure: random jitter and the time come in as arguments.

`base` is the length of a minute in seconds and scales everything, also when
to give up: the demo world's minutes are short. `jitter`, 0 to 1, stretches a
pause by up to a tenth.
"""

from datetime import datetime, timedelta

GAME_STEPS = (1, 2, 5, 10, 20)
HOURLY = 60
GIVE_UP = 24 * 60
# A league nobody plays in is asked ever more rarely, up to this many minutes.
SLOWEST = 10
# Quiet polls before a league seems to pause: a long game takes that many minutes.
PATIENCE = 90


def next_for_game(
    tries: int, since: datetime, *, now: datetime, base: float, jitter: float = 0.0
) -> datetime | None:
    """After 1, 2, 5, 10, 20 minutes, then hourly; None after a day ("needs report")."""
    step = GAME_STEPS[tries] if tries < len(GAME_STEPS) else HOURLY
    next_at = now + _pause(step, base, jitter)
    return next_at if next_at <= since + timedelta(seconds=GIVE_UP * base) else None


def next_for_league(idle: int, *, now: datetime, base: float, jitter: float = 0.0) -> datetime:
    """Every minute while games are being played; after as many quiet polls as a long
    game takes (`idle` counts them) doubled, and so on up to ten minutes."""
    return now + _pause(min(2 ** min(idle // PATIENCE, 8), SLOWEST), base, jitter)


def _pause(minutes: int, base: float, jitter: float) -> timedelta:
    return timedelta(seconds=minutes * base * (1 + jitter / 10))
