"""The demo plays on, whatever people do on the site."""

import asyncio
from collections import Counter

import pytest
import structlog

from app.accounts.tables import Account
from app.demo import director as directing
from app.demo.director import Director
from app.demo.making import LEAGUE, Maker
from app.demo.people import ORGANISER
from integrations.standins.together import StandIns
from tests.factories import cup
from tournaments.tables import Tournament

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
    from tests.factories import clan, person
    from tests.factories import held as hold

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
