"""Challenging somebody on a ladder: captains for their clan, the organiser for all."""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import require, route
from app.accounts.visit import Guest, Visit
from app.kernel.errors import N_, Invalid, Message
from app.kernel.http.ratelimit import RateLimit
from tournaments import challenges, queries
from tournaments.play import entrants_by_seed, folded

Page = Response[bytes]

CHALLENGES = RateLimit("challenge", times=30, seconds=60 * 60)


@get("/tournaments/{slug:str}/challenge", opt=route("ladder.challenge"))
async def challenge_form(visit: Guest, slug: FromPath[str]) -> Page:
    return await _page(visit, slug, {}, 200)


@post("/tournaments/{slug:str}/challenge", opt=route("ladder.challenge"))
async def challenge(visit: Guest, slug: FromPath[str]) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    lower, upper = _id(visit, "lower"), _id(visit, "upper")
    try:
        await visit.spend(CHALLENGES, "upper")
        async with visit.transaction() as tx:
            await challenges.challenge(tx, visit.me, row["id"], lower, upper, now=visit.now)
    except Invalid as wrong:
        return await _page(visit, slug, wrong.fields, wrong.status)
    return visit.see_other(f"/tournaments/{slug}", Message(N_("The challenge stands.")))


def _id(visit: Visit, name: str) -> int:
    text = visit.form.get(name)
    return int(text) if text.isdecimal() and len(text) < 10 else 0


async def _page(visit: Visit, slug: str, errors: dict[str, Message], status: int) -> Page:
    row = await queries.tournament_by_slug(slug, visit.viewer)
    stage = await challenges.ladder_of(row)
    mine = await challenges.own_entrants(visit.me, row)
    if not mine:
        require(visit.me, "ladder.challenge")
    state, ids = await folded(stage), await entrants_by_seed(stage["id"])
    names = await queries.entrants_by_id(ids.values())
    order = [names[ids[seed]] for seed in challenges.order_of(state)]
    ladder = [(str(each.id), f"{place}. {each.name}") for place, each in enumerate(order, start=1)]
    return visit.page(
        "tournaments/challenge.html",
        status=status,
        errors=errors,
        t=row,
        lower=[each for each in ladder[1:] if int(each[0]) in mine],
        upper=ladder[:-1],
        round=len(state.rounds),
        begun=await challenges.has_begun(stage["id"], len(state.rounds)),
    )


HANDLERS = [challenge_form, challenge]
