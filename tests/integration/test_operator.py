"""The operator sees how every source is doing, hears of a refusal, and asks again."""

import pytest

from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.operation import outbox
from app.kernel.operation.heartbeat import JOBS, POLLS, RELAY, Heart
from integrations.following import start_following
from integrations.provider import Follow
from integrations.tables import Following
from tests.factories import cup, game, person
from tests.site import served, until
from tournaments.tables import Match


async def operator(site):
    viewer = await person("operator")
    await Account.update({Account.operator: True}).where(Account.id == viewer.account)
    return await site.signed_in(viewer)


async def test_a_refusal_stops_the_provider_alerts_and_ends_when_asked_again(site):
    made = await cup(site.db, 2, league_id="77")
    who = await operator(site)
    one, two = made.clans
    site.world.publish(game(1, one, two, league_id=77))
    site.world.fault("unauthorized")

    async def stopped():
        text = (await who.get("/integrations")).text
        return "Stopped" in text and text

    assert "OpenDota refuses us (401)" in await until(stopped)
    # Every page an operator opens says so; nobody else's does.
    assert "OpenDota is stopped" in (await who.get("/desk")).text
    assert "is stopped" not in (await site.stranger().get("/")).text
    calls = site.world.calls.total()
    site.world.heal()
    await who.post("/integrations/opendota/resume")
    assert calls <= 2

    async def decided():
        return await Match.exists().where(Match.state == "decided")

    await until(decided, seconds=40)
    page = (await who.get("/integrations")).text
    assert "OpenDota is stopped" not in page
    assert "Left this minute" in page
    assert "Last success" in page


async def test_only_known_providers_are_resumed(site):
    who = await operator(site)
    assert (await who.post("/integrations/nobody/resume")).status_code == 404


@pytest.fixture
async def quiet(settings):
    """A site whose worker is this test."""
    async with served(settings, worker=False) as running:
        yield running


NOBODY = "No worker is at work"
NO_RELAY = "The relay is not at work"


async def test_an_operator_hears_on_every_page_that_nobody_works(quiet):
    who = await operator(quiet)
    heart = Heart(quiet.redis)
    for page in ("/", "/desk", "/integrations"):
        text = (await who.get(page)).text
        assert NOBODY in text
        assert NO_RELAY in text
    for role in (RELAY, POLLS):
        await heart.beat(role)
    # It asks what is due, and nobody runs it: that is no worker.
    text = (await who.get("/integrations")).text
    assert NOBODY in text
    assert NO_RELAY not in text
    await heart.beat(JOBS)
    assert NOBODY not in (await who.get("/desk")).text
    member = await quiet.signed_in(await person("member"))
    await quiet.redis.flushdb()
    assert NOBODY not in (await member.get("/desk")).text
    assert NOBODY not in (await quiet.stranger().get("/")).text


async def test_what_is_parked_is_tried_again_by_an_operator_alone(quiet):
    who = await operator(quiet)
    parked = {"at": clock.now(), "payload": "{}", "tries": outbox.TRIES}
    await OutboxEntry.insert(
        OutboxEntry(kind="matches", error="<b>broke</b>", **parked),
        OutboxEntry(kind="report", error="odd", **parked),
        OutboxEntry(kind="report", at=clock.now(), payload="{}", tries=1),
    )
    text = (await who.get("/integrations")).text
    assert "2 things failed again and again and wait for you." in text
    assert "&lt;b&gt;broke&lt;/b&gt;" in text
    member = await quiet.signed_in(await person("member"))
    assert (await member.post("/integrations/promises/retry")).status_code == 403
    assert (await quiet.stranger().post("/integrations/promises/retry")).status_code in (303, 403)
    assert len(await outbox.parked()) == 2
    assert (await who.get("/integrations/promises/retry")).status_code in (404, 405)
    # Twice: the second finds nothing, and spoils nothing.
    for _ in range(2):
        assert (await who.post("/integrations/promises/retry")).status_code == 303
    assert await outbox.parked() == []
    assert sorted(row["tries"] for row in await OutboxEntry.select()) == [0, 0, 1]
    audited = await AuditEntry.select().where(AuditEntry.action == "outbox.retried")
    assert len(audited) == 2
    assert "failed again and again" not in (await who.get("/integrations")).text


async def test_who_is_asked_again_is_asked_at_once(quiet):
    made = await cup(quiet.db, 2, league_id="77")
    who, now = await operator(quiet), clock.now()
    await start_following("opendota", Follow(kind="league", ref="77"), made.id, now=now)
    later = now.replace(year=now.year + 1)
    await Following.update({Following.next_at: later}).where(Following.tournament == made.id)
    assert (await who.post("/integrations/opendota/resume")).status_code == 303
    assert (await Following.select().first())["next_at"] < later


async def test_the_page_is_there_also_while_redis_is_not(quiet, monkeypatch):
    who = await operator(quiet)

    async def away(*_, **__):
        raise ConnectionError("away")

    monkeypatch.setattr(quiet.redis, "execute_command", away)
    answer = await who.get("/integrations")
    assert answer.status_code in (200, 503)
    assert answer.headers["content-security-policy"]
