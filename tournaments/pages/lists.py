"""Lists of matches and tournaments: the front page, all matches, and a clan's."""

from typing import Any
from urllib.parse import urlencode

from tournaments import queries
from tournaments.pages import cards

Context = dict[str, Any]


async def home() -> Context:
    """The front page: what is played now, what was, and where one can enter."""
    now = await queries.matches_now(8)
    recent = await queries.recent_results(8)
    entrants = await queries.entrants_by_id(
        queries.entrants_in([each.row for each in (*now, *recent)])
    )
    running, _ = await queries.list_tournaments("running")
    entering, _ = await queries.list_tournaments("open")
    return {
        "now": cards.lines(now, entrants),
        "recent": cards.lines(recent, entrants),
        "running": running[:6],
        "entering": entering[:6],
    }


async def matches() -> Context:
    """Everything being played now, and the latest results."""
    now = await queries.matches_now(60)
    recent = await queries.recent_results(40)
    entrants = await queries.entrants_by_id(
        queries.entrants_in([each.row for each in (*now, *recent)])
    )
    return {"now": cards.lines(now, entrants), "recent": cards.lines(recent, entrants)}


STATES = ("open", "running", "finished")


async def tournaments(*states: str, page: int = 1) -> Context:
    """Published tournaments, of one state or of all, a page of them."""
    rows, more = await queries.list_tournaments(*states, page=page)
    return {"tournaments": rows, "more": more, "page": page, "state": "".join(states)}


async def pages_of_tournaments(*states: str) -> int:
    """How many pages there are, at least one."""
    return max(1, -(-await queries.count_tournaments(*states) // queries.PAGE))


def address_of_tournaments(*states: str, page: int = 1) -> str:
    """The list's address, as its own links say it."""
    asked = [("state", state) for state in states] + ([("page", str(page))] if page > 1 else [])
    return "/tournaments" + (f"?{urlencode(asked)}" if asked else "")


async def clan(clan_id: int) -> Context:
    """A clan's matches and tournaments."""
    rows = await queries.matches_of_clan(clan_id)
    entrants = await queries.entrants_by_id(queries.entrants_in([each.row for each in rows]))
    return {
        "matches": cards.lines(rows, entrants),
        "tournaments": await queries.titles_of_clan(clan_id),
    }
