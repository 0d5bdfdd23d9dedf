"""What organisers do with seeds, between registration and the start."""

from collections.abc import Awaitable, Callable

from litestar import Response, post
from litestar.params import FromPath

from app.accounts.permissions import route
from app.accounts.visit import Guest, Visit
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Invalid, Message
from tournaments import queries, seeding
from tournaments.routes.organiser import manage_page, mine

Page = Response[bytes]
Command = Callable[[Transaction, Row], Awaitable[Message]]


@post("/tournaments/{slug:str}/seeds", opt=route("tournament.seed"))
async def by_hand(visit: Guest, slug: FromPath[str]) -> Page:
    async def command(tx: Transaction, row: Row) -> Message:
        entrants = await queries.entrants_of(row["id"])
        order = _order(visit, [entrant.id for entrant in entrants])
        await seeding.by_hand(tx, visit.me, row["id"], order, now=visit.now)
        return Message(N_("The seeds are saved."))

    return await _seed(visit, slug, command)


def _order(visit: Visit, entrants: list[int]) -> list[int]:
    """The order asked for: numbers typed beside the clans, then one moved up or down."""

    def typed(entrant: int) -> float:
        text = visit.form.get(f"seed_{entrant}")
        return float(text) if text.isdecimal() and len(text) < 6 else float(len(entrants))

    order = sorted(entrants, key=typed)
    direction, _, moved = visit.form.get("move").partition(":")
    if moved in (known := [str(each) for each in order]):
        place = known.index(moved)
        other = place - 1 if direction == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return order


@post("/tournaments/{slug:str}/seeds/lot", opt=route("tournament.seed"))
async def by_lot(visit: Guest, slug: FromPath[str]) -> Page:
    async def command(tx: Transaction, row: Row) -> Message:
        await seeding.by_lot(tx, visit.me, row["id"], visit.form.get("lot"), now=visit.now)
        return Message(N_("Lots are drawn. The public page says how to check them."))

    return await _seed(visit, slug, command)


@post("/tournaments/{slug:str}/seeds/rating", opt=route("tournament.seed"))
async def by_rating(visit: Guest, slug: FromPath[str]) -> Page:
    async def command(tx: Transaction, row: Row) -> Message:
        rated, of = await seeding.by_rating(tx, visit.me, row["id"], now=visit.now)
        return Message(
            N_("{rated} of {count} clans have a rating; the others come after them."),
            rated=rated,
            count=of,
        )

    return await _seed(visit, slug, command)


@post("/tournaments/{slug:str}/seeds/list", opt=route("tournament.seed"))
async def by_list(visit: Guest, slug: FromPath[str]) -> Page:
    async def command(tx: Transaction, row: Row) -> Message:
        text = visit.form.get("list")
        found, of = await seeding.by_list(tx, visit.me, row["id"], text, now=visit.now)
        return Message(
            N_("{found} of {count} clans are in the list; the others come after them."),
            found=found,
            count=of,
        )

    return await _seed(visit, slug, command)


@post("/tournaments/{slug:str}/seeds/apart", opt=route("tournament.seed"))
async def apart(visit: Guest, slug: FromPath[str]) -> Page:
    async def command(tx: Transaction, row: Row) -> Message:
        entrants = await queries.entrants_of(row["id"])
        labels = {entrant.id: visit.form.get(f"apart_{entrant.id}") for entrant in entrants}
        moved = await seeding.keep_apart(tx, visit.me, row["id"], labels, now=visit.now)
        if not moved:
            return Message(N_("Nobody had to move."))
        return Message(N_("Clans whose seed has changed: {count}."), count=moved)

    return await _seed(visit, slug, command)


async def _seed(visit: Visit, slug: str, command: Command) -> Page:
    row = await mine(visit, slug)
    try:
        async with visit.transaction() as tx:
            done = await command(tx, row)
    except Invalid as wrong:
        return await manage_page(visit, slug, wrong.fields, 422)
    return visit.see_other(f"/tournaments/{slug}/manage#seeds", done)


HANDLERS = [by_hand, by_lot, by_rating, by_list, apart]
