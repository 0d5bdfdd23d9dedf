"""What game servers call, and the organiser's pages about them."""

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Stream

from app.accounts.permissions import require, route
from app.accounts.visit import Guest, Visit
from app.kernel import clock
from app.kernel.errors import N_, Conflict, Message, NotFound
from app.kernel.http.one_snapshot import STREAMS
from app.kernel.http.web import House, site_address
from integrations.matchzy import links, testing
from integrations.matchzy.config import EVENTS_PATH, HEADER
from integrations.matchzy.panel import fresh_line, handed_as
from integrations.matchzy.receiving import fetch_config, receive
from tournaments import match_queries, queries
from tournaments.people.access import to_tournament
from tournaments.routes.organiser import mine
from tournaments.routes.spectator import stream

Page = Response[bytes]
Call = Request[object, object, State]

# A round with ten players is about 8 KB.
LARGEST_EVENT = 128 * 1024
REFUSED = "This address needs the header of its match, as the organiser's page shows it.\n"


# A game server fetches by GET, and every time it is given a number of its own.
@get(
    "/game-servers/matchzy/{link_id:int}/config",
    opt=route("site.tell", writes="a load, and its first delivery"),
)
async def config(
    request: Call, house: NamedDependency[House], link_id: FromPath[int]
) -> Response[object]:
    site = site_address(request, house.settings)
    address = request.client.host if request.client else ""
    header = request.headers.get(HEADER, "")
    try:
        made = await fetch_config(house, link_id, header, site, address, now=clock.now())
    except Conflict as conflict:
        text, known = conflict.message.text, conflict.message.params
        return _said(text.format_map(known) + "\n", 409)
    if made is None:
        return _said(REFUSED, 403)
    return Response(made, media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@post(EVENTS_PATH, opt=route("site.tell"), request_max_body_size=LARGEST_EVENT)
async def events(request: Call, house: NamedDependency[House]) -> Response[object]:
    header = request.headers.get(HEADER, "")
    if not header:
        return _said(REFUSED, 403)
    try:
        body = await request.body()
    except HTTPException as error:
        return _said("This is too large for an event.\n", error.status_code)
    status = await receive(house, header, body, now=clock.now())
    return _said({200: "ok\n", 400: "This is no event.\n"}.get(status, REFUSED), status)


def _said(text: str, status: int) -> Response[object]:
    """Plain words: what a console prints. `text` never holds a secret."""
    return Response(text, status_code=status, media_type=MediaType.TEXT)


@get("/tournaments/{slug:str}/test-server", opt=route("server.test"))
async def test_server(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    if row["game"] != "cs2":
        raise NotFound
    since = visit.house.hub.position
    link = await links.link_of(row["id"], None)
    return visit.page(
        testing.PAGE,
        t=row,
        since=since,
        line=fresh_line(visit, link),
        only_here=testing.only_here(visit.site),
        site=visit.site,
        test=await testing.state_of(link),
    )


@post("/tournaments/{slug:str}/test-server", opt=route("server_link.make"))
async def make_test_line(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    if row["game"] != "cs2":
        raise NotFound
    async with visit.transaction() as tx:
        made = await links.make_line(tx, visit.me, row, None, now=visit.now)
    return await _back(visit, made)


@post("/matches/{match_id:int}/server-line", opt=route("server_link.make"))
async def make_line(visit: Guest, match_id: FromPath[int]) -> Page:
    match, tournament = await match_queries.match_by_id(match_id)
    require(visit.me, "server_link.make", to_tournament(visit.me, tournament))
    if tournament["game"] != "cs2":
        raise NotFound
    async with visit.transaction() as tx:
        made = await links.make_line(tx, visit.me, tournament, match["id"], now=visit.now)
    return await _back(visit, made)


@get("/live/server-tests/{link_id:int}", opt=route("server.test") | STREAMS)
async def live_test(visit: Guest, link_id: FromPath[int]) -> Stream:
    link = await links.link_by_id(link_id)
    if link is None or link["match"] is not None:
        raise NotFound
    row = await queries.tournament_by_id(link["tournament"])
    require(visit.me, "server.test", to_tournament(visit.me, row))
    return stream(visit, f"server-test:{link_id}")


@post("/server-links/{link_id:int}/renew", opt=route("server_link.renew"))
async def renew(visit: Guest, link_id: FromPath[int]) -> Page:
    async with visit.transaction() as tx:
        made = await links.renew(tx, visit.me, link_id, now=visit.now)
    done = Message(N_("There is a new line. Servers set up with the old one are not heard."))
    return await _back(visit, made, done)


async def _back(visit: Visit, made: links.Made, done: Message | None = None) -> Page:
    """To the page that shows the line, this once."""
    visit.hand_over(handed_as(made.link), made.secret)
    if made.link["match"] is not None:
        return visit.see_other(f"/matches/{made.link['match']}#server", done)
    row = await queries.tournament_by_id(made.link["tournament"])
    return visit.see_other(f"/tournaments/{row['slug']}/test-server", done)


HANDLERS = [config, events, test_server, make_test_line, make_line, live_test, renew]
