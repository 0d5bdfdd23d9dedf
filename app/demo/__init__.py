"""The demo world: invented clans, and cups that are being played."""

from app.demo.director import Director
from app.demo.entering import enter, forget, make, play
from app.demo.people import CAPTAIN, ORGANISER

__all__ = ["CAPTAIN", "ORGANISER", "Director", "enter", "forget", "make", "play"]
