"""Clans, their members and their rosters."""
