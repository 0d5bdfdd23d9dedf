"""What monitors, operators and spectators are told when background work does not happen."""

import asyncio
from datetime import timedelta

import pytest

from app import health
from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation import heartbeat, outbox, pulse
from integrations.following import start_following
from integrations.late_sources import PATIENCE, note_answer, note_failure
from integrations.provider import Follow
from integrations.tables import Following
from tests.factories import cup, person
from tests.site import served, until
from tournaments.tables import Tournament

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch):
    monkeypatch.setattr(health, "GOOD_FOR", 0)


async def ready(site):
    answer = await site.stranger().get("/health/ready")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


async def test_it_is_ready_when_relay_and_worker_are_at_work(site):
    async def well():
        return (await ready(site))[0] == 200

    await until(well)
    _, said = await ready(site)
    assert said == {
        "ready": True,
        "draining": False,
        "database": True,
        "redis": True,
        "relay": True,
        "worker": True,
        "oldest_promise": 0,
        "parked": 0,
    }


async def test_a_worker_that_only_lives_is_no_worker(site, monkeypatch):
    """The word runs out when jobs are not run any more."""

    async def well():
        return (await ready(site))[0] == 200

    await until(well)
    monkeypatch.setattr(heartbeat, "beat", lambda *_: asyncio.sleep(0))
    await site.redis.delete(heartbeat._key(heartbeat.WORKER))
    status, said = await ready(site)
    assert (status, said["worker"], said["relay"]) == (503, False, True)
    assert (await site.stranger().get("/health")).text == "ok\n"


async def test_without_a_worker_it_says_what_is_missing(settings):
    async with served(settings, worker=False) as site:
        status, said = await ready(site)
        assert (status, said["worker"], said["relay"], said["database"]) == (
            503,
            False,
            False,
            True,
        )
        operator = await person("operator", organiser=True)
        from app.accounts.tables import Account

        await Account.update({Account.operator: True}).where(Account.id == operator.account)
        shown = (await (await site.signed_in(operator)).get("/integrations")).text
        assert "No worker is at work" in shown
        assert "The relay is not at work" in shown


async def test_it_is_ready_no_more_while_it_drains(site):
    async def well():
        return (await ready(site))[0] == 200

    await until(well)
    site.site.drain()
    status, said = await ready(site)
    assert (status, said["draining"], said["worker"]) == (503, True, True)
    assert (await site.stranger().get("/")).status_code == 200


async def test_services_that_hang_do_not_make_it_hang(site, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setattr(health, "_promises", lambda: asyncio.sleep(60))
    monkeypatch.setattr(heartbeat, "beating", lambda _: asyncio.sleep(60))
    status, said = await asyncio.wait_for(ready(site), 5)
    assert (status, said["database"], said["redis"]) == (503, False, False)


async def test_an_old_promise_is_told_and_a_parked_one_can_be_tried_again(settings):
    async with served(settings, worker=False) as site:
        for role in (heartbeat.WORKER, heartbeat.RELAY):
            await heartbeat.beat(site.redis, role)
        assert (await ready(site))[0] == 200
        old = clock.now() - timedelta(seconds=health.OLDEST_SECONDS + 30)
        await OutboxEntry.insert(OutboxEntry(at=old, kind="matches", payload="{}"))
        status, said = await ready(site)
        assert status == 503
        assert said["oldest_promise"] >= health.OLDEST_SECONDS + 30
        await OutboxEntry.update(
            {OutboxEntry.tries: outbox.TRIES, OutboxEntry.error: "broke"}
        ).where(OutboxEntry.kind == "matches")
        status, said = await ready(site)
        assert (status, said["parked"]) == (200, 1)
        from app.accounts.tables import Account

        who = await person("operator")
        operator = await site.signed_in(who)
        assert (await operator.post("/integrations/promises/retry")).status_code == 403
        await Account.update({Account.operator: True}).where(Account.id == who.account)
        operator = await site.signed_in(who)
        assert "broke" in (await operator.get("/integrations")).text
        assert (await operator.post("/integrations/promises/retry")).status_code == 303
        assert (await OutboxEntry.select().first())["tries"] == 0


async def test_spectators_are_told_when_nobody_fetches_and_when_it_is_over(settings, monkeypatch):
    monkeypatch.setattr(pulse, "ASK_SECONDS", 0.05)
    async with served(settings, worker=False) as site:
        for role in (heartbeat.WORKER, heartbeat.RELAY):
            await heartbeat.beat(site.redis, role)
        made = await cup(site.db, 2)
        path, stranger = f"/tournaments/{made.slug}", site.stranger()
        async with site.listening(f"/live/tournaments/{made.id}"):
            stream = site.site.hub.stream(f"tournament:{made.id}:en", site.site.hub.position)
            await anext(stream)
            await site.redis.delete(heartbeat._key(heartbeat.WORKER))

            async def told():
                return "Results are not being fetched just now" in (await stranger.get(path)).text

            await until(told)
            assert b"event: resync" in await asyncio.wait_for(anext(stream), 5)
            assert "not being fetched" not in (await stranger.get("/about")).text
            for role in (heartbeat.WORKER, heartbeat.RELAY):
                await heartbeat.beat(site.redis, role)

            async def over():
                return not await told()

            await until(over)
            assert b"event: resync" in await asyncio.wait_for(anext(stream), 5)
            await stream.aclose()


async def followed(tournament: int, *providers: str, now) -> None:
    """Its league, as these are asked for it, but not while the test looks."""
    await Following.delete(force=True)
    for provider in providers:
        await start_following(provider, Follow(kind="league", ref="7000"), tournament, now=now)
    await Following.update({Following.next_at: now + timedelta(hours=1)}).where(
        Following.tournament == tournament
    )


async def test_a_source_that_is_silent_for_long_is_told_once_and_taken_back(site):
    made = await cup(site.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)

    async def row():
        return await Following.select().first()

    pages = [f"/tournaments/{made.slug}", f"/matches/{(await made.match('U1.1'))['id']}"]

    async def said():
        texts = [(await site.stranger().get(each)).text for each in pages]
        return ["OpenDota has not answered since" in text for text in texts]

    await note_failure(site.db, await row(), now=now)
    assert await said() == [False, False]
    before = await OutboxEntry.count()
    async with site.listening(f"/live/tournaments/{made.id}") as heard:
        later = now + PATIENCE
        await note_failure(site.db, await row(), now=later)
        promised = await OutboxEntry.count() + before
        await note_failure(site.db, await row(), now=later + timedelta(minutes=1))
        assert await OutboxEntry.count() <= promised

        async def shown():
            return await said() == [True, True]

        await until(shown)

        async def pushed(text="has not answered since"):
            return text in "".join(heard)

        await until(pushed)
        heard.clear()
        await note_answer(site.db, await row(), now=later)

        async def gone():
            return await said() == [False, False]

        await until(gone)
        assert (await row())["failing_since"] is None

    async def done():
        return await OutboxEntry.count() == 0

    await until(done)
    await note_answer(site.db, await row(), now=later)
    assert await done()


async def test_one_silent_source_of_two_is_nobodys_business(site):
    made = await cup(site.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", "steam", now=now)
    row = await Following.select().where(Following.provider == "opendota").first()
    await note_failure(site.db, row, now=now)
    row = await Following.select().where(Following.provider == "opendota").first()
    await note_failure(site.db, row, now=now + PATIENCE)
    from tournaments.pages.late import late_of

    tournament = await Tournament.select().first()
    assert await late_of(tournament) is None
    row = await Following.select().where(Following.provider == "steam").first()
    await note_failure(site.db, row, now=now)
    await Following.update({Following.told: True}).where(Following.provider == "steam")
    found = await late_of(tournament)
    assert found is not None
    assert found.source == "OpenDota"
    assert await late_of({**tournament, "state": "finished"}) is None


async def test_a_clock_that_was_set_back_does_not_hide_a_silence(site):
    made = await cup(site.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await Following.update({Following.failing_since: now + timedelta(hours=2)}).where(
        Following.tournament == made.id
    )
    await note_failure(site.db, await Following.select().first(), now=now)
    assert (await Following.select().first())["failing_since"] == now
