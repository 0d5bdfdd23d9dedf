"""How the providers are doing, read once for the operator's page."""

from datetime import datetime

import msgspec

from app.kernel.db.database import Row
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation.outbox import TRIES, parked
from integrations import registry
from integrations.api import Api
from integrations.base import Connection
from integrations.budget import Left
from integrations.health import Condition
from integrations.provider import Provider
from integrations.tables import Following, Subject

MOST_ROWS = 100


class ProviderView(msgspec.Struct, frozen=True):
    """`state` is off (no key), stopped, resting, failing, well, quiet (never asked) or
    pushed (it comes to us). `late` is how many seconds the oldest overdue poll waits."""

    name: str
    title: str
    icon: str
    state: str
    condition: Condition
    left: list[Left]
    rests_until: datetime | None
    following: int
    late: int
    refused: int
    waiting: int


async def providers(to: Connection, *, now: datetime) -> list[ProviderView]:
    """All of them, in the registry's order."""
    apis = {name: poller.api for name, poller in registry.pollers(to).items()}
    return [
        await _view(provider, apis.get(provider.name), now=now) for provider in registry.PROVIDERS
    ]


async def _view(provider: Provider, api: Api | None, *, now: datetime) -> ProviderView:
    condition = await api.health.condition() if api else Condition()
    rest = await api.budget.rests_until(now=now) if api else None
    due = await Following.select(Following.next_at).where(
        (Following.provider == provider.name) & Following.next_at.is_not_null()
    )
    overdue = [(now - row["next_at"]).total_seconds() for row in due if row["next_at"] < now]
    return ProviderView(
        name=provider.name,
        title=provider.source.title,
        icon=provider.source.icon,
        state=_state(provider, api, condition, rest),
        condition=condition,
        left=await api.budget.left(now=now) if api else [],
        rests_until=rest,
        following=len(due),
        late=int(max(overdue, default=0)),
        refused=await _subjects(provider, "refused"),
        waiting=await _subjects(provider, "waiting"),
    )


def _state(provider: Provider, api: Api | None, condition: Condition, rest: datetime | None) -> str:
    if provider.connect is None:
        return "pushed"
    if api is None:
        return "off"
    if condition.stopped:
        return "stopped"
    if rest:
        return "resting"
    if condition.failing:
        return "failing"
    return "well" if condition.last_success else "quiet"


async def _subjects(provider: Provider, state: str) -> int:
    count = await Subject.count().where(
        (Subject.provider == provider.name) & (Subject.state == state)
    )
    return int(count)


async def polled() -> list[Row]:
    """What is asked for and when next, the soonest first."""
    rows: list[Row] = await (
        Following.select(
            Following.provider,
            Following.kind,
            Following.external_id,
            Following.tries,
            Following.last_at,
            Following.last_error,
            Following.next_at,
            Following.tournament.name.as_alias("tournament"),
            Following.tournament.slug.as_alias("slug"),
        )
        .where(Following.next_at.is_not_null())
        .order_by(Following.next_at)
        .limit(MOST_ROWS)
    )
    return rows


async def outbox(*, now: datetime) -> Row:
    """What transactions promised and is not done yet: how many `waiting`, how many seconds
    the oldest of these is `late`, and those that are `parked` until a person says so."""
    tried = OutboxEntry.tries < TRIES
    oldest = await OutboxEntry.select(OutboxEntry.at).where(tried).order_by(OutboxEntry.id).first()
    return {
        "waiting": await OutboxEntry.count().where(tried),
        "parked": await parked(),
        "late": max(0, int((now - oldest["at"]).total_seconds())) if oldest else 0,
    }
