"""Anybody does anything, in any order: every answer is a page, and the truth stays whole."""
