"""What organisers do between and during stages: the next stage, and who leaves."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import may, require, route
from app.accounts.visit import Guest, Visit
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Invalid, Message
from tournaments import queries, removals, stages
from tournaments.pages import cards
from tournaments.people.access import to_tournament
from tournaments.routes.organiser import manage_page, mine
from tournaments.tables import Match

Page = Response[bytes]


@post("/tournaments/{slug:str}/next", opt=route("stage.start"))
async def start_next(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    chosen = [int(text) for text in visit.form.all("settle") if text.isdecimal() and len(text) < 10]
    try:
        async with visit.transaction() as tx:
            made = await stages.start_next(tx, visit.me, row["id"], chosen, now=visit.now)
    except Invalid as wrong:
        return await manage_page(visit, slug, wrong.fields, 422)
    return visit.see_other(f"/tournaments/{slug}/manage", Message(SAID[made]))


SAID = {
    "stage": N_("The next stage has started."),
    "decider": N_("The deciding matches are drawn."),
}


@post("/tournaments/{slug:str}/stage-back", opt=route("stage.take_back"))
async def take_back(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    async with visit.transaction() as tx:
        await stages.take_back_stage(tx, visit.me, row["id"], now=visit.now)
    return visit.see_other(
        f"/tournaments/{slug}/manage", Message(N_("The latest stage is taken back."))
    )


@get("/tournaments/{slug:str}/entrants/{entrant:int}/leave", opt=route("entrant.withdraw"))
async def leave_form(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    return await _leave_page(visit, slug, entrant, {}, 200)


@post("/tournaments/{slug:str}/entrants/{entrant:int}/leave", opt=route("entrant.withdraw"))
async def leave(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    kind, reason = visit.form.get("kind", "withdrawn"), visit.form.get("reason")
    try:
        async with visit.transaction() as tx:
            await removals.remove(tx, visit.me, row["id"], entrant, kind, reason, now=visit.now)
    except Invalid as wrong:
        return await _leave_page(visit, slug, entrant, wrong.fields, 422)
    done = Message(N_("The clan has left the tournament."))
    return visit.see_other(await _back(visit, row), done)


@post("/tournaments/{slug:str}/entrants/{entrant:int}/back", opt=route("entrant.let_back"))
async def let_back(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    row = await mine(visit, slug)
    seen = visit.form.get("seen")
    async with visit.transaction() as tx:
        await removals.let_back(tx, visit.me, row["id"], entrant, seen, now=visit.now)
    done = Message(N_("The clan is in the tournament again."))
    return visit.see_other(await _back(visit, row), done)


async def _back(visit: Visit, row: Row) -> str:
    manages = may(visit.me, "tournament.manage", to_tournament(visit.me, row))
    page = "/manage" if manages else ""
    return f"/tournaments/{row['slug']}{page}"


async def _leave_page(
    visit: Visit, slug: str, entrant: int, errors: dict[str, Message], status: int
) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    thing = await removals.to_leaver(visit.me, row, entrant)
    require(visit.me, "entrant.withdraw", thing)
    found = await removals.current_stage(row["id"], entrant)
    if found is None or row["state"] != "running":
        raise await removals.not_in_play(visit.me, "entrant.withdraw", row["id"], entrant)
    stage, seed = found
    gone = await removals.removal_of(stage["id"], seed)
    fallen, changed = await removals.preview(stage, seed, back=gone is not None)
    return visit.page(
        "tournaments/leave.html",
        status=status,
        errors=errors,
        t=row,
        entrant=(await queries.entrants_by_id([entrant]))[entrant],
        gone=gone,
        seen=",".join(fallen),
        mine=thing,
        **await _cards(stage["id"], fallen, changed),
    )


async def _cards(stage: int, fallen: list[str], changed: list[str]) -> dict[str, Any]:
    rows = await Match.select().where(
        (Match.stage == stage) & one_of(Match.key, [*fallen, *changed])
    )
    entrants = await queries.entrants_by_id(
        each[side] for each in rows for side in ("entrant_a", "entrant_b")
    )
    drawn = {each["key"]: cards.card(each, entrants) for each in rows}
    return {
        "falling": [drawn[key] for key in fallen if key in drawn],
        "changing": [drawn[key] for key in changed if key in drawn],
    }


HANDLERS = [start_next, take_back, leave_form, leave, let_back]
