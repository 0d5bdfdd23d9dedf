"""My desk: all that waits for me, on one page."""

from litestar import Response, get

from app.accounts.permissions import may, route
from app.accounts.visit import Guest
from clans.queries import my_clans
from tournaments import entries, queries
from tournaments.pages import cards

Page = Response[bytes]


@get("/desk", opt=route("desk.see"))
async def desk(visit: Guest) -> Page:
    rows = await queries.matches_to_play(visit.me)
    entrants = await queries.entrants_by_id(
        each.row[side] for each in rows for side in ("entrant_a", "entrant_b")
    )
    entering, _ = await queries.list_tournaments("open")
    organises = may(visit.me, "tournament.create")
    return visit.page(
        "desk.html",
        clans=await my_clans(visit.me),
        matches=cards.lines(rows, entrants),
        organised=await queries.organised_by(visit.me) if organises else [],
        entered=await entries.of_member(visit.me),
        entering=entering[:6],
    )


HANDLERS = [desk]
