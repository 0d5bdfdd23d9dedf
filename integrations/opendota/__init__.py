"""OpenDota: finished Dota 2 games by id, and the games of a league."""

from app.kernel.errors import N_
from integrations.dota2 import SPACE, league_of
from integrations.opendota.client import NAME, TITLE, OpenDota
from integrations.opendota.translate import translate
from integrations.provider import Provider
from tournaments.sources import Claiming, Source


def match_id(typed: str) -> str | None:
    """A Dota 2 match id, as the game shows it."""
    fits = typed.isascii() and typed.isdecimal() and 8 <= len(typed) <= 19
    return typed if fits else None


PROVIDER = Provider(
    source=Source(
        name=NAME,
        title=TITLE,
        icon="database",
        about=N_("OpenDota: matched automatically by the players' Steam ids"),
        space=SPACE,
        claiming=Claiming(
            game="dota2",
            parse=match_id,
            label=N_("Dota 2 match id"),
            hint=N_("Found in the game after the match. Only games of a league ticket are public."),
            wrong=N_("A Dota 2 match id is a number like 7490235544."),
        ),
    ),
    parser=2,
    translate=translate,
    follows=league_of,
    connect=OpenDota,
)
