"""Whatever is played, an open page that is pushed to is the page as it would be now."""

import gzip
import random

import msgspec
import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.text.i18n import LOCALES
from app.kernel.text.templating import render_fragment
from tests.dom import Element, differences, parse, push
from tests.factories import large_cup
from tournaments import queries, removals, rulings
from tournaments.pages import match as match_page
from tournaments.pages import tournament as tournament_page
from tournaments.pages.push import Pushes
from tournaments.tables import Match, Result

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BLOCKS = ("status", "facts", "entry", "body")
STAGES = {
    "single_elimination": {"third_place": True},
    "double_elimination": {"format": "double_elimination", "grand_final": "reset"},
    "round_robin": {"format": "round_robin", "groups": "3"},
    "swiss": {"format": "swiss"},
    "swiss_limits": {"format": "swiss_limits", "limits": "3-3"},
    "gsl": {"format": "gsl", "groups": "4"},
    "gauntlet": {"format": "gauntlet"},
    "ladder": {"format": "ladder", "rounds": "4"},
}
MOST_BYTES = 3 * 1024
# Tables that are paired round by round, a bracket of two halves, and one that grows.
QUICK = ("swiss_limits", "double_elimination", "ladder")
NAMES = [pytest.param(each, marks=[pytest.mark.slow] * (each not in QUICK)) for each in STAGES]


class Readers:
    """Somebody reads these languages of every tournament; what was sent is kept."""

    def __init__(self, *languages: str) -> None:
        self.languages = languages
        self.sent = []

    async def languages_read(self, topics):
        return {each: self.languages if each.startswith("tournament:") else () for each in topics}

    async def send(self, *messages):
        self.sent += messages


async def page_of(tournament: int, locale: str = "en") -> Element:
    row = await queries.tournament_by_id(tournament)
    shown = await tournament_page.tournament(row)
    return parse(
        "".join(
            render_fragment(locale, "tournaments/show.html", each, **shown, oob="")
            for each in BLOCKS
        )
    )


async def relay(pushes: Pushes) -> None:
    rows = await OutboxEntry.select().order_by(OutboxEntry.id)
    await OutboxEntry.delete(force=True)
    payloads: dict[str, list] = {"matches": [], "tournament": []}
    for row in rows:
        payloads.get(row["kind"], []).append(msgspec.json.decode(row["payload"]))
    if payloads["matches"]:
        await pushes.matches(payloads["matches"])
    if payloads["tournament"]:
        await pushes.tournament(payloads["tournament"])


async def started(db, entrants: int, **stage):
    made = await large_cup(db, entrants, **stage)
    await OutboxEntry.delete(force=True)
    return made


async def ready(made) -> list[dict]:
    return (
        await Match.select()
        .where((Match.stage.tournament == made.id) & (Match.state == "ready"))
        .order_by(Match.id)
    )


async def rule(db, made, match: int, kind: str, seen: str = "") -> None:
    ruling = rulings.Ruling(kind, ("", ""), "seen by the referee", seen)
    try:
        async with db.transaction() as tx:
            await rulings.rule(tx, made.organiser, match, ruling, now=clock.now())
    except rulings.NeedsConsent as needs:
        await rule(db, made, match, kind, needs.token)


@pytest.mark.parametrize("name", NAMES)
async def test_the_pushed_page_is_the_page(db, name):
    made = await started(db, 16, **STAGES[name])
    chance = random.Random(name)
    readers = Readers("en")
    pushes, shown = Pushes(readers), await page_of(made.id)
    for step in range(36):
        if not (open_ := await ready(made)):
            break
        await rule(
            db, made, chance.choice(open_)["id"], chance.choice(("walkover_a", "walkover_b"))
        )
        if step % 7 == 3:
            await correct(db, made, chance)
        if step % 11 == 5:
            await leave(db, made, chance)
        await relay(pushes)
        for message in readers.sent:
            if message.topic == f"tournament:{made.id}" and message.html:
                push(shown, message.html["en"])
        readers.sent.clear()
        assert not differences(shown, await page_of(made.id))
    assert step > 6


async def correct(db, made, chance) -> None:
    """The organiser turns an earlier result round; later ones may fall."""
    rows = await Result.select(Result.match, Result.winner).where(
        (Result.stage.tournament == made.id) & Result.voided_at.is_null()
    )
    row = chance.choice(rows)
    await rule(db, made, row["match"], "walkover_b" if row["winner"] == 0 else "walkover_a")


async def leave(db, made, chance) -> None:
    if (await queries.tournament_by_id(made.id))["state"] != "running":
        return
    entrants = await queries.entrants_of(made.id)
    async with db.transaction() as tx:
        await removals.remove(
            tx,
            made.organiser,
            made.id,
            chance.choice(entrants[4:]).id,
            "disqualified",
            "did not come",
            now=clock.now(),
        )


@pytest.mark.parametrize("name", NAMES)
async def test_a_result_is_few_bytes(db, name):
    """As the wire carries it, of 32 entrants, in the language that needs most."""
    made = await started(db, 32, **STAGES[name] | ({"groups": "8"} if name == "gsl" else {}))
    readers = Readers(*LOCALES)
    pushes, sizes = Pushes(readers), []
    for number in range(30):
        if not (open_ := await ready(made)):
            break
        await rule(db, made, open_[0]["id"], "walkover_b" if number % 3 == 0 else "walkover_a")
        await relay(pushes)
        for locale in LOCALES:
            said = "".join(each.html.get(locale, "") for each in readers.sent)
            sizes.append(len(gzip.compress(said.encode())))
        readers.sent.clear()
    assert max(sizes) <= MOST_BYTES


async def test_nobody_is_rendered_for_who_is_not_there(db, monkeypatch):
    made = await started(db, 8)
    readers = Readers()
    pushes = Pushes(readers)

    async def forbidden(*args, **kwargs):
        raise AssertionError("rendered for nobody")

    monkeypatch.setattr(tournament_page, "what_changed", forbidden)
    monkeypatch.setattr(tournament_page, "tournament", forbidden)
    monkeypatch.setattr(match_page, "match", forbidden)
    [first, *_] = await ready(made)
    await rule(db, made, first["id"], "walkover_a")
    await relay(pushes)
    # Kept pages of all three are dropped all the same.
    topics = {each.topic for each in readers.sent if not each.html}
    assert {f"tournament:{made.id}", f"match:{first['id']}", "home"} <= topics
    assert not [each for each in readers.sent if each.html]


async def test_a_reader_who_comes_after_a_quiet_time_misses_nothing(db):
    """What changed while nobody read is not taken for what the reader's page shows."""
    made = await started(db, 8, format="swiss")
    readers = Readers("en")
    pushes = Pushes(readers)
    matches = await ready(made)
    await rule(db, made, matches[0]["id"], "walkover_a")
    await relay(pushes)
    readers.languages = ()
    await rule(db, made, matches[0]["id"], "walkover_b")
    await relay(pushes)
    readers.languages = ("en",)
    readers.sent.clear()
    shown = await page_of(made.id)
    # Back to what was pushed last: nothing is different from that, all from the page.
    await rule(db, made, matches[0]["id"], "walkover_a")
    await relay(pushes)
    for message in readers.sent:
        push(shown, message.html.get("en", ""))
    assert not differences(shown, await page_of(made.id))


@pytest.mark.parametrize("name", ["swiss", "round_robin"])
async def test_a_push_that_fails_and_is_tried_again_says_all_of_it(db, monkeypatch, name):
    """Redis was away for a moment: what could not be sent is not taken for shown."""
    made = await started(db, 8, **STAGES[name])
    readers = Readers("en")
    pushes, shown = Pushes(readers), await page_of(made.id)
    matches = await ready(made)
    await rule(db, made, matches[0]["id"], "walkover_a")
    await relay(pushes)
    await rule(db, made, matches[1]["id"], "walkover_a")
    promised = [msgspec.json.decode(row["payload"]) for row in await OutboxEntry.select()]
    promised = [payload for payload in promised if "matches" in payload]
    with monkeypatch.context() as away:

        async def fail(*_):
            raise ConnectionError("Redis is away")

        away.setattr(readers, "send", fail)
        with pytest.raises(ConnectionError):
            await pushes.matches(promised)
    await pushes.matches(promised)
    for message in readers.sent:
        if message.topic == f"tournament:{made.id}":
            push(shown, message.html["en"])
    assert not differences(shown, await page_of(made.id))
