"""FACEIT: Counter-Strike 2 championships and hubs, followed and told by webhook."""

import re

from app.kernel.db.database import Row
from app.kernel.errors import N_
from app.kernel.operation.settings import Settings
from integrations.faceit.client import HUB, Faceit
from integrations.faceit.reading import MATCH_ID, NAME, TITLE
from integrations.faceit.translate import translate
from integrations.provider import Follow, Provider
from tournaments.sources import Claiming, Source

_ROOM = re.compile(rf"(?:https?://)?(?:www\.)?faceit\.com/.*/room/({MATCH_ID.pattern})(?:[/?#].*)?")


def follows(tournament: Row) -> list[Follow]:
    """The championship or hub of a Counter-Strike 2 tournament that has one."""
    kind, _, competition = str(tournament["faceit"] or "").partition(":")
    if tournament["game"] != "cs2" or not competition:
        return []
    return [Follow(kind="league", ref=HUB + competition if kind == "hub" else competition)]


def configured(settings: Settings) -> bool:
    """FACEIT answers nobody without a key."""
    return bool(settings.faceit_key)


def room(typed: str) -> str | None:
    """A FACEIT match id, alone or in its room's address."""
    if len(typed) > 300:
        return None
    typed = typed.lower()
    if found := _ROOM.fullmatch(typed):
        return found[1]
    return typed if MATCH_ID.fullmatch(typed) else None


PROVIDER = Provider(
    source=Source(
        name=NAME,
        title=TITLE,
        icon="plug",
        about=N_("FACEIT: the match was played there, and FACEIT tells its result"),
        space=NAME,
        claiming=Claiming(
            game="cs2",
            parse=room,
            label=N_("FACEIT room"),
            hint=N_("Its address, as your browser shows it, or the match id that is in it."),
            wrong=N_("A room's address is like https://www.faceit.com/en/cs2/room/1-…"),
        ),
    ),
    parser=1,
    translate=translate,
    follows=follows,
    connect=Faceit,
    configured=configured,
)
