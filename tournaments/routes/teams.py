"""Which registered team at a provider an entrant is: the organiser's word."""

from litestar import Response, post
from litestar.params import FromPath

from app.accounts.permissions import route
from app.accounts.visit import Guest
from app.kernel.errors import N_, Invalid, Message
from tournaments import team_ids
from tournaments.routes.organiser import manage_page, mine

Page = Response[bytes]


@post("/tournaments/{slug:str}/entrants/{entrant:int}/team", opt=route("entrant.name_team"))
async def team(visit: Guest, slug: FromPath[str], entrant: FromPath[int]) -> Page:
    row = await mine(visit, slug)
    typed = visit.form.get(f"team_{entrant}")
    try:
        async with visit.transaction() as tx:
            await team_ids.name_team(tx, visit.me, row["id"], entrant, typed, now=visit.now)
    except Invalid as wrong:
        return await manage_page(visit, slug, wrong.fields, 422)
    return visit.see_other(f"/tournaments/{slug}/manage#seeds", Message(N_("Saved.")))


HANDLERS = [team]
