"""What a later stage rests on does not change under it, whoever says otherwise."""

import pytest

from app.kernel import clock
from app.kernel.errors import Conflict
from tests.factories import cup, report
from tournaments import captains, removals, rulings, stages
from tournaments.checking import differences
from tournaments.plans import StageForm
from tournaments.recording import record
from tournaments.reports import Told
from tournaments.tables import Event, Match, Notice, Removal, Result, Stage, StageSeed

GROUP_THEN_FINAL = (
    StageForm(format="round_robin", advance="2"),
    StageForm(prefix="s2_", format="single_elimination"),
)


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(db):
    yield
    assert await differences() == []


async def rule(db, made, match, kind="score", score=("1", "0"), seen=""):
    ruling = rulings.Ruling(kind, score, "said so", seen)
    async with db.transaction() as tx:
        await rulings.rule(tx, made.organiser, match["id"], ruling, now=clock.now())


async def start_next(db, made, chosen=()):
    async with db.transaction() as tx:
        return await stages.start_next(tx, made.organiser, made.id, [*chosen], now=clock.now())


async def take_back(db, made):
    async with db.transaction() as tx:
        await stages.take_back_stage(tx, made.organiser, made.id, now=clock.now())


async def take(db, made, game):
    async with db.transaction() as tx:
        return await record(tx, made.id, Told(games=(game,)), now=clock.now())


def clans_of(made, match, entrants):
    by_id = {each.id: each for each in made.clans}
    return [by_id[entrants[match[side]]] for side in ("entrant_a", "entrant_b")]


async def two_stages(db, plan=GROUP_THEN_FINAL, clans=3):
    """A cup whose first stage is over (the better seed has won each match) and the next drawn."""
    made = await cup(db, clans, stages=plan)
    for match in await made.matches():
        score = ("1", "0") if match["entrant_a"] < match["entrant_b"] else ("0", "1")
        await rule(db, made, match, score=score)
    assert await start_next(db, made) == "stage"
    return made, [row for row in await made.matches() if row["stage"] == 1]


async def test_no_ruling_changes_a_result_that_the_next_stage_rests_on(db):
    made, first = await two_stages(db)
    before = await Match.select().order_by(Match.id)
    match = first[0]
    turned = ("0", "1") if match["winner"] == 0 else ("1", "0")
    for kind, score in (
        ("score", turned),
        ("walkover_a" if match["winner"] else "walkover_b", ("", "")),
        ("double_forfeit", ("", "")),
        ("reopen", ("", "")),
    ):
        with pytest.raises(Conflict, match="next stage rests"):
            await rule(db, made, match, kind, score)
    # The same end by another word leaves the places alone, and is refused as well.
    with pytest.raises(Conflict):
        await rule(db, made, match, "walkover_b" if match["winner"] else "walkover_a", ("", ""))
    assert await Match.select().order_by(Match.id) == before
    assert await Result.count().where(Result.voided_at.is_not_null()) == 0
    await take_back(db, made)
    await rule(db, made, match, "score", turned)
    changed = await Match.select().where(Match.id == match["id"]).first()
    assert changed["winner"] == 1 - match["winner"]


async def test_no_game_and_no_captain_changes_it_either_and_the_organiser_hears_of_it(db):
    made = await cup(db, 3, stages=GROUP_THEN_FINAL)
    entrants = {row["entrant"]: made.clans[row["seed"] - 1].id for row in await StageSeed.select()}
    for number, match in enumerate(await made.matches()):
        a, b = clans_of(made, match, entrants)
        await take(db, made, report(number, *((a, b) if a.id < b.id else (b, a))))
    await start_next(db, made)
    first = (await Match.select().where(Match.stage == 1).order_by(Match.id))[0]
    a, b = clans_of(made, first, entrants)
    loser, winner = (a, b) if a.id > b.id else (b, a)
    assert (first["flag"], await Notice.count()) == ("single", 0)
    # The provider corrects itself: the same game was won by the other side.
    await take(db, made, report(0, loser, winner))
    row = await Match.select().where(Match.id == first["id"]).first()
    assert (row["winner"], row["flag"]) == (first["winner"], "disputed")
    notice = await Notice.select().first()
    assert "later results rest on it" in notice["text"]
    assert await Event.exists().where(Event.kind == "dispute")
    score = ("1", "0") if loser is a else ("0", "1")
    for who in (a.captain, b.captain):
        async with db.transaction() as tx:
            said = await captains.report_score(tx, who, first["id"], score, now=clock.now())
        assert said == "disputed"
    row = await Match.select().where(Match.id == first["id"]).first()
    assert (row["winner"], row["flag"]) == (first["winner"], "disputed")
    assert await Result.count().where(Result.voided_at.is_not_null()) == 0


async def test_nobody_leaves_or_comes_back_in_a_stage_that_is_over(db):
    made, first = await two_stages(db)
    out = await StageSeed.select().where((StageSeed.stage == 1) & (StageSeed.seed == 3)).first()
    for kind in ("withdrawn", "disqualified"):
        with pytest.raises(Conflict, match="next stage rests"):
            async with db.transaction() as tx:
                await removals.remove(
                    tx, made.organiser, made.id, out["entrant"], kind, "late", now=clock.now()
                )
    assert await Removal.count() == 0


async def test_who_left_before_the_cut_does_not_come_back_after_it(db):
    made = await cup(db, 3, stages=GROUP_THEN_FINAL)
    out = await StageSeed.select().where(StageSeed.seed == 3).first()
    async with db.transaction() as tx:
        await removals.remove(
            tx, made.organiser, made.id, out["entrant"], "withdrawn", "", now=clock.now()
        )
    for match in await Match.select().where(Match.state == "ready"):
        await rule(db, made, match)
    await start_next(db, made)
    with pytest.raises(Conflict, match="next stage rests"):
        async with db.transaction() as tx:
            await removals.let_back(
                tx, made.organiser, made.id, out["entrant"], "", now=clock.now()
            )
    assert await Removal.count().where(Removal.undone_at.is_not_null()) == 0


async def test_deciding_matches_rest_on_their_stage_too(db):
    plan = (
        StageForm(format="round_robin", advance="2", at_cut="decider"),
        StageForm(prefix="s2_", format="single_elimination"),
    )
    made = await cup(db, 3, stages=plan)
    # Everybody beats one and loses to one.
    seeds = {row["entrant"]: row["seed"] for row in await StageSeed.select()}
    for match in await made.matches():
        a, b = (seeds[match[side]] for side in ("entrant_a", "entrant_b"))
        beats = (a % 3) + 1 == b
        await rule(db, made, match, score=("1", "0") if beats else ("0", "1"))
    assert await start_next(db, made) == "decider"
    first = await Match.select().where(Match.stage == 1).order_by(Match.id).first()
    turned = ("0", "1") if first["winner"] == 0 else ("1", "0")
    with pytest.raises(Conflict, match="next stage rests"):
        await rule(db, made, first, "score", turned)
    # Deciders are drawn once, and must be played before anything else.
    with pytest.raises(Conflict, match="still to be played"):
        await start_next(db, made)
    assert await Stage.count() == 2
    for _ in range(3):
        for match in await Match.select().where(Match.state == "ready"):
            await rule(db, made, match)
    assert await start_next(db, made) == "stage"


async def test_a_stage_is_taken_back_only_while_nothing_was_decided_in_it(db):
    made, _ = await two_stages(db)
    final = await Match.select().where(Match.stage == 2).first()
    await rule(db, made, final)
    with pytest.raises(Conflict, match="Take back the results"):
        await take_back(db, made)
    await rule(db, made, final, "reopen", ("", ""))
    await take_back(db, made)
    assert await Stage.count() == 1
    with pytest.raises(Conflict, match="moved on"):
        await take_back(db, made)


async def test_the_next_stage_needs_the_one_before_to_be_over(db):
    made = await cup(db, 3, stages=GROUP_THEN_FINAL)
    with pytest.raises(Conflict, match="still to be played"):
        await start_next(db, made)
    assert await Stage.count() == 1
    for match in await made.matches():
        await rule(
            db,
            made,
            match,
            score=("1", "0") if match["entrant_a"] < match["entrant_b"] else ("0", "1"),
        )
    await start_next(db, made)
    with pytest.raises(Conflict, match="moved on"):
        await start_next(db, made)
    assert await Stage.count() == 2
