"""Steam's Web API: the games of a league when OpenDota is down or misses some; profiles.

It finds no match by its id, so captains cannot name games for it.
"""

from app.kernel.errors import N_
from app.kernel.operation.settings import Settings
from integrations.dota2 import SPACE, league_of
from integrations.provider import Provider
from integrations.steam.client import NAME, TITLE, Steam
from integrations.steam.translate import translate
from tournaments.sources import Source


def has_key(settings: Settings) -> bool:
    return bool(settings.steam_key)


PROVIDER = Provider(
    source=Source(
        name=NAME,
        title=TITLE,
        icon="database",
        about=N_("Steam: Valve's own record of the game, matched by the players' Steam ids"),
        space=SPACE,
    ),
    parser=1,
    translate=translate,
    follows=league_of,
    connect=Steam,
    configured=has_key,
    pace=5.0,
)
