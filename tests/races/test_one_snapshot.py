"""Pages read while results land: never half of before and half of after."""

import asyncio
import re
from contextlib import nullcontext

from app.kernel.live import public_page
from tests.factories import cup
from tests.integration.test_formats import play
from tournaments import queries
from tournaments.checking import differences
from tournaments.pages import tournament as tournament_page


def torn(shown):
    """Whether what a tournament's page says of itself does not agree."""
    decided = {
        match.id: match
        for stage in shown["stages"]
        for section in stage["bracket"].sections
        for round_ in section.rounds
        for match in round_.matches
        if match.state == "final"
    }
    in_table = sum(
        int(number)
        for stage in shown["stages"]
        for table in stage["tables"]
        for row in table.rows
        for number in re.findall(r"\d+", row.record)
    )
    finished = shown["t"]["state"] == "finished"
    return (
        shown["played"] != len(decided)
        or in_table != 2 * len(decided)
        or finished != (len(decided) == shown["total"])
        or finished != bool(shown["podium"])
    )


async def _race(site, reads):
    """Read the page again and again, past the cache, while a whole round robin is ruled."""
    made = await cup(site.db, 6, format="round_robin")
    organiser = await site.signed_in(made.organiser)
    page = public_page.PublicPage(
        "tournaments/show.html",
        f"/tournaments/{made.slug}",
        (f"tournament:{made.id}",),
        lambda: _read(made.id),
    )
    found = []
    playing = asyncio.create_task(play(organiser))
    while not playing.done() or len(found) < reads:
        reading = await site.site.house.press.reading(page, fresh=True)
        found.append(torn(reading.context))
        if playing.done() and len(found) > reads:
            break
    await playing
    return found


async def _read(tournament):
    return await tournament_page.tournament(await queries.tournament_by_id(tournament))


async def test_no_page_is_torn(quiet):
    found = await _race(quiet, 5)
    assert len(found) >= 5
    assert not any(found)
    assert await differences() == []


async def test_control_without_a_snapshot_pages_are_torn(quiet, monkeypatch):
    monkeypatch.setattr(public_page, "one_snapshot", nullcontext)
    assert any(await _race(quiet, 5))
