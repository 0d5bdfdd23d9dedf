"""What a provider is to us.

A provider is a folder with a client (httpx in, raw bytes out) and a pure
translation (bytes in, our own reports out). `PROVIDER` in its package names
both; one line in `integrations.registry` makes it known.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from app.kernel.db.database import Row
from app.kernel.operation.settings import Settings
from integrations.api import Api
from integrations.base import Connection, Delivery
from tournaments.reports import Told
from tournaments.sources import Source

Translate = Callable[[Sequence[Delivery]], Told]
"""Pure, and blind to order: `Unusable` when nothing can be made of it."""

Known = Callable[[Iterable[str]], Awaitable[set[str]]]
"""Of these subjects, those that need no more asking (in the provider's id space)."""


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be asked for again and again.

    `kind` is `game` (one thing somebody waits for, given up after a day) or
    `league` (a competition that brings many); `ref` is the provider's id of it.
    `backfill`: nobody waits, so it leaves the last fifth of the quota alone.
    `since` is when somebody began to look for it (UTC): a competition that lives
    longer than a tournament need not tell what was over before.
    """

    kind: str
    ref: str
    backfill: bool = False
    since: datetime | None = None


class Poller(Protocol):
    """A provider that is asked. One for each worker, with the key's shared budget."""

    api: Api

    def ask(self, follow: Follow, known: Known) -> AsyncIterator[Delivery]:
        """All that is new; raises `ProviderError` where it could not be got."""
        ...


def follows_nothing(_: Row) -> list[Follow]:
    """For providers that only push, or only look up what a captain names."""
    return []


def always(_: Settings) -> bool:
    """For providers that need no key."""
    return True


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider, as `integrations.registry` lists it.

    `parser` is the version of `translate`: raise it with every change of
    meaning, then `baige replay` runs it over what came before. `follows` says
    what to ask for when a tournament (its row) begins. `connect` gives the
    poller; `configured` says whether these settings let us ask at all (is there
    a key?). `pace` stretches the pauses between polls: a fallback asks less often.
    """

    source: Source
    parser: int
    translate: Translate
    follows: Callable[[Row], list[Follow]] = follows_nothing
    connect: Callable[[Connection], Poller] | None = None
    configured: Callable[[Settings], bool] = always
    pace: float = 1.0

    @property
    def name(self) -> str:
        return self.source.name
