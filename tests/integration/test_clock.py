"""Clocks that are set while we run: what was planned by them is put right by itself."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
import structlog

from app.kernel import clock
from app.kernel.operation.supervision import Supervisor
from integrations.base import Broken, Busy, Delivery
from integrations.following import Follower, start_following
from integrations.inbox import Inbox
from integrations.provider import Follow
from integrations.tables import Following, Subject
from tests.factories import cup, game
from tests.site import until


class Provider:
    """Answers as it is told to, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.error = None

    async def ask(self, follow, known):
        self.asked += 1
        if self.error is not None:
            raise self.error
        return
        yield


@pytest.fixture
async def followed(db, day):
    """A follower with a league and a game at OpenDota."""
    made = await cup(db, 2, league_id="77")
    provider = Provider()
    follower = Follower(db, {"opendota": provider}, Inbox(db), base=60)
    await start_following("opendota", Follow(kind="league", ref="77"), made.id, now=day.now)
    return follower, provider, made


async def turn(follower, day):
    """What one second of the worker brings."""
    for following in await follower.due(now=day.now):
        await follower.poll(following, now=day.now)


@pytest.mark.parametrize("hours", [-2, -1, 1, 30])
async def test_after_a_jump_it_is_asked_at_once_and_then_as_ever(followed, day, hours):
    follower, provider, _ = followed
    await turn(follower, day)
    assert provider.asked == 1
    day.go_on(seconds=1)
    await turn(follower, day)
    assert provider.asked == 1
    day.go_on(hours=hours)
    await turn(follower, day)
    assert provider.asked == 2
    # Not once a second from now on.
    for _ in range(10):
        day.go_on(seconds=1)
        await turn(follower, day)
    assert provider.asked == 2
    day.go_on(seconds=70)
    await turn(follower, day)
    assert provider.asked == 3


async def test_what_was_begun_by_a_clock_that_ran_ahead(followed, day):
    """Never asked yet, and begun in the future: at once, and its patience from now on."""
    follower, provider, made = followed
    await Following.delete(force=True)
    begun = day.now + timedelta(hours=1)
    await start_following("opendota", Follow(kind="game", ref="9"), made.id, now=begun)
    provider.error = Broken("no answer")
    await turn(follower, day)
    assert provider.asked == 1
    row = await Following.select().first()
    assert row["since"] == day.now
    assert day.now < row["next_at"] <= day.now + timedelta(minutes=2)
    await turn(follower, day)
    assert provider.asked == 1


async def test_a_quota_that_is_spent_until_midnight_by_the_old_clock(followed, day):
    follower, provider, _ = followed
    provider.error = Busy("today's calls are spent", day.now + timedelta(hours=9))
    await turn(follower, day)
    provider.error = None
    day.go_on(hours=-2)
    await turn(follower, day)
    assert provider.asked == 2
    assert (await Following.select().first())["last_error"] is None


async def test_the_last_word_is_the_one_that_came_last(db, day):
    """A correction that arrives after the clock was set back is no older than what it mends."""
    made = await cup(db, 2)
    inbox = Inbox(db)
    right = game(1, made.clans[1], made.clans[0])
    wrong = msgspec.structs.replace(right, radiant_win=False)
    for told, hours in ((wrong, 0), (right, -2), (right, 0), (wrong, -1), (right, 1)):
        day.go_on(hours=hours)
        body = msgspec.json.encode(told.as_json())
        delivery = Delivery(subject=str(told.match_id), body=body)
        await inbox.land("opendota", delivery, made.id, polled=True, now=day.now)
        [subject] = await Subject.select(Subject.id)
        await inbox.work(subject["id"], now=day.now)
        [match] = await made.matches()
        assert match["winner"] == (0 if told is wrong else 1)


async def test_a_few_seconds_are_no_jump(followed, day):
    follower, provider, _ = followed
    await turn(follower, day)
    day.go_on(seconds=-10)
    await turn(follower, day)
    assert provider.asked == 1


async def test_our_own_mistake_does_not_ask_a_provider_every_second(followed, day):
    follower, provider, _ = followed
    provider.error = KeyError("a shape nobody has seen")
    await turn(follower, day)
    for _ in range(10):
        day.go_on(seconds=1)
        await turn(follower, day)
    assert provider.asked == 1
    row = await Following.select().first()
    assert row["last_error"] == "our own mistake: KeyError"
    provider.error = None
    day.go_on(seconds=70)
    await turn(follower, day)
    assert (await Following.select().first())["last_error"] is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_jump_is_said_once(day, monkeypatch, database_url):
    monkeypatch.setattr(clock, "WATCH_SECONDS", 0.01)
    real = asyncio.get_running_loop().time
    began, start = real(), day.now

    def now():
        return start + timedelta(seconds=real() - began + day.minute * 60)

    monkeypatch.setattr(clock, "now", now)
    with structlog.testing.capture_logs() as logs:
        async with Supervisor() as background:
            background.keep("clock", clock.watch)
            await asyncio.sleep(0.05)
            assert logs == []
            day.go_on(hours=-2)
            await until(lambda: asyncio.sleep(0, logs), seconds=5)
            await asyncio.sleep(0.05)
    [said] = logs
    assert (said["event"], round(said["by_seconds"])) == ("the clock was set", -7_200)
