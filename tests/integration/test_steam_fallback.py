"""Steam stands in for OpenDota: what is down, what arrives, and nothing twice."""

from datetime import timedelta

import msgspec
import pytest

from app.kernel import clock
from integrations.base import Broken, Busy, Refused
from integrations.following import Follower
from integrations.inbox import Inbox
from integrations.provider import Follow
from integrations.standins.serving import serve
from integrations.standins.steam import KEY, World, application
from integrations.tables import Following, Subject
from tests.factories import cup, game
from tests.site import until
from tournaments.checking import differences
from tournaments.tables import Game

LEAGUE = "70007"


@pytest.fixture
async def steam(request):
    world = World()
    world.minute_limit, world.look_up_seconds = 100_000, 0
    running = await serve(application(world))
    world.base_url = running.base_url
    yield world
    await running.stop()


@pytest.fixture
def settings(settings, steam):
    return msgspec.structs.replace(settings, steam_url=steam.base_url, steam_key=KEY)


async def _decided(made, key):
    async def decided():
        row = await made.match(key)
        return row if row["state"] == "decided" else None

    return await until(decided)


async def test_opendota_is_down_and_the_result_comes_through_steam(site, steam):
    # One list of games, as in life.
    steam.games = site.world.games
    site.world.fault("error")
    made = await cup(site.db, 2, league_id=LEAGUE)
    one, two = made.clans
    site.world.publish(game(1, two, one, league_id=int(LEAGUE)))
    row = await _decided(made, "U1.1")
    assert (row["source"], row["winner"]) == ("steam", 1)

    site.world.heal()
    asked = await Following.select().where(Following.provider == "opendota").first()
    assert asked["last_error"]
    await site.redis.flushdb()
    await Following.update({Following.next_at: clock.now()}).where(Following.provider == "opendota")
    await until(lambda: _has_recovered(made))
    after = await made.match("U1.1")
    assert (after["winner"], after["score_a"], after["score_b"]) == (1, 0, 1)
    # What Steam has told of is known: OpenDota is not even asked for it.
    assert await Game.count() == 1
    assert await differences() == []


async def _has_recovered(made):
    row = await Following.select().where(Following.provider == "opendota").first()
    return row["last_error"] is None or row["next_at"] is None


async def test_both_tell_of_a_game_and_it_counts_once(site, steam):
    made = await cup(site.db, 2, league_id=LEAGUE, best_of="3", final_best_of="3")
    one, two = made.clans
    steam.games = site.world.games
    site.world.fault("error", "/matches", times=1)
    site.world.publish(game(1, one, two, league_id=int(LEAGUE)))

    async def live():
        row = await made.match("U1.1")
        return row["score_a"] == 1

    await until(live)
    inbox = Inbox(site.db)
    from integrations.base import Delivery

    played = site.world.games[7_000_000_001]
    for provider, body in (("steam", played.as_steam()), ("opendota", played.as_json())):
        delivery = Delivery(subject=str(played.match_id), body=msgspec.json.encode(body))
        await inbox.land(provider, delivery, made.id, now=clock.now())

    async def both():
        rows = await Subject.select().where(Subject.state == "recorded")
        return len(rows) == 2

    await until(both)
    row = await made.match("U1.1")
    assert (row["score_a"], row["score_b"], row["state"]) == (1, 0, "ready")


# -- when the fallback is asked ---------------------------------------------


class Poller:
    """Fails as it is told, or has nothing new."""

    def __init__(self):
        self.error = None

    async def ask(self, follow: Follow, known):
        if self.error:
            raise self.error
        for nothing in ():
            yield nothing


@pytest.fixture
async def followed(db):
    made = await cup(db, 2, league_id=LEAGUE)
    pollers = {"opendota": Poller(), "steam": Poller()}
    follower = Follower(db, pollers, Inbox(db), base=60)
    now = clock.now()
    await follower.started([{"tournament": made.id}], now=now)
    rows = {row["provider"]: row["id"] for row in await Following.select()}
    return follower, pollers, rows, now


async def _next(provider):
    row = await Following.select().where(Following.provider == provider).first()
    return row["next_at"]


async def test_while_all_is_well_the_fallback_asks_less_often(followed):
    follower, _, rows, now = followed
    assert set(rows) == {"opendota", "steam"}
    for following in rows.values():
        await follower.poll(following, now=now)
    minute = timedelta(minutes=1)
    assert minute <= await _next("opendota") - now <= 1.1 * minute
    assert 5 * minute <= await _next("steam") - now <= 5.5 * minute


@pytest.mark.parametrize(
    ("error", "hurries"),
    [
        (lambda _: Broken("500"), True),
        (lambda _: Refused("403"), True),
        (lambda now: Busy("a rest", now + timedelta(minutes=9)), True),
        (lambda now: Busy("this second", now + timedelta(seconds=1)), False),
    ],
    ids=("broken", "refused", "a-long-rest", "a-short-rest"),
)
async def test_the_fallback_is_asked_at_once_and_as_often_while_the_other_is_down(
    followed, error, hurries
):
    follower, pollers, rows, now = followed
    for following in rows.values():
        await follower.poll(following, now=now)
    usual = await _next("steam")
    pollers["opendota"].error = error(clock.now())
    later = await _next("opendota")
    await follower.poll(rows["opendota"], now=later)
    assert await _next("steam") == (later if hurries else usual)
    if not hurries:
        return
    await follower.poll(rows["steam"], now=later)
    assert await _next("steam") - later <= timedelta(minutes=1.1)
    # Told once: a second failure does not hurry it again.
    soon = await _next("steam")
    again = await _next("opendota")
    await follower.poll(rows["opendota"], now=again)
    assert await _next("steam") == soon
    pollers["opendota"].error = None
    well = await _next("opendota")
    await follower.poll(rows["opendota"], now=well)
    await follower.poll(rows["steam"], now=well)
    assert await _next("steam") - well >= timedelta(minutes=5)


async def test_a_full_second_before_an_outage_does_not_hide_it(followed):
    follower, pollers, rows, now = followed
    for following in rows.values():
        await follower.poll(following, now=now)
    pollers["opendota"].error = Busy("this second", await _next("opendota") + timedelta(seconds=1))
    await follower.poll(rows["opendota"], now=await _next("opendota"))
    pollers["opendota"].error = Broken("500")
    later = await _next("opendota")
    await follower.poll(rows["opendota"], now=later)
    assert await _next("steam") == later


async def test_a_fallback_that_fails_hurries_nobody(followed):
    follower, pollers, rows, now = followed
    await follower.poll(rows["opendota"], now=now)
    usual = await _next("opendota")
    pollers["steam"].error = Broken("500")
    await follower.poll(rows["steam"], now=now)
    assert await _next("opendota") == usual


async def test_without_a_key_steam_is_not_asked(db):
    made = await cup(db, 2, league_id=LEAGUE)
    follower = Follower(db, {"opendota": Poller()}, Inbox(db), base=60)
    await follower.started([{"tournament": made.id}], now=clock.now())
    assert await Following.count().where(Following.provider == "steam") == 0
