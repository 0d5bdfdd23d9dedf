"""What a first visit costs: the budgets of the design, counted in bytes on the wire."""

import gzip
import re

import pytest

from app.kernel import clock
from tests.factories import cup, large_cup, report
from tests.site import until
from tournaments.recording import record
from tournaments.reports import Told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def wire(person, path: str) -> int:
    """Bytes of the body as sent, compressed."""
    size = 0
    async with person.http.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        async for chunk in answer.aiter_raw():
            size += len(chunk)
    return size


async def test_first_visit_in_kazakh(site):
    made = await cup(site.db, 16)
    person = site.stranger()
    person.http.headers["accept-language"] = "kk"
    page = f"/tournaments/{made.slug}"
    text = (await person.get(page)).text
    style = re.search(r"/static/app\.\w+\.css", text)[0]
    script = re.search(r"/static/app\.\w+\.js", text)[0]
    # Whatever the style sheet can ask for, and the icons.
    css = (await person.get(style)).text
    asked = {style, script, re.search(r"/static/icons\.\w+\.svg", text)[0]}
    asked |= {each for each in re.findall(r"/static/[\w.-]+", css) if "tenge" not in each}
    sizes = {each: await wire(person, each) for each in asked}
    total = await wire(person, page) + sum(sizes.values())
    assert sizes[script] <= 20 * 1024
    assert sizes[style] <= 15 * 1024
    assert total <= 100 * 1024
    # The page itself, what it asks for, and the live stream.
    assert len(asked) + 2 <= 10


async def test_a_bracket_of_32_and_one_of_4096(site):
    made = await large_cup(site.db, 32)
    assert await wire(site.stranger(), f"/tournaments/{made.slug}") <= 25 * 1024


async def test_a_very_large_bracket_is_shown_round_by_round(site):
    made = await large_cup(site.db, 1_000)
    person = site.stranger()
    assert await wire(person, f"/tournaments/{made.slug}") <= 60 * 1024
    text = (await person.get(f"/tournaments/{made.slug}?round=8")).text
    assert text.count('class="mc ') == 4


async def test_a_live_update_is_small(site):
    made = await cup(site.db, 16)
    one, sixteen = made.clans[0], made.clans[15]
    path = f"/live/tournaments/{made.id}"
    async with site.listening(path, "kk") as heard, site.listening(path, "ru") as also:
        async with site.db.transaction() as tx:
            await record(tx, made.id, Told(games=(report(1, one, sixteen),)), now=clock.now())

        async def pushed():
            return "<article" in "".join(heard[-1:]) and "<article" in "".join(also[-1:])

        await until(pushed)
    for text in (heard[-1], also[-1]):
        # The match, the next one, and what nobody compared before: chips, turns, the head.
        assert text.count("<article") == 2
        assert "<table" not in text
        assert len(gzip.compress(text.encode())) <= 2 * 1024
