"""Steam ids as people paste them, turned into SteamID64 text.

Source: Valve's developer wiki, "SteamID". SteamID64 of a person = account id
+ 76561197960265728; kept as text, for it does not fit JavaScript's numbers.
"""

import re

from app.kernel.errors import N_, Message

BASE = 76561197960265728
_STEAM64 = re.compile(r"7656119[0-9]{10}")
_STEAM2 = re.compile(r"STEAM_[0-5]:([01]):([0-9]{1,10})", re.IGNORECASE)
_STEAM3 = re.compile(r"\[U:1:([0-9]{1,10})\]", re.IGNORECASE)
_PROFILE = re.compile(r"(?:https?://)?steamcommunity\.com/profiles/(7656119[0-9]{10})/?")


def parse(text: str) -> str | None:
    """SteamID64, STEAM_0:Y:Z, [U:1:N] or a profile address; None when it is none."""
    text = text.strip()
    if _STEAM64.fullmatch(text):
        return _person(int(text) - BASE)
    if found := _PROFILE.fullmatch(text):
        return _person(int(found[1]) - BASE)
    if found := _STEAM2.fullmatch(text):
        return _person(2 * int(found[2]) + int(found[1]))
    if found := _STEAM3.fullmatch(text):
        return _person(int(found[1]))
    return None


def _person(account_id: int) -> str | None:
    return str(BASE + account_id) if 0 < account_id < 2**32 - 1 else None


def wrong_steam_id(text: str) -> Message | None:
    """What is wrong with what was typed (nothing typed is fine), or None."""
    if not text.strip() or parse(text):
        return None
    return Message(
        N_("This is no Steam id. Use 17 digits like 76561198000000001, or the profile address.")
    )
