"""Pages anyone may see, and the streams that keep them right."""

import re
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from app.accounts.permissions import may, route
from app.accounts.visit import Guest, Visit
from app.kernel.db.database import Row
from app.kernel.errors import NotFound
from app.kernel.http.one_snapshot import KEPT, STREAMS
from app.kernel.http.web import accepts_gzip
from app.kernel.live import feed
from app.kernel.live.public_page import PublicPage
from clans import queries as clan_queries
from clans.access import to_clan
from clans.membership import clan_by_slug
from tournaments import entries, match_queries, queries
from tournaments.evidence import reports_of
from tournaments.pages import lists
from tournaments.pages import match as match_page
from tournaments.pages import tournament as tournament_page
from tournaments.pages.bracket import Chosen, that_is_there
from tournaments.panels import panels
from tournaments.people import access
from tournaments.tables import Match, Tournament

Page = Response[bytes]

SECTION = re.compile(r"s[1-9]-[a-z_]{1,12}(-[0-9]{1,2})?")

STREAM_HEADERS = {
    "cache-control": "no-store",
    "vary": "Accept-Encoding",
    # Tells nginx not to hold the stream back.
    "x-accel-buffering": "no",
}


def _number(visit: Visit, name: str) -> int | None:
    text = visit.request.query_params.get(name, "")
    return int(text) if text.isdecimal() and 0 < len(text) < 6 else None


@get("/", opt=route("site.see") | KEPT)
async def home(visit: Guest) -> Page:
    return await visit.public_page(PublicPage("home.html", "/", ("home",), lists.home))


@get("/matches", opt=route("site.see") | KEPT)
async def matches(visit: Guest) -> Page:
    page = PublicPage("matches/index.html", "/matches", ("home",), lists.matches)
    return await visit.public_page(page)


@get("/tournaments", opt=route("site.see") | KEPT)
async def tournaments(visit: Guest) -> Page:
    state = visit.request.query_params.get("state", "")
    states = (state,) if state in lists.STATES else ()
    number = min(max(_number(visit, "page") or 1, 1), await lists.pages_of_tournaments(*states))
    return await visit.public_page(
        PublicPage(
            "tournaments/index.html",
            lists.address_of_tournaments(*states, page=number),
            ("home",),
            lambda: lists.tournaments(*states, page=number),
        )
    )


@get("/tournaments/{slug:str}", opt=route("site.see") | KEPT)
async def tournament(visit: Guest, slug: FromPath[str]) -> Page:
    known = await _tournament_id(visit, slug)
    page = _tournament_page(visit, known, slug, Chosen())
    if asked := _chosen(visit):
        whole = await visit.house.press.reading(page)
        views = [stage["bracket"] for stage in whole.context["stages"]]
        page = _tournament_page(visit, known, slug, that_is_there(views, asked))

    async def personal(shown: Row) -> dict[str, Any]:
        thing = access.to_tournament(visit.viewer, shown["t"])
        return {
            "may_manage": may(visit.viewer, "tournament.manage", thing),
            "entries": await entries.of_leader(visit.viewer, shown),
        }

    return await visit.public_page(page, personal)


def _tournament_page(visit: Visit, tournament: int, slug: str, chosen: Chosen) -> PublicPage:
    async def read() -> dict[str, Any]:
        return await tournament_page.tournament(await queries.tournament_by_id(tournament), chosen)

    return PublicPage(
        "tournaments/show.html",
        f"/tournaments/{slug}{chosen.query}",
        (f"tournament:{tournament}",),
        read,
        ("status", "facts", "entry", "body"),
        lambda shown: access.require_published(visit.viewer, shown["t"]),
    )


def _chosen(visit: Visit) -> Chosen | None:
    """The round asked for, as the chips of a bracket ask; of any section where none is named."""
    section, round_ = visit.request.query_params.get("at", ""), _number(visit, "round")
    if round_ is None or (section and not SECTION.fullmatch(section)):
        return None
    return Chosen(section, round_, _number(visit, "part") or 1)


@get("/tournaments/{slug:str}/needs/{entrant:int}", opt=route("site.see") | KEPT)
async def needs(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    known = await _tournament_id(visit, slug)

    async def read() -> dict[str, Any]:
        return await tournament_page.needs(await queries.tournament_by_id(known), entrant)

    return await visit.public_page(
        PublicPage(
            "tournaments/needs.html",
            f"/tournaments/{slug}/needs/{entrant}",
            (f"tournament:{known}",),
            read,
        )
    )


@get("/tournaments/{slug:str}/why/{stage:int}/{entrant:int}", opt=route("site.see") | KEPT)
async def why(
    visit: Guest, slug: FromPath[str], stage: FromPath[int], entrant: FromPath[int]
) -> Page:
    known = await _tournament_id(visit, slug)

    async def read() -> dict[str, Any]:
        return await tournament_page.why(await queries.tournament_by_id(known), stage, entrant)

    return await visit.public_page(
        PublicPage(
            "tournaments/why.html",
            f"/tournaments/{slug}/why/{stage}/{entrant}",
            (f"tournament:{known}",),
            read,
        )
    )


async def _tournament_id(visit: Visit, slug: str) -> int:
    """The id behind an address; it never changes, so it is asked for once."""
    memory = visit.house.db.memory
    if ("slug", slug) not in memory:
        row = await Tournament.select(Tournament.id).where(Tournament.slug == slug).first()
        if row is None:
            raise NotFound
        memory["slug", slug] = row["id"]
    return int(memory["slug", slug])


@get("/matches/{match_id:int}", opt=route("site.see") | KEPT)
async def match(visit: Guest, match_id: FromPath[int]) -> Page:
    async def read() -> dict[str, Any]:
        row, tournament = await match_queries.match_by_id(match_id)
        return {"row": row, **await match_page.match(row, tournament)}

    async def personal(shown: Row) -> dict[str, Any]:
        return await own_part(visit, shown["row"], shown["t"])

    topics = (f"match:{match_id}", feed.PICTURES)
    page = PublicPage("matches/show.html", f"/matches/{match_id}", topics, read, ("head", "body"))
    return await visit.public_page(page, personal)


async def own_part(visit: Visit, row: Row, tournament: Row) -> dict[str, Any]:
    """What a match's page shows to this visitor alone."""
    thing = await access.to_match(visit.viewer, row, tournament)
    sees_servers = may(visit.viewer, "server_link.see", thing)
    return {
        "side": thing.side if may(visit.viewer, "match.report", thing) else None,
        "may_rule": may(visit.viewer, "match.rule", thing),
        "panels": await panels(row, tournament, visit) if sees_servers else [],
        "reports": await reports_of(row),
    }


@get("/clans/{slug:str}", opt=route("site.see"))
async def clan(visit: Guest, slug: FromPath[str]) -> Page:
    row = await clan_by_slug(slug)
    return visit.page(
        "clans/show.html",
        clan=await clan_queries.clan_page(row),
        mine=await to_clan(visit.viewer, row["id"]),
        **await lists.clan(row["id"]),
    )


@get("/about", opt=route("site.see"))
async def about(visit: Guest) -> Page:
    return visit.page("about.html")


@get("/live/{topic:str}", opt=route("site.see") | STREAMS)
async def live_home(visit: Guest, topic: FromPath[str]) -> Stream:
    if topic != "home":
        raise NotFound
    return stream(visit, "home")


@get("/live/tournaments/{tournament_id:int}", opt=route("site.see") | STREAMS)
async def live_tournament(visit: Guest, tournament_id: FromPath[int]) -> Stream:
    if not await Tournament.exists().where(
        (Tournament.id == tournament_id) & (Tournament.state != "draft")
    ):
        raise NotFound
    return stream(visit, f"tournament:{tournament_id}")


@get("/live/matches/{match_id:int}", opt=route("site.see") | STREAMS)
async def live_match(visit: Guest, match_id: FromPath[int]) -> Stream:
    if not await Match.exists().where(Match.id == match_id):
        raise NotFound
    return stream(visit, f"match:{match_id}")


def stream(visit: Visit, topic: str) -> Stream:
    """What happened since the page was made (or since the browser was cut off)."""
    last = visit.request.headers.get("last-event-id") or str(
        visit.request.query_params.get("since", "")
    )
    gzipped = accepts_gzip(visit.request)
    encoding = {"content-encoding": "gzip"} if gzipped else {}
    return Stream(
        visit.house.hub.stream(f"{topic}:{visit.locale}", last, gzipped=gzipped),
        media_type="text/event-stream",
        headers=STREAM_HEADERS | encoding,
    )


HANDLERS = [
    home,
    matches,
    tournaments,
    tournament,
    needs,
    why,
    match,
    clan,
    about,
    live_home,
    live_tournament,
    live_match,
]
