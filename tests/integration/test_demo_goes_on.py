"""The demo plays on, whatever people do on the site."""

import asyncio
from collections import Counter

import pytest
import structlog

from app.accounts.signing import make_organiser
from app.accounts.tables import Account
from app.demo import director as directing
from app.demo import making
from app.demo.director import Director
from app.demo.game_servers import GameServers
from app.demo.making import LEAGUE, Maker
from app.demo.people import ORGANISER, viewer_of
from app.kernel import clock
from clans.tables import Clan, Member, Roster, RosterPlayer
from integrations.standins.together import StandIns
from tests.factories import clan, cup, person
from tests.factories import held as hold
from tournaments.tables import Entrant, Tournament

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def a_demo_cup(site, **changes):
    made = await cup(site.db, 2, **changes)
    await Account.update({Account.email: ORGANISER}).where(Account.id == made.organiser.account)
    return made


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(directing, "GAME_PAUSE", 0.01)
    monkeypatch.setattr(directing, "EDITION_PAUSE", 0.01)
    monkeypatch.setattr(directing, "PATIENCE", 5)


@pytest.fixture
def held(monkeypatch):
    """The editions that were begun, in place of whole cups."""
    begun = Counter()

    async def hold(self, organiser, clans, edition, *, now):
        begun[edition] += 1

    monkeypatch.setattr(Maker, "dota_cup", hold)
    return begun


async def playing(site, seconds=0.5):
    director = Director(site.db, StandIns())
    task = asyncio.create_task(director._for_ever("dota2", director._publish_one))
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return director


async def test_cups_of_other_people_are_nothing_to_it(site, quick, held):
    ours = await a_demo_cup(site, league_id=str(LEAGUE + 1))
    others = await cup_of_others(site)
    director = await playing(site)
    assert director._stand_ins.opendota.games
    assert not held or 1 not in held
    games = director._stand_ins.opendota.games.values()
    assert {game.league_id for game in games} == {LEAGUE + 1}
    assert others.id != ours.id


async def cup_of_others(site):
    """A running cup without a league, as any organiser may have one; it once stopped the demo."""
    organiser = await person("somebody", organiser=True)
    return await hold(site.db, organiser, [await clan(51), await clan(52)], start=True)


@pytest.mark.parametrize("state", ["cancelled", "finished"])
async def test_a_cup_that_people_end_is_followed_by_the_next(site, quick, held, state):
    made = await a_demo_cup(site, league_id=str(LEAGUE + 1))
    await Tournament.update({Tournament.state: state}).where(Tournament.id == made.id)
    await playing(site)
    assert held[2] >= 1


async def test_a_cup_that_nobody_goes_on_with_is_followed_by_the_next(site, quick, held):
    await a_demo_cup(site, league_id=str(LEAGUE + 1))
    await playing(site, seconds=1)
    assert held[2] >= 1


async def test_what_goes_wrong_is_said_once_and_stops_nothing(site, quick, monkeypatch):
    await a_demo_cup(site, league_id=str(LEAGUE + 1))
    tried = 0

    async def broken(self, cup):
        nonlocal tried
        tried += 1
        raise ValueError("odd")

    monkeypatch.setattr(Director, "_publish_one", broken)
    with structlog.testing.capture_logs() as logs:
        await playing(site)
    assert tried > 5
    assert [each["event"] for each in logs].count("the demo stumbled") == 1


# -- the next edition, whatever people have done to the demo's clans ------------------------


@pytest.fixture
async def world(site, monkeypatch):
    """The demo's organiser and four of its clans, each with a roster for both games."""
    monkeypatch.setattr(making, "CLANS", making.CLANS[:4])
    maker = Maker(site.db)
    now = clock.now()
    organiser = await maker._person(ORGANISER, "x", "demo.organiser", now=now)
    async with site.db.transaction() as tx:
        await make_organiser(tx, ORGANISER, now=now)
    for index in range(4):
        await maker._clan(index, "x", now=now)
    return maker, await viewer_of(organiser.account)


async def entered(site, world, game="dota2"):
    """The clans of the next edition."""
    director = Director(site.db, StandIns())
    director._maker = world[0]
    await director._next_edition(game)
    cup = (await Tournament.select().order_by(Tournament.id, ascending=False).first())["id"]
    rows = await Entrant.select(Entrant.clan).where(Entrant.tournament == cup)
    return cup, {row["clan"] for row in rows}


async def test_the_next_edition_begins_without_clans_that_people_have_changed(site, quick, world):
    first, second, *others = [row["id"] for row in await Clan.select().order_by(Clan.id)]
    # The first has lost its roster's players, the second is somebody else's now.
    roster = await Roster.select().where((Roster.clan == first) & (Roster.game == "dota2")).first()
    rows = await RosterPlayer.select().where(RosterPlayer.roster == roster["id"])
    await RosterPlayer.delete().where(RosterPlayer.id.is_in([row["id"] for row in rows[1:]]))
    mine = await person("somebody")
    await Member.update({Member.player: mine.player}).where(
        (Member.clan == second) & (Member.role == "owner")
    )
    cup, clans = await entered(site, world)
    assert clans == set(others)
    assert (await Tournament.select().where(Tournament.id == cup).first())["state"] == "running"
    # Nobody enters a clan of people who are here.
    stranger = await clan(71)
    _, clans = await entered(site, world)
    assert stranger.id not in clans


async def test_a_league_that_somebody_has_taken_is_left_to_them(site, quick, world):
    organiser = await person("somebody", organiser=True)
    both = [await clan(51), await clan(52)]
    await hold(site.db, organiser, both, start=True, league_id=str(LEAGUE + 5))
    cup, _ = await entered(site, world)
    row = await Tournament.select().where(Tournament.id == cup).first()
    assert row["league_id"] == str(LEAGUE + 6)


async def test_a_server_cup_begins_also_with_few_clans(site, quick, world):
    cup, clans = await entered(site, world, "cs2")
    assert len(clans) == 4
    assert (await Tournament.select().where(Tournament.id == cup).first())["state"] == "running"


async def test_a_match_that_never_counts_is_left_after_some_tries(site, monkeypatch):
    made = await cup(site.db, 2, game="cs2")
    played = []

    async def broken(self, cup, match):
        played.append(match["id"])
        raise ValueError("odd")

    monkeypatch.setattr(GameServers, "_play", broken)
    row = await Tournament.select().where(Tournament.id == made.id).first()
    with structlog.testing.capture_logs() as logs:
        async with GameServers("http://127.0.0.1:9") as servers:
            for _ in range(12):
                at_work = await servers.keep_playing(row)
                await asyncio.sleep(0.01)
    assert len(played) == 3
    assert not at_work
    assert [each["event"] for each in logs].count("a demo server broke down") == 1


async def test_without_its_organiser_nothing_is_held_and_nothing_breaks(site, quick, held):
    await a_demo_cup(site, league_id=str(LEAGUE + 1))
    await Account.update({Account.email: "other@example.com"}).where(Account.email == ORGANISER)
    with structlog.testing.capture_logs() as logs:
        await playing(site)
    assert not held
    assert logs == []
