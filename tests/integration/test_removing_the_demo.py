"""The demo's people, clans and cups go by one command, and nobody else's; until then the
operator of a public site is told of them on every page."""

import msgspec
import pytest

from app.accounts import demo_accounts
from app.accounts.passwords import verify
from app.accounts.sessions import open_session
from app.accounts.tables import Account, Player, Session
from app.demo import removing
from app.demo.making import Maker
from app.demo.people import ORGANISER, viewer_of
from app.kernel import clock
from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.operation.outbox import backlog
from clans.membership import invite, join
from clans.tables import Clan, Member, Roster
from integrations.tables import InboxDelivery, Subject
from tests.factories import clan, cup, person
from tests.processes import Process, run
from tests.site import served
from tournaments import registration
from tournaments.checking import differences
from tournaments.tables import Entrant, LineUpPlayer, Match, Tournament

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow_on_postgres]
TABLES = (Account, Player, Session, Clan, Member, Roster, Tournament, Entrant, Match, LineUpPlayer)


async def removed(db):
    async with db.transaction() as tx:
        leaving = await removing.find_leaving()
        await removing.remove(tx, leaving, now=clock.now())
    return leaving


async def counts():
    return [await table.count() for table in TABLES]


async def test_all_of_it_goes_and_nothing_of_anybody_else(db):
    mine = await cup(db, 4)
    before = await counts(), await AuditEntry.count()
    await Maker(db).make_world("seven wild horses")
    organiser = await Account.select().where(Account.email == ORGANISER).first()
    await open_session(organiser["id"], now=clock.now())
    assert await demo_accounts.are_left()
    leaving = await removed(db)
    assert (leaving.kept_cups, leaving.kept_clans) == ([], [])
    assert leaving.counted == "81 accounts, 16 clans, 4 tournaments"
    assert (await counts(), await AuditEntry.count() - 1) == before
    assert await Subject.count() == await InboxDelivery.count() == 0
    assert not await demo_accounts.are_left()
    assert await differences() == []
    assert len(await mine.matches()) == 3
    # Twice is no harm.
    again = await removed(db)
    assert again.counted == "0 accounts, 0 clans, 0 tournaments"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_others_are_in_stays_and_nobody_signs_in_to_it(db):
    await Maker(db).make_world("seven wild horses")
    now = clock.now()
    guests, guest = await clan(1), await person("guest")
    open_cup = await Tournament.select().where(Tournament.state == "open").first()
    mixed = await Clan.select().where(Clan.tag == "CHS").first()
    owner = await Account.select().where(Account.email == "p15.0@demo.example").first()
    async with db.transaction() as tx:
        await registration.register(
            tx, guests.captain, open_cup["id"], guests.id, guests.players, now=now
        )
        token = await invite(tx, await viewer_of(owner["id"]), mixed["id"], now=now)
        await join(tx, guest, token, now=now)
    leaving = await removed(db)
    # The open cup is of nine demo clans, the guests', and its organiser.
    assert [cup.name for cup in leaving.kept_cups] == [open_cup["name"]]
    assert len(leaving.kept_clans) == 10
    assert "Chalk & Stone" in leaving.kept_clans
    assert await Entrant.count().where(Entrant.tournament == open_cup["id"]) == 10
    assert await Member.exists().where(Member.player == guest.player)
    # Nobody could ever close it: it is cancelled, and its history and page say so.
    [kept] = await Tournament.select()
    assert kept["state"] == "cancelled"
    said = AuditEntry.action == "tournament.cancelled"
    assert await AuditEntry.exists().where(said & (AuditEntry.tournament == kept["id"]))
    promised = await (
        OutboxEntry.select(OutboxEntry.payload).order_by(OutboxEntry.id, ascending=False).first()
    )
    assert f'"tournament":{kept["id"]}' in promised["payload"]
    left = await Account.select().order_by(Account.id)
    closed = [row for row in left if row["email"].startswith("closed:")]
    assert len(closed) == 1
    assert not closed[0]["organiser"]
    assert not closed[0]["operator"]
    assert not await verify(closed[0]["password_hash"], "seven wild horses")
    assert not await demo_accounts.are_left()
    assert await differences() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_kept_cup_that_is_over_stays_as_it_is(db):
    await Maker(db).make_world("seven wild horses")
    guests = await clan(1)
    open_cup = await Tournament.select().where(Tournament.state == "open").first()
    async with db.transaction() as tx:
        await registration.register(
            tx, guests.captain, open_cup["id"], guests.id, guests.players, now=clock.now()
        )
    await Tournament.update({Tournament.state: "finished"}).where(Tournament.id == open_cup["id"])
    leaving = await removed(db)
    assert [cup.over for cup in leaving.kept_cups] == [True]
    assert (await Tournament.select().first())["state"] == "finished"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_the_demo_promises_has_not_waited_for_days(db):
    await Maker(db).make_world("seven wild horses")
    found = await backlog(now=clock.now())
    assert found.waiting
    assert found.oldest_seconds < 60
    assert not await OutboxEntry.exists().where(OutboxEntry.at > clock.now())


async def test_nobody_can_sign_up_as_one_of_the_demo(site):
    form = {"password": "seven wild horses", "nickname": "alice", "language": "en"}
    answer = await site.stranger().post("/sign-up", email="Alice@Demo.Example", **form)
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_operator_is_told_on_every_page_while_they_exist(settings):
    public = msgspec.structs.replace(settings, url="http://cup.example")
    text = "The demo&#39;s accounts still exist"
    async with served(public, worker=False) as site:
        viewer = await person("operator")
        await Account.update({Account.operator: True}).where(Account.id == viewer.account)
        operator, other = await site.signed_in(viewer), await site.signed_in(await person("other"))
        assert text not in (await operator.get("/desk")).text
        demo = await person("demo")
        await Account.update({Account.email: ORGANISER}).where(Account.id == demo.account)
        for path in ("/", "/desk", "/clans", "/integrations", "/nothing"):
            if path != "/nothing":
                assert text in (await operator.get(path)).text, path
                assert text not in (await other.get(path)).text, path
            assert text not in (await site.stranger().get(path)).text, path
        await Account.delete().where(Account.id == demo.account)
        assert text not in (await operator.get("/desk")).text
    async with served(settings, worker=False) as site:
        await Account.insert(
            Account(
                player=demo.player,
                email=ORGANISER,
                password_hash="x",
                language="en",
                created_at=clock.now(),
            )
        )
        # On this machine alone nobody needs to be told.
        assert text not in (await (await site.signed_in(viewer)).get("/desk")).text


async def test_the_command_asks_says_what_it_did_and_the_start_warns(tmp_path):
    known = {"folder": tmp_path, "data_dir": str(tmp_path / "var")}
    code, said = await run("demo", **known)
    assert code == 0
    code, said = await run("demo", "remove", **known)
    # Nobody answers here.
    assert code == 1
    assert "Remove 81 accounts, 16 clans, 4 tournaments of the demo?" in said
    house = Process("up", "--no-demo", **known, url="http://cup.example")
    await house.start(ready="demo remove()")
    assert "the demo's accounts exist" in house.said
    await house.stop()
    code, said = await run("demo", "remove", "--yes", **known)
    assert code == 0
    assert "removed: 81 accounts, 16 clans, 4 tournaments" in said
    assert not (tmp_path / "var" / "demo.txt").exists()
    code, said = await run("demo", "remove", **known)
    assert (code, said.strip()) == (0, "baige: there are no demo accounts")
