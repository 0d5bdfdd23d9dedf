"""Routes of tournaments, by who uses them."""

from tournaments.routes import captain, desk, organiser, spectator

HANDLERS = [*spectator.HANDLERS, *captain.HANDLERS, *organiser.HANDLERS, *desk.HANDLERS]
