"""How a call to a provider can fail, and what it delivers."""

from collections.abc import Callable
from datetime import datetime

import httpx
import msgspec
import redis.asyncio

from app.kernel.operation.settings import Settings


class ProviderError(Exception):
    """A call that gave no answer. The text names no key and no full address."""


class NotYet(ProviderError):
    """The provider does not have it, now. Its age decides what that means."""


class Busy(ProviderError):
    """A quota is used up or the provider is given a rest, until `until` (UTC)."""

    def __init__(self, why: str, until: datetime) -> None:
        self.until = until
        super().__init__(why)


class Broken(ProviderError):
    """No usable answer: time-out, 5xx, cut off, too large, HTML instead of JSON."""


class Unread(Broken):
    """It answered, and we stumbled over it: our own mistake."""


class Refused(ProviderError):
    """The provider will not serve us (401, 403, bad key): stop and tell the operator."""


class Unusable(Exception):
    """What was delivered is no account of anything; `reason` says what it lacks."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Connection(msgspec.Struct, frozen=True):
    """What a provider's client is made from; `clock` says what time it is."""

    http: httpx.AsyncClient
    redis: redis.asyncio.Redis
    settings: Settings
    clock: Callable[[], datetime]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a provider, as it came.

    `subject` is what it is about, by the provider's own id: a Dota 2 match, a
    FACEIT match, one load of a game server. All deliveries about a subject are
    translated together. `part` tells messages about one subject apart (an event
    and its round, "stats"); the same part with other bytes corrects itself.
    `unfinished`: more is to come about the subject, so ask for it by itself (as a
    game) until that is there.
    """

    subject: str
    body: bytes
    part: str = ""
    unfinished: bool = False
    received_at: datetime | None = None
