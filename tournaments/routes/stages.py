"""What organisers do between and during stages: the next stage, and who leaves."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import access as rules
from app.accounts.visit import Guest, Visit
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Invalid, Message
from tournaments import access, queries, removals, stages
from tournaments.pages import cards
from tournaments.routes.organiser import manage_page, mine
from tournaments.tables import Match

Page = Response[bytes]


@post("/tournaments/{slug:str}/next", opt=rules.ORGANISER)
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


@post("/tournaments/{slug:str}/stage-back", opt=rules.ORGANISER)
async def take_back(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    async with visit.transaction() as tx:
        await stages.take_back_stage(tx, visit.me, row["id"], now=visit.now)
    return visit.see_other(
        f"/tournaments/{slug}/manage", Message(N_("The latest stage is taken back."))
    )


@get("/tournaments/{slug:str}/entrants/{entrant:int}/leave", opt=rules.SIGNED_IN)
async def leave_form(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    return await _leave_page(visit, slug, entrant, {}, 200)


@post("/tournaments/{slug:str}/entrants/{entrant:int}/leave", opt=rules.SIGNED_IN)
async def leave(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    kind, reason = visit.form.get("kind", "withdrawn"), visit.form.get("reason")
    try:
        async with visit.transaction() as tx:
            await removals.remove(tx, visit.me, row["id"], entrant, kind, reason, now=visit.now)
    except Invalid as wrong:
        return await _leave_page(visit, slug, entrant, wrong.fields, 422)
    return visit.see_other(_back(visit, row), Message(N_("The clan has left the tournament.")))


@post("/tournaments/{slug:str}/entrants/{entrant:int}/back", opt=rules.ORGANISER)
async def let_back(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    row = await mine(visit, slug)
    seen = visit.form.get("seen")
    async with visit.transaction() as tx:
        await removals.let_back(tx, visit.me, row["id"], entrant, seen, now=visit.now)
    return visit.see_other(_back(visit, row), Message(N_("The clan is in the tournament again.")))


def _back(visit: Visit, row: Row) -> str:
    page = "/manage" if access.is_organiser(visit.viewer, row) else ""
    return f"/tournaments/{row['slug']}{page}"


async def _leave_page(
    visit: Visit, slug: str, entrant: int, errors: dict[str, Message], status: int
) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    await removals.require_may_leave(visit.me, row, entrant)
    found = await removals.current_stage(row["id"], entrant)
    if found is None or row["state"] != "running":
        raise await removals.not_in_play(visit.me, row, entrant)
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
        is_organiser=access.is_organiser(visit.viewer, row),
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
