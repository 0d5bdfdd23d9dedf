"""A right that is taken away while its command waits for the lock does not count any more."""

import asyncio

import pytest

from app.accounts.sessions import again
from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.errors import Forbidden
from clans import founding, membership, rosters
from clans.tables import Clan, Member
from integrations.attaching_by_hand import attach_by_hand
from integrations.matchzy import links
from integrations.tables import ServerLink, Subject
from tests.factories import cup, cup_data, person
from tests.security.world import notice_about_a_game
from tournaments import captains, challenges, registration, removals, rulings, setup, stages
from tournaments.tables import Entrant, Match, Notice, Stage, Tournament

CLAN = founding.ClanData("Жаңа клан", "NEW", "dota2", ["kk"], "")
RULING = rulings.Ruling("score", ("1", "0"), "seen", "")


class Scene:
    """A running ladder with a clan's captain, its organiser, and what commands need."""

    def __init__(self, made, match, entrants, notice, link):
        self.made = made
        self.match = match
        self.entrants = entrants
        self.notice = notice
        self.link = link

    @property
    def captain(self):
        return self.made.clans[0].captain

    @property
    def organiser(self):
        return self.made.organiser


@pytest.fixture
async def scene(db):
    made = await cup(db, 4, format="ladder")
    match = await Match.select().order_by(Match.id).first()
    rows = await Entrant.select().where(Entrant.tournament == made.id).order_by(Entrant.seed)
    notice = await notice_about_a_game(db, made)
    made_link = await made.link(match["id"])
    return Scene(made, match, [row["id"] for row in rows], notice, made_link.link)


# By what the command locks: the command, called with its transaction.
OF_CAPTAINS = {
    "report": (
        Stage,
        lambda tx, s: captains.report_score(
            tx, s.captain, s.match["id"], ("1", "0"), now=clock.now()
        ),
    ),
    "hand in": (
        Stage,
        lambda tx, s: captains.hand_in_game(
            tx, s.captain, s.match["id"], "7000000001", now=clock.now()
        ),
    ),
    "challenge": (
        Stage,
        lambda tx, s: challenges.challenge(
            tx, s.captain, s.made.id, s.entrants[0], s.entrants[1], now=clock.now()
        ),
    ),
    "leave": (
        Stage,
        lambda tx, s: removals.remove(
            tx, s.captain, s.made.id, s.entrants[0], "withdrawn", "", now=clock.now()
        ),
    ),
    "withdraw": (
        Tournament,
        lambda tx, s: registration.withdraw(
            tx, s.captain, s.made.id, s.entrants[0], now=clock.now()
        ),
    ),
    "register": (
        Clan,
        lambda tx, s: registration.register(
            tx, s.captain, s.made.id, s.made.clans[0].id, s.made.clans[0].players, now=clock.now()
        ),
    ),
    "edit": (
        Clan,
        lambda tx, s: founding.edit_clan(tx, s.captain, s.made.clans[0].id, CLAN, now=clock.now()),
    ),
    "invite": (
        Clan,
        lambda tx, s: membership.invite(tx, s.captain, s.made.clans[0].id, now=clock.now()),
    ),
    "role": (
        Clan,
        lambda tx, s: membership.change_role(
            tx,
            s.captain,
            s.made.clans[0].id,
            s.made.clans[0].players[1],
            "captain",
            now=clock.now(),
        ),
    ),
    "remove": (
        Clan,
        lambda tx, s: membership.remove_member(
            tx, s.captain, s.made.clans[0].id, s.made.clans[0].players[1], now=clock.now()
        ),
    ),
    "roster": (
        Clan,
        lambda tx, s: rosters.save_roster(
            tx, s.captain, s.made.clans[0].id, "dota2", [], now=clock.now()
        ),
    ),
}
OF_ORGANISERS = {
    "rule": (
        Stage,
        lambda tx, s: rulings.rule(tx, s.organiser, s.match["id"], RULING, now=clock.now()),
    ),
    "disqualify": (
        Stage,
        lambda tx, s: removals.remove(
            tx, s.organiser, s.made.id, s.entrants[0], "disqualified", "smurf", now=clock.now()
        ),
    ),
    "cancel": (
        Tournament,
        lambda tx, s: setup.cancel(tx, s.organiser, s.made.id, now=clock.now()),
    ),
    "next": (
        Tournament,
        lambda tx, s: stages.start_next(tx, s.organiser, s.made.id, [], now=clock.now()),
    ),
    "settle": (
        Notice,
        lambda tx, s: rulings.settle_notice(tx, s.organiser, s.notice["id"], now=clock.now()),
    ),
    "attach": (
        Subject,
        lambda tx, s: attach_by_hand(
            tx,
            s.organiser,
            s.notice["id"],
            s.match["id"],
            s.match["entrant_a"],
            now=clock.now(),
        ),
    ),
    "renew": (
        ServerLink,
        lambda tx, s: links.renew(tx, s.organiser, s.link["id"], now=clock.now()),
    ),
}


async def refused_meanwhile(db, scene, table, command, take_away):
    """The command waits for a row that is held while the right is taken away."""
    held, asked = asyncio.Event(), asyncio.Event()

    async def late():
        await held.wait()
        asked.set()
        async with db.transaction() as tx:
            await command(tx, scene)

    waiting = asyncio.create_task(late())
    async with db.transaction() as tx:
        for row in await table.select(table._meta.primary_key):
            await tx.lock(table, row["id"])
        held.set()
        await asked.wait()
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await take_away()
    with pytest.raises(Forbidden):
        await waiting


@pytest.mark.parametrize("name", OF_CAPTAINS)
async def test_who_is_no_captain_any_more(db, scene, name):
    async def take_away():
        await Member.update({Member.role: "player"}).where(Member.player == scene.captain.player)

    await refused_meanwhile(db, scene, *OF_CAPTAINS[name], take_away)


@pytest.mark.parametrize("name", OF_ORGANISERS)
async def test_who_may_not_organise_any_more(db, scene, name):
    async def take_away():
        await Account.update({Account.organiser: False}).where(
            Account.id == scene.organiser.account
        )

    await refused_meanwhile(db, scene, *OF_ORGANISERS[name], take_away)


async def test_who_may_not_organise_any_more_creates_no_tournament(db):
    who = await person("organiser", organiser=True)
    await Account.update({Account.organiser: False}).where(Account.id == who.account)
    with pytest.raises(Forbidden):
        async with db.transaction() as tx:
            await setup.create_tournament(tx, who, cup_data(), now=clock.now())
    assert await Tournament.count() == 0


async def test_rights_are_read_again(db):
    who = await person("organiser", organiser=True)
    assert (await again(who)).is_organiser
    assert not (await again(who)).is_operator
    await Account.update({Account.organiser: False, Account.operator: True}).where(
        Account.id == who.account
    )
    now_is = await again(who)
    assert (now_is.is_organiser, now_is.is_operator) == (False, True)
    await Account.delete().where(Account.id == who.account)
    now_is = await again(who)
    assert (now_is.is_organiser, now_is.is_operator) == (False, False)
