"""Commands in the wrong hands: of a foreign cup, of one's own clan, of one's own match.

Both cups are of the same clans, and every id is a real one.
"""

import pytest

from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, Message, NotFound
from clans.tables import Member
from integrations.attaching_by_hand import attach_by_hand
from integrations.matchzy import links
from integrations.tables import ServerLink, Subject
from tests.factories import cup, held, person
from tests.security.world import notice_about_a_game
from tournaments import captains, removals, results, rulings, stages
from tournaments.tables import (
    Entrant,
    Match,
    Notice,
    Removal,
    Report,
    Result,
    StageSeed,
    Tournament,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


REFUSAL = Message("The game is not the one this tournament plays.")


@pytest.fixture
async def cups(db):
    """Two running cups of two organisers, with the same four clans."""
    mine = await cup(db, 4)
    rival = await person("rival", organiser=True)
    theirs = await held(db, rival, mine.clans, start=True)
    return mine, theirs


async def entrant_of(made, number):
    row = (
        await Entrant.select()
        .where((Entrant.tournament == made.id) & (Entrant.clan == made.clans[number - 1].id))
        .first()
    )
    return row["id"]


async def test_an_organiser_settles_no_notice_of_a_foreign_cup(db, cups):
    mine, theirs = cups
    await results.notify(mine.id, REFUSAL, source="opendota", external_id="7", now=clock.now())
    notice = await Notice.select().first()
    everybody = [theirs.organiser, *(each.captain for each in mine.clans), await person("nobody")]
    for who in everybody:
        with pytest.raises(Forbidden):
            async with db.transaction() as tx:
                await rulings.settle_notice(tx, who, notice["id"], now=clock.now())
    assert (await Notice.select().first())["settled_at"] is None
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await rulings.settle_notice(tx, mine.organiser, 999_999, now=clock.now())
    async with db.transaction() as tx:
        done = await rulings.settle_notice(tx, mine.organiser, notice["id"], now=clock.now())
    assert done == mine.slug
    assert (await Notice.select().first())["settled_at"] is not None


async def test_an_organiser_attaches_no_game_in_a_foreign_cup(db, cups):
    mine, theirs = cups
    notice = await notice_about_a_game(db, mine)
    match = await mine.match("U1.1")
    foreign = await theirs.match("U1.1")

    async def attach(who, match_id, first):
        async with db.transaction() as tx:
            return await attach_by_hand(tx, who, notice["id"], match_id, first, now=clock.now())

    for who in (theirs.organiser, mine.clans[0].captain, await person("nobody")):
        with pytest.raises(Forbidden):
            await attach(who, match["id"], match["entrant_a"])
    # The rightful organiser names no match, and no side, of another cup.
    for match_id, first in (
        (foreign["id"], foreign["entrant_a"]),
        (match["id"], foreign["entrant_a"]),
        ((await mine.match("U2.1"))["id"], match["entrant_a"]),
        (999_999, match["entrant_a"]),
        (match["id"], 0),
    ):
        with pytest.raises(Invalid):
            await attach(mine.organiser, match_id, first)
    subject = await Subject.select().first()
    assert (subject["match"], subject["first_entrant"]) == (None, None)
    assert await attach(mine.organiser, match["id"], match["entrant_b"]) == mine.slug
    subject = await Subject.select().first()
    assert (subject["match"], subject["first_entrant"]) == (match["id"], match["entrant_b"])
    assert subject["state"] == "new"


async def test_a_notice_of_one_cup_does_not_attach_the_game_of_another(db, cups):
    mine, theirs = cups
    notice = await notice_about_a_game(db, mine)
    # The rival makes a notice of its own that names the same game.
    await results.notify(
        theirs.id, REFUSAL, source="opendota", external_id=notice["external_id"], now=clock.now()
    )
    forged = await Notice.select().where(Notice.tournament == theirs.id).first()
    match = await theirs.match("U1.1")
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await attach_by_hand(
                tx, theirs.organiser, forged["id"], match["id"], match["entrant_a"], now=clock.now()
            )
    assert (await Subject.select().first())["match"] is None


@pytest.mark.parametrize("kind", ["score", "walkover_a", "double_forfeit", "reopen"])
async def test_an_organiser_rules_in_no_foreign_cup(db, cups, kind):
    mine, theirs = cups
    match = await mine.match("U1.1")
    ruling = rulings.Ruling(kind, ("1", "0"), "because", "")
    for who in (theirs.organiser, mine.clans[0].captain, await person("nobody")):
        with pytest.raises(Forbidden):
            async with db.transaction() as tx:
                await rulings.rule(tx, who, match["id"], ruling, now=clock.now())
    assert await Result.count() == 0


async def test_a_captain_withdraws_its_own_clan_and_disqualifies_nobody(db, cups):
    mine, theirs = cups
    one, two = (each.captain for each in mine.clans[:2])
    entrant = await entrant_of(mine, 1)

    async def leave(who, kind, of=entrant):
        async with db.transaction() as tx:
            await removals.remove(tx, who, mine.id, of, kind, "reason", now=clock.now())

    for kind in ("disqualified", "", "expelled", "WITHDRAWN"):
        with pytest.raises(Forbidden):
            await leave(one, kind)
    for who in (two, theirs.organiser, await person("nobody")):
        for kind in ("withdrawn", "disqualified"):
            with pytest.raises(Forbidden):
                await leave(who, kind)
    with pytest.raises(NotFound):
        await leave(mine.organiser, "withdrawn", await entrant_of(theirs, 1))
    with pytest.raises(Invalid):
        await leave(mine.organiser, "expelled")
    assert await Removal.count() == 0
    await leave(one, "withdrawn")
    row = await Removal.select().first()
    assert (row["kind"], row["account"]) == ("withdrawn", one.account)
    await leave(mine.organiser, "disqualified", await entrant_of(mine, 2))
    # Only the organiser lets a clan back in.
    for who in (one, two, theirs.organiser):
        with pytest.raises(Forbidden):
            async with db.transaction() as tx:
                await removals.let_back(tx, who, mine.id, entrant, "", now=clock.now())
    assert await Removal.count().where(Removal.undone_at.is_null()) == 2


async def test_only_the_captains_of_a_match_report_confirm_and_hand_in(db, cups):
    mine, theirs = cups
    match = await mine.match("U1.1")
    one, two, three, four = (each.captain for each in mine.clans)
    async with db.transaction() as tx:
        await captains.report_score(tx, one, match["id"], ("1", "0"), now=clock.now())
    report = await Report.select().first()
    for who in (two, three, mine.organiser, theirs.organiser, await person("nobody")):
        for command in (
            lambda tx, who=who: captains.report_score(
                tx, who, match["id"], ("0", "1"), now=clock.now()
            ),
            lambda tx, who=who: captains.confirm_report(
                tx, who, match["id"], report["id"], now=clock.now()
            ),
            lambda tx, who=who: captains.hand_in_game(
                tx, who, match["id"], "7000000001", now=clock.now()
            ),
        ):
            with pytest.raises(Forbidden):
                async with db.transaction() as tx:
                    await command(tx)
    assert await Report.count() == 1
    assert await Result.count() == 0


@pytest.mark.parametrize("first", [0, 3])
async def test_who_leads_both_clans_of_a_match_does_not_agree_with_itself(db, cups, first):
    mine, _ = cups
    match = await mine.match("U1.1")
    one, other = mine.clans[first], mine.clans[3 - first]
    await Member.insert(
        Member(clan=other.id, player=one.captain.player, role="captain", joined_at=clock.now())
    )
    for _ in range(2):
        async with db.transaction() as tx:
            said = await captains.report_score(
                tx, one.captain, match["id"], ("1", "0"), now=clock.now()
            )
        assert said == "reported"
    report = await Report.select().first()
    assert report["side"] == 0
    with pytest.raises(Conflict):
        async with db.transaction() as tx:
            await captains.confirm_report(
                tx, one.captain, match["id"], report["id"], now=clock.now()
            )
    assert await Result.count() == 0


async def test_stages_are_started_and_taken_back_by_their_organiser_alone(db, cups):
    mine, theirs = cups
    for who in (theirs.organiser, mine.clans[0].captain):
        for command in (
            lambda tx, who=who: stages.start_next(tx, who, mine.id, [], now=clock.now()),
            lambda tx, who=who: stages.take_back_stage(tx, who, mine.id, now=clock.now()),
        ):
            with pytest.raises(Forbidden):
                async with db.transaction() as tx:
                    await command(tx)
    assert await StageSeed.count() == 8


async def test_a_server_link_is_renewed_by_its_organiser_alone(db, cups):
    mine, theirs = cups
    match = await mine.match("U1.1")
    link, _ = await mine.link(match["id"])
    for who in (theirs.organiser, mine.clans[0].captain, await person("nobody")):
        with pytest.raises(Forbidden):
            async with db.transaction() as tx:
                await links.renew(tx, who, link["id"], now=clock.now())
    assert await ServerLink.select().first() == link
    async with db.transaction() as tx:
        await links.renew(tx, mine.organiser, link["id"], now=clock.now())
    assert (await ServerLink.select().first())["secret_hash"] != link["secret_hash"]
    for who in (theirs.organiser, mine.clans[0].captain):
        with pytest.raises(Forbidden):
            async with db.transaction() as tx:
                row = await Tournament.select().where(Tournament.id == mine.id).first()
                await links.make_line(tx, who, row, match["id"], now=clock.now())


async def test_no_row_of_the_other_cup_was_touched(db, cups):
    mine, theirs = cups
    before = await Match.select().where(Match.stage.tournament == theirs.id).order_by(Match.id)
    match = await mine.match("U1.1")
    async with db.transaction() as tx:
        await rulings.rule(
            tx,
            mine.organiser,
            match["id"],
            rulings.Ruling("score", ("1", "0"), "because", ""),
            now=clock.now(),
        )
    leaver = (await mine.match("U1.2"))["entrant_a"]
    async with db.transaction() as tx:
        await removals.remove(tx, mine.organiser, mine.id, leaver, "withdrawn", "", now=clock.now())
    after = await Match.select().where(Match.stage.tournament == theirs.id).order_by(Match.id)
    assert after == before
