"""Spectators are told why no results come, and only while none come."""

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation import heartbeat, pulse
from app.kernel.operation.heartbeat import JOBS, POLLS, RELAY, Heart
from integrations.base import Broken, Busy, NotYet, Refused, Unread
from integrations.following import start_following
from integrations.late_sources import PATIENCE, late, note_answer, note_failure
from integrations.provider import Follow
from integrations.tables import Following
from tests.factories import cup
from tests.site import served, until
from tournaments.pages.late import RESTING, SILENT, STOPPED, UNASKED, UNREAD
from tournaments.tables import Claim, Match, Tournament

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DOWN = Broken("503")


async def beats(site):
    """As if a worker were at work, from now on for a while."""
    heart = Heart(site.redis)
    for role in (RELAY, POLLS, JOBS):
        await heart.beat(role)


@pytest.fixture
async def quiet(settings):
    """A site whose worker is this test: nothing is polled, and nothing pushed."""
    async with served(settings, worker=False) as running:
        await beats(running)
        yield running


async def followed(tournament, *providers, kind="league", claim=None, now):
    """What is asked of these providers for it."""
    for provider in providers:
        await start_following(provider, Follow(kind=kind, ref="7000"), tournament, claim, now=now)


async def row(provider="opendota"):
    return await Following.select().where(Following.provider == provider).first()


async def fails(site, error, *, now, provider="opendota"):
    await note_failure(site.db, await row(provider), error, now=now)


async def told(made, match=None):
    tournament = await Tournament.select().where(Tournament.id == made.id).first()
    found = await late(tournament, match)
    return found and (found.why, found.since)


async def pushes():
    """What was promised to pages since the last time."""
    found = await OutboxEntry.select(OutboxEntry.payload).where(OutboxEntry.kind == "matches")
    await OutboxEntry.delete(force=True)
    return len(found)


# -- nobody works ----------------------------------------------------------


async def test_while_nobody_fetches_every_live_page_says_so_and_then_not(quiet, monkeypatch):
    monkeypatch.setattr(pulse, "ASK_SECONDS", 0.05)
    made = await cup(quiet.db, 2)
    paths = ["/", f"/tournaments/{made.slug}", f"/matches/{(await made.match('U1.1'))['id']}"]

    async def says():
        texts = [(await quiet.stranger().get(path)).text for path in paths]
        return {"Results are not being fetched just now" in text for text in texts}

    assert await says() == {False}
    before = quiet.site.hub.position
    await quiet.redis.delete(heartbeat.KEY)

    async def all_say():
        return await says() == {True}

    await until(all_say)
    # A page made before, whose stream opens only now, has it to fetch, too; once.
    stream = quiet.site.hub.stream(f"tournament:{made.id}:en", before)
    await anext(stream)
    assert b"event: resync" in await anext(stream)
    assert "not being fetched" not in (await quiet.stranger().get("/about")).text
    await beats(quiet)

    async def none_says():
        return await says() == {False}

    await until(none_says)
    assert b"event: resync" in await anext(stream)
    await stream.aclose()
    fresh = quiet.site.hub.stream(f"tournament:{made.id}:en", quiet.site.hub.position)
    await anext(fresh)
    quiet.site.hub.begin(quiet.site.hub._epoch, quiet.site.hub.number)
    assert b"ping" in await anext(fresh)
    await fresh.aclose()


async def test_a_worker_that_is_replaced_is_no_news(quiet, monkeypatch):
    changed = []
    watch = pulse.Pulse(quiet.redis, lambda: changed.append(1))
    for _ in range(pulse.TIMES - 1):
        watch._note(at_work=False)
    watch._note(at_work=True)
    for _ in range(pulse.TIMES - 1):
        watch._note(at_work=False)
    assert changed == []
    for _ in range(5):
        watch._note(at_work=False)
    assert changed == [1]
    for _ in range(5):
        watch._note(at_work=True)
    assert changed == [1, 1]


async def test_what_captains_say_is_seen_also_while_nobody_pushes(quiet, monkeypatch):
    monkeypatch.setattr(pulse, "ASK_SECONDS", 0.05)
    made = await cup(quiet.db, 2)
    path = f"/tournaments/{made.slug}"
    await quiet.redis.delete(heartbeat.KEY)

    async def says():
        return "Results are not being fetched just now" in (await quiet.stranger().get(path)).text

    await until(says)
    await Tournament.update({Tournament.name: "Another"}).where(Tournament.id == made.id)

    async def is_named_anew():
        return "Another" in (await quiet.stranger().get(path)).text

    await until(is_named_anew)


# -- a source does not answer ----------------------------------------------


async def test_a_silence_is_told_once_after_a_while_and_taken_back(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await pushes()
    await fails(quiet, DOWN, now=now)
    await fails(quiet, DOWN, now=now + PATIENCE / 2)
    assert await told(made) is None
    assert await pushes() == 0
    for minute in (2, 3, 4):
        await fails(quiet, DOWN, now=now + timedelta(minutes=minute))
    assert await told(made) == (SILENT, now)
    assert await pushes() == 1
    await note_answer(quiet.db, await row(), now=now)
    await note_answer(quiet.db, await row(), now=now)
    assert await told(made) is None
    assert await pushes() == 1


async def test_a_clear_no_is_an_answer(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await fails(quiet, DOWN, now=now)
    await fails(quiet, NotYet("no"), now=now + PATIENCE)
    await fails(quiet, DOWN, now=now + 2 * PATIENCE)
    assert await told(made) is None


async def test_a_refusal_and_a_long_rest_are_told_at_once(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await fails(quiet, Busy("this second", now + timedelta(seconds=1)), now=now)
    assert (await row())["failing_since"] is None
    await fails(quiet, Busy("today", now + timedelta(hours=3)), now=now)
    assert await told(made) == (RESTING, now)
    await fails(quiet, Refused("401"), now=now)
    assert await told(made) == (STOPPED, now)


async def test_one_that_fails_and_is_given_a_rest_has_still_not_answered(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await fails(quiet, DOWN, now=now)
    await fails(quiet, Busy("a rest", now + timedelta(minutes=10)), now=now)
    assert await told(made) == (SILENT, now)


async def test_our_own_mistake_is_not_laid_at_their_door(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    for late_by in (timedelta(), PATIENCE):
        await fails(quiet, Unread("our own mistake"), now=now + late_by)
    assert await told(made) == (UNREAD, now)
    text = (await quiet.stranger().get(f"/tournaments/{made.slug}")).text
    assert "This site has not been able to read what OpenDota says since" in text
    assert "OpenDota has not answered" not in text


async def test_one_silent_source_of_two_is_nobodys_business(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    from integrations import registry

    registry._askable.add("steam")
    try:
        await followed(made.id, "opendota", "steam", now=now)
        await pushes()
        await fails(quiet, Refused("401"), now=now)
        assert (await told(made), await pushes()) == (None, 0)
        later = now + timedelta(minutes=9)
        await fails(quiet, Refused("401"), now=later, provider="steam")
        assert (await told(made), await pushes()) == ((STOPPED, now), 1)
        await note_answer(quiet.db, await row("steam"), now=later)
        assert (await told(made), await pushes()) == (None, 1)
    finally:
        registry._askable.discard("steam")


async def test_a_source_without_a_key_is_named_where_only_it_could_tell(quiet, monkeypatch):
    monkeypatch.setattr("integrations.registry._askable", set())
    made = await cup(quiet.db, 2, game="cs2")
    await Tournament.update({Tournament.faceit: "hub:x"}).where(Tournament.id == made.id)
    assert await told(made) == (UNASKED, None)
    text = (await quiet.stranger().get(f"/matches/{(await made.match('U1.1'))['id']}")).text
    assert "This site cannot ask FACEIT for now." in text


async def test_a_clock_that_was_set_back_does_not_hide_a_silence(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await fails(quiet, Refused("401"), now=now + timedelta(hours=2))
    await fails(quiet, DOWN, now=now)
    assert (await row())["failing_since"] == now
    await fails(quiet, DOWN, now=now + PATIENCE)
    assert await told(made) == (SILENT, now)


async def test_only_what_is_played_waits(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await fails(quiet, Refused("401"), now=now)
    match = (await made.match("U1.1"))["id"]
    pages = [f"/tournaments/{made.slug}", f"/matches/{match}"]

    async def say():
        return ["has refused to answer" in (await quiet.stranger().get(at)).text for at in pages]

    for state in ("ready", "live", "reported"):
        await Match.update({Match.state: state}).where(Match.id == match)
        quiet.site.pages.forget()
        assert await say() == [True, True]
    await Match.update({Match.state: "disputed"}).where(Match.id == match)
    quiet.site.pages.forget()
    assert await say() == [True, False]
    await Tournament.update({Tournament.state: "cancelled"}).where(Tournament.id == made.id)
    quiet.site.pages.forget()
    assert await say() == [False, False]


async def test_a_match_for_which_a_game_was_named_waits_for_it_too(quiet):
    made = await cup(quiet.db, 4)
    now = clock.now()
    matches = await made.matches()
    claim = (
        await Claim.insert(
            Claim(
                match=matches[0]["id"],
                provider="opendota",
                external_id="7000",
                account=made.clans[0].captain.account,
                state="looking",
                created_at=now,
            )
        ).returning(Claim.id)
    )[0]["id"]
    await followed(made.id, "opendota", kind="game", claim=claim, now=now)
    await pushes()
    await fails(quiet, Refused("401"), now=now)
    assert await told(made, matches[0]["id"]) == (STOPPED, now)
    assert await told(made, matches[1]["id"]) is None
    assert await told(made) is None
    assert await pushes() == 1
    await Claim.update({Claim.state: "taken"}).where(Claim.id == claim)
    assert await told(made, matches[0]["id"]) is None


async def test_what_is_followed_anew_has_no_past(quiet):
    made = await cup(quiet.db, 2, league_id="7000")
    now = clock.now()
    await followed(made.id, "opendota", now=now)
    await fails(quiet, Refused("401"), now=now)
    await Following.update({Following.next_at: None}).where(Following.provider == "opendota")
    assert await told(made) is None
    await followed(made.id, "opendota", now=now)
    assert await told(made) is None


# -- all of it, as it happens ----------------------------------------------


async def test_open_pages_are_told_and_told_again_when_it_is_over(site):
    made = await cup(site.db, 2, league_id="7000")
    match = (await made.match("U1.1"))["id"]
    pages = {"tournaments": made.id, "matches": match}
    addresses = [f"/tournaments/{made.slug}", f"/matches/{match}"]

    async def say():
        return {"has refused to answer" in (await site.stranger().get(at)).text for at in addresses}

    assert await say() == {False}
    async with (
        site.listening(f"/live/tournaments/{pages['tournaments']}") as tournament,
        site.listening(f"/live/matches/{match}") as its_match,
    ):

        async def pushed():
            return all(
                "has refused to answer" in "".join(heard) for heard in (tournament, its_match)
            )

        site.world.fault("unauthorized")
        await until(pushed, seconds=20)
        # Without a card that says nothing new.
        assert "data-match" not in "".join(tournament)
        assert await say() == {True}
        said = len(its_match)
        site.world.heal()
        from tests.integration.test_operator import operator

        who = await operator(site)
        assert (await who.post("/integrations/opendota/resume")).status_code == 303

        async def over():
            return await say() == {False}

        await until(over)
        assert len(its_match) == said + 1
    assert "has refused" not in its_match[-1]
