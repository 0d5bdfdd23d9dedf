"""Lists of matches and tournaments: the front page, all matches, and a clan's."""

from typing import Any

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


async def clan(clan_id: int) -> Context:
    """A clan's matches and tournaments."""
    rows = await queries.matches_of_clan(clan_id)
    entrants = await queries.entrants_by_id(queries.entrants_in([each.row for each in rows]))
    return {
        "matches": cards.lines(rows, entrants),
        "tournaments": await queries.titles_of_clan(clan_id),
    }
