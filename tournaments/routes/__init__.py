"""Routes of tournaments, by who uses them."""

from tournaments.routes import (
    captain,
    challenges,
    desk,
    organiser,
    seeding,
    spectator,
    stages,
    teams,
)

HANDLERS = [
    *spectator.HANDLERS,
    *captain.HANDLERS,
    *challenges.HANDLERS,
    *organiser.HANDLERS,
    *seeding.HANDLERS,
    *stages.HANDLERS,
    *teams.HANDLERS,
    *desk.HANDLERS,
]
