"""The background half, put together: the relay, the polls, the hourly sweep."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from app.accounts.sessions import close_expired
from app.accounts.steam_profile import forget_unused_pictures
from app.kernel import clock
from app.kernel.db.database import Database
from app.kernel.http import outbound
from app.kernel.live import feed
from app.kernel.live.publisher import Publisher
from app.kernel.operation import alerts, heartbeat
from app.kernel.operation.heartbeat import Heart
from app.kernel.operation.jobs import Jobs
from app.kernel.operation.relay import Payload, Relay
from app.kernel.operation.settings import Settings
from app.kernel.operation.supervision import Make, Supervisor, every
from integrations import late_sources, registry
from integrations.base import Connection
from integrations.following import Follower
from integrations.inbox import Inbox
from integrations.matchzy.testing import TestPushes
from integrations.provider import Poller
from integrations.steam.profiles import Profiles
from tournaments.pages.push import Pushes

# Seconds.
ASK_EVERY = 1.0
HOUR = 3_600.0
# Nothing is swept while everything starts.
FIRST_SWEEP_AFTER = 120.0


@asynccontextmanager
async def working(
    settings: Settings, db: Database, redis: Any, background: Supervisor
) -> AsyncIterator[Follower]:
    """Run the worker while the block runs."""
    registry.introduce(settings)
    late_sources.introduce()
    async with outbound.client() as http:
        pollers = registry.pollers(Connection(http, redis, settings, clock.now))
        inbox = Inbox(db)
        follower = Follower(db, pollers, inbox, base=settings.poll_seconds)
        jobs, heart = Jobs(redis), Heart(redis)
        profiles = Profiles(db, http, settings, pollers)

        def relay() -> Awaitable[None]:
            # Made anew for each life: what pages showed is only known while we lead.
            return _relay(redis, follower, inbox, profiles, jobs, heart).run()

        works: dict[str, Make] = {
            "relay": relay,
            "jobs": lambda: jobs.work(
                {
                    "poll": _poll(follower),
                    "profile": _profile(profiles),
                    "beat": heart.of(heartbeat.JOBS),
                }
            ),
            "polls": _asking(redis, follower, pollers, jobs, heart),
            "sweep": every(HOUR, _sweep, first_after=FIRST_SWEEP_AFTER),
            "profiles": every(HOUR, _due_profiles(profiles, jobs), first_after=FIRST_SWEEP_AFTER),
        }
        async with background.keeping(works):
            yield follower


async def _silence_old_alerts(redis: Any, pollers: Mapping[str, Poller]) -> None:
    """A provider that was stopped with an old key is not stopped with a new one."""
    for name, poller in pollers.items():
        if not (await poller.api.health.condition()).stopped:
            await alerts.silence(redis, name)


def _relay(
    redis: Any, follower: Follower, inbox: Inbox, profiles: Profiles, jobs: Jobs, heart: Heart
) -> Relay:
    publisher = Publisher(redis)
    pushes, server_tests = Pushes(publisher), TestPushes(publisher)

    async def started(payloads: list[Payload]) -> None:
        await follower.started(payloads, now=clock.now())

    async def claimed(payloads: list[Payload]) -> None:
        await follower.claimed(payloads, now=clock.now())

    async def delivered(payloads: list[Payload]) -> None:
        await inbox.delivered(payloads, now=clock.now())

    async def reconsider(payloads: list[Payload]) -> None:
        await inbox.reconsider(payloads, now=clock.now())

    async def steam_linked(payloads: list[Payload]) -> None:
        await profiles.asked(payloads, _ask_for_profile(jobs), now=clock.now())

    async def pictures(_: list[Payload]) -> None:
        # Nothing to swap in: pages that were kept with a picture are made anew.
        await publisher.send(feed.LiveMessage(feed.PICTURES, {}))

    return Relay(
        redis,
        {
            "matches": pushes.matches,
            "tournament": pushes.tournament,
            "started": started,
            "claim": claimed,
            "delivered": delivered,
            "reconsider": reconsider,
            "steam_linked": steam_linked,
            "pictures": pictures,
            "server_test": server_tests.pushed,
        },
        # Both show the same pages, each as they are since the one before.
        together=("matches", "tournament"),
        beat=heart.of(heartbeat.RELAY),
    )


def _poll(follower: Follower) -> Any:
    async def poll(following: int) -> None:
        await follower.poll(following, now=clock.now())

    return poll


def _asking(
    redis: Any, follower: Follower, pollers: Mapping[str, Poller], jobs: Jobs, heart: Heart
) -> Make:
    """Every second ask what is due to be polled, once all that is played is followed.

    Every worker does: what is queued already is not queued again. A job of its own proves
    that somebody runs what is queued.
    """

    async def ask_what_is_due() -> None:
        for following in await follower.due(now=clock.now()):
            await jobs.enqueue("poll", following, unique=f"poll:{following}")
        if heart.is_due(heartbeat.POLLS):
            await jobs.enqueue("beat", unique="beat")
            await heart.beat(heartbeat.POLLS)

    async def ask_for_ever() -> None:
        await _silence_old_alerts(redis, pollers)
        await follower.catch_up(now=clock.now())
        await every(ASK_EVERY, ask_what_is_due)()

    return ask_for_ever


def _ask_for_profile(jobs: Jobs) -> Callable[[int], Awaitable[None]]:
    async def enqueue(account: int) -> None:
        await jobs.enqueue("profile", account, unique=f"profile:{account}")

    return enqueue


def _profile(profiles: Profiles) -> Any:
    async def profile(account: int) -> None:
        await profiles.fetch(account, now=clock.now())

    return profile


def _due_profiles(profiles: Profiles, jobs: Jobs) -> Any:
    async def ask_for_profiles() -> None:
        for account in await profiles.due(now=clock.now()):
            await _ask_for_profile(jobs)(account)

    return ask_for_profiles


async def _sweep() -> None:
    """What has expired leaves the database."""
    await close_expired(now=clock.now())
    await forget_unused_pictures(now=clock.now())
