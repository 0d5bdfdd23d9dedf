"""Routes of tournaments, by who uses them."""

from tournaments.routes import captain, desk, organiser, spectator, stages, teams

HANDLERS = [
    *spectator.HANDLERS,
    *captain.HANDLERS,
    *organiser.HANDLERS,
    *stages.HANDLERS,
    *teams.HANDLERS,
    *desk.HANDLERS,
]
