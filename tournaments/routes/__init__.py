"""Routes of tournaments, by who uses them."""

from tournaments.routes import captain, challenges, desk, organiser, seeding, spectator, stages

HANDLERS = [
    *spectator.HANDLERS,
    *captain.HANDLERS,
    *challenges.HANDLERS,
    *organiser.HANDLERS,
    *seeding.HANDLERS,
    *stages.HANDLERS,
    *desk.HANDLERS,
]
