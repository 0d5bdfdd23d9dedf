"""What organisers type to name competitions and teams of providers. Pure.

A FACEIT competition is kept as `championship:ID` or `hub:ID`, a team by its id.
"""

import re

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SITE = r"(?:https?://)?(?:www\.)?faceit\.com/[a-z]{2,3}(?:-[a-z]{2,4})?"
_COMPETITION = re.compile(rf"{_SITE}/(championship|hub)/({_UUID})(?:[/?#].*)?")
_FACEIT_TEAM = re.compile(rf"(?:{_SITE}/teams/)?({_UUID})(?:[/?#].*)?")
_KEPT = re.compile(rf"(?:championship|hub):{_UUID}")
_DOTA_TEAM = re.compile(r"[1-9][0-9]{0,9}")
LONGEST = 300


def faceit_competition(typed: str) -> str | None:
    """The championship or hub in what was typed: its address, or the id of a championship."""
    typed = typed.strip().lower()
    if len(typed) > LONGEST:
        return None
    if found := _COMPETITION.fullmatch(typed):
        return f"{found[1]}:{found[2]}"
    if _KEPT.fullmatch(typed):
        return typed
    return f"championship:{typed}" if re.fullmatch(_UUID, typed) else None


def team(game: str, typed: str) -> str | None:
    """A registered team's id: FACEIT's (or its address) in Counter-Strike 2, Valve's in Dota 2."""
    typed = typed.strip().lower()
    if len(typed) > LONGEST:
        return None
    found = (_FACEIT_TEAM if game == "cs2" else _DOTA_TEAM).fullmatch(typed)
    return found[found.re.groups] if found else None


def address(kept: str | None) -> str:
    """A kept competition as people know it, to be shown in the form again."""
    kind, _, competition = (kept or "").partition(":")
    return f"https://www.faceit.com/en/{kind}/{competition}" if competition else ""
