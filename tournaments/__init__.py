"""Tournaments: stages, matches, results and the day of play."""
