"""Every provider there is. A new one is a folder and a line here."""

import msgspec

from app.kernel.db.database import Row
from app.kernel.operation.settings import Settings
from integrations import faceit, matchzy, opendota, steam
from integrations.base import Connection
from integrations.provider import Poller, Provider
from tournaments import sources

PROVIDERS: tuple[Provider, ...] = (
    opendota.PROVIDER,
    steam.PROVIDER,
    faceit.PROVIDER,
    matchzy.PROVIDER,
)

BY_NAME = {provider.name: provider for provider in PROVIDERS}

# The names of those that can be asked, as these settings are.
_askable: set[str] = set()


def introduce(settings: Settings) -> None:
    """Make the providers known to pages; captains name games only where we can ask."""
    for provider in PROVIDERS:
        source = provider.source
        if provider.configured(settings):
            _askable.add(provider.name)
        else:
            _askable.discard(provider.name)
            source = msgspec.structs.replace(source, claiming=None)
        sources.introduce(source)


def can_ask(name: str) -> bool:
    """Whether this process has what it takes to ask this provider."""
    return name in _askable


def asked_for(tournament: Row) -> Provider | None:
    """The provider that should be asked for a tournament, where none of them can be."""
    should = [provider for provider in PROVIDERS if provider.follows(tournament)]
    return should[0] if should and not any(can_ask(each.name) for each in should) else None


def pollers(to: Connection) -> dict[str, Poller]:
    """The pollers of the providers that these settings can ask, by name."""
    return {
        provider.name: provider.connect(to)
        for provider in PROVIDERS
        if provider.connect and provider.configured(to.settings)
    }


def sharing_ids_with(name: str) -> list[str]:
    """The providers whose subjects are the same things under the same ids, itself included."""
    space = BY_NAME[name].source.space
    return [each.name for each in PROVIDERS if each.name == name or space == each.source.space]
