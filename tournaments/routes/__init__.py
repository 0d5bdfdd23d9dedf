"""Routes of tournaments, by who uses them."""

from tournaments.routes import captain, desk, organiser, spectator, stages

HANDLERS = [
    *spectator.HANDLERS,
    *captain.HANDLERS,
    *organiser.HANDLERS,
    *stages.HANDLERS,
    *desk.HANDLERS,
]
