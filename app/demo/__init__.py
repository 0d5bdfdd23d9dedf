"""The demo world: invented clans, and cups that are being played."""

from app.demo.director import Director
from app.demo.people import CAPTAIN, ORGANISER, new_password

__all__ = ["CAPTAIN", "ORGANISER", "Director", "new_password"]
