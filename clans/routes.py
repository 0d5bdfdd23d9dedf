"""Clan pages."""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import may, require, route
from app.accounts.visit import Guest, Visit
from app.kernel.db.database import Row
from app.kernel.errors import N_, Invalid, Message, NotFound, TooOften
from app.kernel.http.ratelimit import RateLimit
from app.kernel.http.tokens import matches
from clans import access, founding, membership, queries, rosters
from clans.games import GAMES

Page = Response[bytes]

HOUR, DAY = 60 * 60, 24 * 60 * 60
CLANS = RateLimit("clan", times=10, seconds=DAY)
CLANS_BY_NETWORK = RateLimit("clan_network", times=100, seconds=DAY, by_network=True)
INVITES = RateLimit("invite", times=30, seconds=HOUR)
JOINS = RateLimit("join", times=60, seconds=HOUR)
ROSTERS = RateLimit("roster", times=60, seconds=HOUR)


def _page_number(visit: Visit) -> int:
    text = visit.request.query_params.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _data(visit: Visit) -> founding.ClanData:
    form = visit.form
    return founding.ClanData(
        form.get("name"),
        form.get("tag"),
        form.get("game"),
        form.all("languages"),
        form.get("about"),
    )


@get("/clans", opt=route("site.see"))
async def index(visit: Guest) -> Page:
    search, page = visit.request.query_params.get("q", "")[:100], _page_number(visit)
    clans, more = await queries.list_clans(search=search, page=page)
    return visit.page("clans/index.html", clans=clans, more=more, page=page, search=search)


@get("/clans/new", opt=route("clan.found"))
async def new(visit: Guest) -> Page:
    return visit.page("clans/new.html", clan=None)


@post("/clans/new", opt=route("clan.found"))
async def found(visit: Guest) -> Page:
    try:
        async with visit.counting("name", CLANS, CLANS_BY_NETWORK), visit.transaction() as tx:
            clan = await founding.found_clan(tx, visit.me, _data(visit), now=visit.now)
    except Invalid as wrong:
        return visit.page("clans/new.html", status=wrong.status, errors=wrong.fields, clan=None)
    return visit.see_other(
        f"/clans/{clan['slug']}/manage", Message(N_("Your clan is founded. Invite your players."))
    )


@get("/clans/{slug:str}/edit", opt=route("clan.edit"))
async def edit_form(visit: Guest, slug: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    require(visit.me, "clan.edit", await access.to_clan(visit.me, clan["id"]))
    return visit.page("clans/new.html", clan=clan)


@post("/clans/{slug:str}/edit", opt=route("clan.edit"))
async def edit(visit: Guest, slug: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    try:
        async with visit.transaction() as tx:
            await founding.edit_clan(tx, visit.me, clan["id"], _data(visit), now=visit.now)
    except Invalid as wrong:
        return visit.page("clans/new.html", status=422, errors=wrong.fields, clan=clan)
    return visit.see_other(f"/clans/{slug}", Message(N_("Saved.")))


@get("/clans/{slug:str}/manage", opt=route("clan.manage"))
async def manage(visit: Guest, slug: FromPath[str]) -> Page:
    return await _manage_page(visit, await membership.clan_by_slug(slug), {}, 200)


async def _manage_page(visit: Visit, clan: Row, errors: dict[str, Message], status: int) -> Page:
    thing = await access.to_clan(visit.me, clan["id"])
    require(visit.me, "clan.manage", thing)
    invite = await queries.standing_invite(clan["id"], now=visit.now)
    return visit.page(
        "clans/manage.html",
        status=status,
        errors=errors,
        clan=clan,
        roles=access.ROLES if may(visit.me, "clan.hand_over", thing) else access.ROLES[1:],
        members=await queries.members_of(clan["id"]),
        invite=invite,
        link=_fresh_link(visit, clan, invite),
        games=GAMES,
    )


def _fresh_link(visit: Visit, clan: Row, invite: Row | None) -> str:
    """The invite's address, if it was made just now; it cannot be shown again."""
    token = visit.handed(_handed_as(clan))
    if invite is None or not matches(token, invite["token_hash"]):
        return ""
    return f"{visit.site}/join/{token}"


def _handed_as(clan: Row) -> str:
    return f"invite:{clan['id']}"


@post("/clans/{slug:str}/invite", opt=route("clan.invite"))
async def invite(visit: Guest, slug: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    try:
        async with visit.counting("invite", INVITES), visit.transaction() as tx:
            token = await membership.invite(tx, visit.me, clan["id"], now=visit.now)
    except TooOften as wrong:
        return await _manage_page(visit, clan, wrong.fields, wrong.status)
    visit.hand_over(_handed_as(clan), token)
    return visit.see_other(f"/clans/{slug}/manage")


@post("/clans/{slug:str}/members/{player:int}/role", opt=route("clan.give_role"))
async def change_role(visit: Guest, slug: FromPath[str], player: FromPath[int]) -> Page:
    clan = await membership.clan_by_slug(slug)
    async with visit.transaction() as tx:
        await membership.change_role(
            tx, visit.me, clan["id"], player, visit.form.get("role"), now=visit.now
        )
    return visit.see_other(f"/clans/{slug}/manage", Message(N_("Saved.")))


@post("/clans/{slug:str}/members/{player:int}/remove", opt=route("clan.leave"))
async def remove(visit: Guest, slug: FromPath[str], player: FromPath[int]) -> Page:
    clan = await membership.clan_by_slug(slug)
    async with visit.transaction() as tx:
        await membership.remove_member(tx, visit.me, clan["id"], player, now=visit.now)
    if may(visit.me, "clan.leave", await access.to_member(visit.me, clan["id"], player)):
        return visit.see_other(
            f"/clans/{slug}", Message(N_("You have left {clan}."), clan=clan["name"])
        )
    return visit.see_other(
        f"/clans/{slug}/manage", Message(N_("The player is out. The invite link is off, too."))
    )


@get("/clans/{slug:str}/rosters/{game:str}", opt=route("roster.save"))
async def roster_form(visit: Guest, slug: FromPath[str], game: FromPath[str]) -> Page:
    return await _roster_page(visit, slug, game, {}, 200)


@post("/clans/{slug:str}/rosters/{game:str}", opt=route("roster.save"))
async def save_roster(visit: Guest, slug: FromPath[str], game: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    on = set(visit.form.all("players"))
    choices = [
        rosters.Choice(line.player, str(line.player) in on, visit.form.get(f"steam_{line.player}"))
        for line in await queries.members_of(clan["id"])
    ]
    try:
        await visit.spend(ROSTERS, "roster")
        async with visit.transaction() as tx:
            await rosters.save_roster(tx, visit.me, clan["id"], game, choices, now=visit.now)
    except Invalid as wrong:
        return await _roster_page(visit, slug, game, wrong.fields, wrong.status)
    return visit.see_other(f"/clans/{slug}", Message(N_("The roster is saved.")))


async def _roster_page(
    visit: Visit, slug: str, game: str, errors: dict[str, Message], status: int
) -> Page:
    clan = await membership.clan_by_slug(slug)
    require(visit.me, "roster.save", await access.to_clan(visit.me, clan["id"]))
    if game not in GAMES:
        raise NotFound
    return visit.page(
        "clans/roster.html",
        status=status,
        errors=errors,
        clan=clan,
        game=game,
        rules=GAMES[game],
        choices=await queries.roster_choices(clan["id"], game),
    )


@get("/join/{token:str}", opt=route("site.see"))
async def join_form(visit: Guest, token: FromPath[str]) -> Page:
    return await _join_page(visit, token, {}, 200)


async def _join_page(visit: Visit, token: str, errors: dict[str, Message], status: int) -> Page:
    found = await membership.find_invite(token, now=visit.now)
    mine = await access.to_clan(visit.viewer, found["clan"])
    return visit.page(
        "clans/join.html",
        status=status,
        errors=errors,
        invite=found,
        invite_token=token,
        is_in=mine.own,
    )


@post("/join/{token:str}", opt=route("clan.join"))
async def join(visit: Guest, token: FromPath[str]) -> Page:
    try:
        await visit.spend(JOINS, "join")
        async with visit.transaction() as tx:
            clan = await membership.join(tx, visit.me, token, now=visit.now)
    except TooOften as wrong:
        return await _join_page(visit, token, wrong.fields, wrong.status)
    return visit.see_other(
        f"/clans/{clan['slug']}", Message(N_("You are in {clan} now."), clan=clan["name"])
    )


HANDLERS = [
    index,
    new,
    found,
    edit_form,
    edit,
    manage,
    invite,
    change_role,
    remove,
    roster_form,
    save_roster,
    join_form,
    join,
]
