"""The map pool of a Counter-Strike 2 tournament: as typed, checked, and as it stands."""

import re

import brackets
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments.plans import Plan

# Valve's active duty group of 2026, which leagues play; an organiser may say otherwise.
ACTIVE_DUTY = (
    "de_ancient",
    "de_anubis",
    "de_dust2",
    "de_inferno",
    "de_mirage",
    "de_nuke",
    "de_overpass",
)

_NAME = re.compile(r"[a-z0-9_]{1,40}")
LONGEST = 300


def pool_of(tournament: Row) -> tuple[str, ...]:
    """The maps that are played; the active duty group where none were chosen."""
    return tuple(tournament["maps"].split()) or ACTIVE_DUTY


def typed_pool(text: str) -> tuple[str, ...]:
    """The maps in what was typed, each once, separated as people separate things."""
    return tuple(dict.fromkeys(text.lower().replace(",", " ").split()))


def wrong_pool(text: str, plan: Plan) -> Message | None:
    """What is wrong with a typed pool (empty is the default), or None."""
    maps = typed_pool(text)
    if any(not _NAME.fullmatch(name) for name in maps) or len(" ".join(maps)) > LONGEST:
        return Message(N_("A map's name is like de_mirage: a-z, 0-9 and _, with spaces between."))
    longest = max((_longest(stage.options) for stage in plan), default=1)
    if maps and len(maps) < longest:
        return Message(
            N_("A best of {n} needs at least {n} maps; these are {count}."),
            n=longest,
            count=len(maps),
        )
    return None


def _longest(options: brackets.Options) -> int:
    """The most games that a match of the stage may take."""
    return max(options.best_of, *options.round_best_of.values(), 0)
