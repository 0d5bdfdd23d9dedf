"""Clan pages."""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import access as rules
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


@get("/clans", opt=rules.PUBLIC)
async def index(visit: Guest) -> Page:
    search, page = visit.request.query_params.get("q", "")[:100], _page_number(visit)
    clans, more = await queries.list_clans(search=search, page=page)
    return visit.page("clans/index.html", clans=clans, more=more, page=page, search=search)


@get("/clans/new", opt=rules.SIGNED_IN)
async def new(visit: Guest) -> Page:
    return visit.page("clans/new.html", clan=None)


@post("/clans/new", opt=rules.SIGNED_IN)
async def found(visit: Guest) -> Page:
    try:
        async with visit.counting("name", CLANS, CLANS_BY_NETWORK), visit.transaction() as tx:
            clan = await founding.found_clan(tx, visit.me, _data(visit), now=visit.now)
    except Invalid as wrong:
        return visit.page("clans/new.html", status=wrong.status, errors=wrong.fields, clan=None)
    return visit.see_other(
        f"/clans/{clan['slug']}/manage", Message(N_("Your clan is founded. Invite your players."))
    )


@get("/clans/{slug:str}/edit", opt=rules.SIGNED_IN)
async def edit_form(visit: Guest, slug: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    await access.require_captain(visit.me, clan["id"])
    return visit.page("clans/new.html", clan=clan)


@post("/clans/{slug:str}/edit", opt=rules.SIGNED_IN)
async def edit(visit: Guest, slug: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    try:
        async with visit.transaction() as tx:
            await founding.edit_clan(tx, visit.me, clan["id"], _data(visit), now=visit.now)
    except Invalid as wrong:
        return visit.page("clans/new.html", status=422, errors=wrong.fields, clan=clan)
    return visit.see_other(f"/clans/{slug}", Message(N_("Saved.")))


@get("/clans/{slug:str}/manage", opt=rules.SIGNED_IN)
async def manage(visit: Guest, slug: FromPath[str]) -> Page:
    return await _manage_page(visit, await membership.clan_by_slug(slug), {}, 200)


async def _manage_page(visit: Visit, clan: Row, errors: dict[str, Message], status: int) -> Page:
    role = await access.require_captain(visit.me, clan["id"])
    invite = await queries.standing_invite(clan["id"], now=visit.now)
    return visit.page(
        "clans/manage.html",
        status=status,
        errors=errors,
        clan=clan,
        role=role,
        roles=access.ROLES,
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


@post("/clans/{slug:str}/invite", opt=rules.SIGNED_IN)
async def invite(visit: Guest, slug: FromPath[str]) -> Page:
    clan = await membership.clan_by_slug(slug)
    try:
        async with visit.counting("invite", INVITES), visit.transaction() as tx:
            token = await membership.invite(tx, visit.me, clan["id"], now=visit.now)
    except TooOften as wrong:
        return await _manage_page(visit, clan, wrong.fields, wrong.status)
    visit.hand_over(_handed_as(clan), token)
    return visit.see_other(f"/clans/{slug}/manage")


@post("/clans/{slug:str}/members/{player:int}/role", opt=rules.SIGNED_IN)
async def change_role(visit: Guest, slug: FromPath[str], player: FromPath[int]) -> Page:
    clan = await membership.clan_by_slug(slug)
    async with visit.transaction() as tx:
        await membership.change_role(
            tx, visit.me, clan["id"], player, visit.form.get("role"), now=visit.now
        )
    return visit.see_other(f"/clans/{slug}/manage", Message(N_("Saved.")))


@post("/clans/{slug:str}/members/{player:int}/remove", opt=rules.SIGNED_IN)
async def remove(visit: Guest, slug: FromPath[str], player: FromPath[int]) -> Page:
    clan = await membership.clan_by_slug(slug)
    async with visit.transaction() as tx:
        await membership.remove_member(tx, visit.me, clan["id"], player, now=visit.now)
    if player == visit.me.player:
        return visit.see_other(
            f"/clans/{slug}", Message(N_("You have left {clan}."), clan=clan["name"])
        )
    return visit.see_other(
        f"/clans/{slug}/manage", Message(N_("The player is out. The invite link is off, too."))
    )


@get("/clans/{slug:str}/rosters/{game:str}", opt=rules.SIGNED_IN)
async def roster_form(visit: Guest, slug: FromPath[str], game: FromPath[str]) -> Page:
    return await _roster_page(visit, slug, game, {}, 200)


@post("/clans/{slug:str}/rosters/{game:str}", opt=rules.SIGNED_IN)
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
    await access.require_captain(visit.me, clan["id"])
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


@get("/join/{token:str}", opt=rules.PUBLIC)
async def join_form(visit: Guest, token: FromPath[str]) -> Page:
    return await _join_page(visit, token, {}, 200)


async def _join_page(visit: Visit, token: str, errors: dict[str, Message], status: int) -> Page:
    found = await membership.find_invite(token, now=visit.now)
    role = await access.role_in(visit.viewer, found["clan"])
    return visit.page(
        "clans/join.html",
        status=status,
        errors=errors,
        invite=found,
        invite_token=token,
        role=role,
    )


@post("/join/{token:str}", opt=rules.SIGNED_IN)
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
