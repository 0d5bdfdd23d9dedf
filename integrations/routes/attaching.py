"""The organiser's page for a game that no id could attach to a match."""

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.permissions import route
from app.accounts.visit import Guest, Visit
from app.kernel.errors import N_, Invalid, Message, NotFound
from integrations.attaching_by_hand import attach_by_hand, notice_and_tournament, subject_of
from integrations.base import Unusable
from integrations.inbox import deliveries_of
from integrations.registry import BY_NAME
from tournaments import match_queries, queries, wording
from tournaments.pages import cards

Page = Response[bytes]


@get("/notices/{notice_id:int}/attach", opt=route("notice.attach"))
async def form(visit: Guest, notice_id: FromPath[int]) -> Page:
    return await _page(visit, notice_id, {}, 200)


@post("/notices/{notice_id:int}/attach", opt=route("notice.attach"))
async def attach(visit: Guest, notice_id: FromPath[int]) -> Page:
    try:
        async with visit.transaction() as tx:
            slug = await attach_by_hand(
                tx,
                visit.me,
                notice_id,
                *_chosen(visit),
                now=visit.now,
            )
    except Invalid as wrong:
        return await _page(visit, notice_id, wrong.fields, 422)
    done = Message(N_("The game is attached. The match shows it in a moment."))
    return visit.see_other(f"/tournaments/{slug}/manage", done)


async def _page(visit: Visit, notice_id: int, errors: dict[str, Message], status: int) -> Page:
    notice, tournament = await notice_and_tournament(visit.me, notice_id)
    subject = await subject_of(notice)
    if subject is None or subject["provider"] not in BY_NAME:
        raise NotFound
    try:
        told = BY_NAME[subject["provider"]].translate(await deliveries_of(subject))
    except Unusable:
        # What came last is no game; until it is corrected there is nothing to attach.
        raise NotFound from None
    report = told.series or next(iter(told.games), None)
    if report is None:
        raise NotFound
    entrants = {each.id: each for each in await queries.entrants_of(tournament["id"])}
    rows = [
        row
        for row in await match_queries.matches_of(tournament["id"])
        if row["state"] in ("ready", "decided") and row["entrant_a"] and row["entrant_b"]
    ]
    return visit.page(
        "notices/attach.html",
        status=status,
        errors=errors,
        t=tournament,
        notice={**notice, "message": wording.message_of(notice["text"], notice["params"])},
        sides=report.sides,
        winner=report.winner,
        matches=[cards.card(row, entrants) for row in rows],
        chosen=notice["match"] or 0,
    )


def _chosen(visit: Visit) -> tuple[int, int]:
    """The match, and the entrant on the first side: `12:34`."""
    match, _, first = visit.form.get("match").partition(":")
    numbers = [each if each.isdecimal() and len(each) < 10 else "0" for each in (match, first)]
    return int(numbers[0]), int(numbers[1])


HANDLERS = [form, attach]
