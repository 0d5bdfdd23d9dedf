"""What captains do: register, withdraw, report, confirm, hand in a game."""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import Thing, may, route
from app.accounts.visit import Guest, Visit
from app.kernel.errors import N_, Invalid, Message
from app.kernel.http.ratelimit import RateLimit
from clans.games import GAMES
from clans.queries import my_clans, roster_choices
from tournaments import captains, match_queries, queries, registration
from tournaments.pages import match as match_page
from tournaments.people.access import to_tournament
from tournaments.routes.spectator import own_part
from tournaments.tables import Entrant, LineUpPlayer

Page = Response[bytes]

HOUR = 60 * 60
# Reports and agreements; a correction now and then is welcome, a stream of them is not.
REPORTS = RateLimit("report", times=60, seconds=10 * 60)
# Each asks a provider whose quota all tournaments share, also one that is refused later.
CLAIMS = RateLimit("claim", times=20, seconds=HOUR)
REGISTRATIONS = RateLimit("registration", times=60, seconds=HOUR)


@get("/tournaments/{slug:str}/register", opt=route("entrant.register"))
async def register_form(visit: Guest, slug: FromPath[str]) -> Page:
    return await _register_page(visit, slug, {}, 200)


@post("/tournaments/{slug:str}/register", opt=route("entrant.register"))
async def register(visit: Guest, slug: FromPath[str]) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    try:
        await visit.spend(REGISTRATIONS, "players")
        async with visit.transaction() as tx:
            await registration.register(
                tx, visit.me, row["id"], _id(visit, "clan"), _ids(visit, "players"), now=visit.now
            )
    except Invalid as wrong:
        return await _register_page(visit, slug, wrong.fields, wrong.status)
    return visit.see_other(f"/tournaments/{slug}", Message(N_("Your clan is registered.")))


async def _register_page(visit: Visit, slug: str, errors: dict[str, Message], status: int) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    led = [
        clan
        for clan in await my_clans(visit.me)
        if may(visit.me, "entrant.register", Thing(role=clan["role"]))
    ]
    wanted = visit.form.get("clan") or visit.request.query_params.get("clan", "")
    clan = next((each for each in led if str(each["id"]) == wanted), led[0] if led else None)
    entrant, line_up = await _entered(row["id"], clan["id"] if clan else 0)
    choices = await roster_choices(clan["id"], row["game"]) if clan else []
    known = {each.player for each in choices}
    return visit.page(
        "tournaments/register.html",
        status=status,
        errors=errors,
        t=row,
        rules=GAMES[row["game"]],
        led=led,
        clan=clan,
        choices=choices,
        entrant=entrant,
        chosen=set(_ids(visit, "players")) if visit.form.all("clan") else set(line_up),
        strangers=[name for player, name in line_up.items() if player not in known],
        taken=len(await queries.entrants_of(row["id"])),
    )


async def _entered(tournament: int, clan: int) -> tuple[int | None, dict[int, str]]:
    """The clan's entrant and its line-up, when it is registered already."""
    row = await (
        Entrant.select(Entrant.id)
        .where((Entrant.tournament == tournament) & (Entrant.clan == clan))
        .first()
    )
    if row is None:
        return None, {}
    players = await LineUpPlayer.select(LineUpPlayer.player, LineUpPlayer.nickname).where(
        LineUpPlayer.entrant == row["id"]
    )
    return row["id"], {each["player"]: each["nickname"] for each in players}


@post("/tournaments/{slug:str}/withdraw", opt=route("entrant.withdraw"))
async def withdraw(visit: Guest, slug: FromPath[str]) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    async with visit.transaction() as tx:
        await registration.withdraw(tx, visit.me, row["id"], _id(visit, "entrant"), now=visit.now)
    manages = may(visit.me, "tournament.manage", to_tournament(visit.me, row))
    back = "manage" if manages and visit.form.get("back") else ""
    return visit.see_other(
        f"/tournaments/{slug}/{back}".rstrip("/"), Message(N_("The clan is out of the list."))
    )


@post("/matches/{match_id:int}/report", opt=route("match.report"))
async def report(visit: Guest, match_id: FromPath[int]) -> Page:
    typed = (visit.form.get("score_a"), visit.form.get("score_b"))
    try:
        await visit.spend(REPORTS, "score")
        async with visit.transaction() as tx:
            done = await captains.report_score(tx, visit.me, match_id, typed, now=visit.now)
    except Invalid as wrong:
        return await _match_page(visit, match_id, wrong)
    return visit.see_other(f"/matches/{match_id}", Message(_SAID[done]))


@post("/matches/{match_id:int}/confirm", opt=route("match.confirm"))
async def confirm(visit: Guest, match_id: FromPath[int]) -> Page:
    try:
        await visit.spend(REPORTS, "score")
        async with visit.transaction() as tx:
            done = await captains.confirm_report(
                tx, visit.me, match_id, _id(visit, "report"), now=visit.now
            )
    except Invalid as wrong:
        return await _match_page(visit, match_id, wrong)
    return visit.see_other(f"/matches/{match_id}", Message(_SAID[done]))


@post("/matches/{match_id:int}/game", opt=route("match.hand_in_game"))
async def hand_in_game(visit: Guest, match_id: FromPath[int]) -> Page:
    try:
        await visit.spend(CLAIMS, "game_id")
        async with visit.transaction() as tx:
            await captains.hand_in_game(
                tx, visit.me, match_id, visit.form.get("game_id"), now=visit.now
            )
    except Invalid as wrong:
        return await _match_page(visit, match_id, wrong)
    return visit.see_other(
        f"/matches/{match_id}", Message(N_("We are looking for this game. Nothing more to do."))
    )


async def _match_page(visit: Visit, match_id: int, wrong: Invalid) -> Page:
    row, tournament = await match_queries.match_by_id(match_id)
    since = visit.house.hub.position
    mine = await own_part(visit, row, tournament)
    context = await match_page.match(row, tournament)
    return visit.page(
        "matches/show.html",
        status=wrong.status,
        errors=wrong.fields,
        since=since,
        mine=mine,
        **context,
    )


_SAID = {
    "reported": N_("Reported. The other captain is asked to confirm."),
    "confirmed": N_("Both captains agree. The result counts."),
    "disputed": N_("Not everybody says the same. The organiser will decide."),
    "agreed": N_("Noted: you agree with the result."),
    "decided": N_("This match was decided already; nothing has changed."),
}


def _id(visit: Visit, name: str) -> int:
    text = visit.form.get(name)
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _ids(visit: Visit, name: str) -> list[int]:
    texts = visit.form.all(name)
    return [int(text) for text in texts[:50] if text.isdecimal() and len(text) < 10]


HANDLERS = [register_form, register, withdraw, report, confirm, hand_in_game]
