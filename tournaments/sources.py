"""Who can say how a match ended, and how each is shown.

Providers are introduced by `integrations.registry` when a process starts;
captains and the organiser (as referee) are always there.
"""

from collections.abc import Callable

import msgspec

from app.kernel.errors import N_
from app.kernel.text import templating


class Claiming(msgspec.Struct, frozen=True):
    """How a captain hands in one of a provider's games: `parse` gives the id in what
    was typed (None: there is none in it); the texts are messages."""

    game: str
    parse: Callable[[str], str | None]
    label: str
    hint: str
    wrong: str


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One voice. `title` is a proper name, the same in every language, or a message
    where `translated`. `space` is whose ids its games have: two sources of one
    space speak of the same games. `icon` is one of the sprite's. `about` says in a
    message how it knows a score.
    """

    name: str
    title: str
    icon: str
    about: str = ""
    space: str = ""
    translated: bool = False
    claiming: Claiming | None = None


CAPTAINS = Source(
    name="captains",
    title=N_("Captains"),
    icon="checks",
    about=N_("Captains: both reported the same score"),
    translated=True,
)
REFEREE = Source(
    name="referee",
    title=N_("Referee"),
    icon="whistle",
    about=N_("Referee: decided by the organiser, with a public reason"),
    translated=True,
)
REMOVAL = Source(
    name="removal",
    title=N_("A clan has left"),
    icon="flag",
    about=N_("A clan has left: what it had still to play goes to the opponents"),
    translated=True,
)

_known: dict[str, Source] = {each.name: each for each in (CAPTAINS, REFEREE, REMOVAL)}


def introduce(source: Source) -> None:
    """Make a provider's name and mark known to pages and rules."""
    _known[source.name] = source


def source_of(name: str) -> Source:
    """The source of this name; one nobody has introduced is shown by its name."""
    return _known.get(name) or Source(name=name, title=name, icon="rack")


def space_of(name: str) -> str:
    """Whose ids the games of this source have: its own, where it shares them with nobody."""
    return source_of(name).space or name


def claimable(game: str) -> Source | None:
    """The source whose games captains of this game can hand in here, if any."""
    return next((each for each in _known.values() if _takes(each, game)), None)


def _takes(source: Source, game: str) -> bool:
    return source.claiming is not None and source.claiming.game == game


templating.offer(source_of=source_of)
