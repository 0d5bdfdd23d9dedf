"""Whoever only looks changes nothing: every GET route, with real ids, by every kind of visitor,
and a log of what the database was told."""

import re
from contextlib import asynccontextmanager
from itertools import product

import msgspec
import pytest

from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.db.tables import Image
from app.kernel.errors import Message
from clans.membership import invite
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.tables import ServerLink, ServerLoad
from tests.factories import another_cup, clan, cup, game, held, person, report
from tournaments import setup
from tournaments.plans import StageForm
from tournaments.recording import record
from tournaments.reports import Told
from tournaments.results import notify
from tournaments.tables import Entrant, Match, Notice, Stage, Tournament

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

# The GETs that write, and why. There is one more, which is no route: a page opened after a
# right was given brings a new token (tests/security/test_sessions.py).
EXCEPTIONS = {
    "/sign-in/steam/callback": "Steam sends people back by GET, and here they are signed in",
    "/game-servers/matchzy/{link_id:int}/config": "a server fetches by GET; each gets a number",
}
READS = re.compile(r"\s*(SELECT|WITH|PRAGMA|EXPLAIN|BEGIN( DEFERRED)?|COMMIT|ROLLBACK)\b", re.I)
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.I)


class Log:
    """Every statement any of the pool's connections is given."""

    def __init__(self):
        self.said = []

    @property
    def writing(self):
        return [line for line in self.said if not READS.match(line) or WRITES.search(line)]


@asynccontextmanager
async def logged(db):
    log = Log()
    for connection in db.engine._open:
        await connection.set_trace_callback(log.said.append)
    try:
        yield log
    finally:
        for connection in db.engine._open:
            await connection.set_trace_callback(None)


@pytest.fixture
async def world(site):
    """A cup of every kind, in every state that a page shows."""
    now = clock.now()
    made = await cup(site.db, 6, third_place=True)
    async with site.db.transaction() as tx:
        played = report(1, made.clans[3], made.clans[4])
        await record(tx, made.id, Told(games=(played,)), now=now)
    groups = (
        StageForm(format="round_robin", groups="2", advance="2"),
        StageForm(prefix="s2_", format="double_elimination"),
    )
    cups = [
        made,
        await another_cup(site.db, made, stages=groups),
        await another_cup(site.db, made, format="swiss_limits"),
        await another_cup(site.db, made, format="ladder"),
        await another_cup(site.db, made, start=False),
    ]
    closed = await another_cup(site.db, made, start=False)
    draft = await another_cup(site.db, made, start=False)
    servers = [await clan(number, "cs2") for number in (51, 52)]
    shooters = await held(site.db, made.organiser, servers, start=True, game="cs2")
    async with site.db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, closed.id, now=now)
        token = await invite(tx, made.clans[0].captain, made.clans[0].id, now=now)
    await Tournament.update({Tournament.state: "draft"}).where(Tournament.id == draft.id)
    for match in ((await shooters.matches())[0]["id"], None):
        await shooters.link(match)
    await Image.insert(Image(digest="a" * 64, media_type="image/webp", body=b"x", created_at=now))
    await attachable(site, made)
    slugs = [each.slug for each in (*cups, closed, draft, shooters)]
    links = [row["id"] for row in await ServerLink.select()]
    return (
        made,
        shooters,
        {
            "cup": slugs,
            "clan": ["clan-1", "clan-51"],
            "match_id": [row["id"] for row in await Match.select().order_by(Match.id)][::7],
            "tournament_id": [made.id, shooters.id],
            "entrant": [row["id"] for row in await Entrant.select().order_by(Entrant.id)][::8],
            "stage": [row["id"] for row in await Stage.select().order_by(Stage.id)],
            "notice_id": [row["id"] for row in await Notice.select()],
            "link_id": links,
            "token": [token],
            "language": ["ru"],
            "game": ["dota2", "cs2"],
            "topic": ["home"],
            "name": ["a" * 64 + ".webp"],
        },
    )


async def attachable(site, made):
    """A game that waits for the organiser to say whose it was, and one that is none."""
    played = game(7, *made.clans[:2], league_id=77)
    now, inbox = clock.now(), Inbox(site.db)
    for subject, body in ((str(played.match_id), played.as_json()), ("8", {})):
        notice = {"source": "opendota", "external_id": subject}
        await notify(made.id, Message("The game has no winner."), now=now, **notice)
        delivery = Delivery(subject=subject, body=msgspec.json.encode(body))
        await inbox.land("opendota", delivery, made.id, now=now)


def addresses(path, names):
    """The route's address for every combination of what there is, some thousand in all."""
    slug = "clan" if path.startswith("/clans") else "cup"
    params = re.findall(r"\{(\w+):\w+\}", path)
    for values in product(*(names[slug if each == "slug" else each] for each in params)):
        given = dict(zip(params, values, strict=True))
        yield re.sub(r":\w+\}", "}", path).format(**given)


def get_routes(site):
    return sorted(
        (route.path, handler)
        for route in site.site.litestar.routes
        for handler in route.route_handlers
        if "GET" in handler.http_methods
    )


@pytest.fixture
async def visitors(site, world):
    made, shooters, _ = world
    operator, organiser = await person("operator"), made.organiser
    await Account.update({Account.operator: True}).where(Account.id == operator.account)
    return {
        "a stranger": site.stranger(),
        "a member of nothing": await site.signed_in(await person("nobody")),
        "a captain": await site.signed_in(made.clans[0].captain),
        "another captain": await site.signed_in(shooters.clans[0].captain),
        "the organiser": await site.signed_in(organiser),
        "another organiser": await site.signed_in(await person("other", organiser=True)),
        "the operator": await site.signed_in(operator),
    }


async def look(visitor, address):
    """The status; of a stream only its beginning is waited for."""
    async with visitor.http.stream("GET", address) as answer:
        if not address.startswith("/live/"):
            await answer.aread()
        return answer.status_code


FEW = {"cup": 3, "match_id": 2, "entrant": 3}
"""Of how many of each, in the quick round: the rest is the same pages once more."""


@pytest.mark.parametrize("all_of_them", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_no_get_writes(site, world, visitors, all_of_them):
    *_, names = world
    if not all_of_them:
        names = {name: values[: FEW.get(name)] for name, values in names.items()}
    wrote, codes = {}, {}
    async with logged(site.db) as log:
        for path, _ in get_routes(site):
            for address, who in product(addresses(path, names), visitors):
                log.said.clear()
                code = await look(visitors[who], address)
                codes.setdefault(path, set()).add(code)
                if log.writing and path not in EXCEPTIONS:
                    wrote[address, who] = log.writing
    assert wrote == {}
    # There is no worker in these tests, and /health/ready says so.
    assert [path for path, found in codes.items() if max(found) >= 500] == ["/health/ready"]
    # The walk has seen the pages, not only refusals; the exceptions need more than an address.
    unseen = {path for path, found in codes.items() if not found & {200, 303, 503}}
    assert unseen == set(EXCEPTIONS) | {"/static/{name:str}"}


async def test_the_exceptions_are_the_ones_that_say_so(site):
    said = {path for path, handler in get_routes(site) if handler.opt.get("writes")}
    assert said == set(EXCEPTIONS)


async def test_a_servers_fetch_is_an_exception_because_it_writes(site, world):
    _, shooters, _ = world
    match = (await shooters.matches())[0]["id"]
    link, secret = await shooters.link(match)
    async with logged(site.db) as log:
        answer = await site.stranger().get(
            f"/game-servers/matchzy/{link['id']}/config",
            headers={"authorization": f"Bearer {secret}"},
        )
    assert answer.status_code == 200
    assert log.writing
    assert await ServerLoad.count() == 1


async def test_the_log_sees_what_is_written(site):
    async with logged(site.db) as log:
        answer = await site.stranger().post(
            "/sign-up",
            nickname="alice",
            email="alice@example.com",
            password="seven wild horses",
            language="kk",
        )
    assert answer.status_code == 303
    assert any("INSERT INTO" in line and "player" in line for line in log.writing)
