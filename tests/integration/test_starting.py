"""From a list of clans to a bracket, and from one stage to the next."""

import msgspec
import pytest

import brackets
from app.accounts.tables import Player
from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.errors import Conflict, Invalid
from tests.commands import leave, rule
from tests.factories import another_cup, cup
from tournaments import draw, seeding, setup, stages
from tournaments.checking import differences
from tournaments.plans import StageForm
from tournaments.tables import Entrant, LineUpPlayer, Match, Stage, StageSeed, Tournament


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(db):
    yield
    assert await differences() == []


async def close(db, made):
    async with db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, made.id, now=clock.now())


async def start(db, made):
    async with db.transaction() as tx:
        return await draw.start(tx, made.organiser, made.id, now=clock.now())


async def start_next(db, made, *chosen):
    async with db.transaction() as tx:
        return await stages.start_next(tx, made.organiser, made.id, [*chosen], now=clock.now())


async def row_of(made):
    return await Tournament.select().where(Tournament.id == made.id).first()


async def entrants_of(made):
    rows = await Entrant.select().where(Entrant.tournament == made.id).order_by(Entrant.id)
    return [row["id"] for row in rows]


async def seeds_of(stage):
    rows = await StageSeed.select().where(StageSeed.stage == stage).order_by(StageSeed.seed)
    return [row["entrant"] for row in rows]


# -- the start ---------------------------------------------------------------------


async def test_the_start_draws_freezes_and_promises(db):
    made = await cup(db, 3, start=False)
    await close(db, made)
    ids = await entrants_of(made)
    async with db.transaction() as tx:
        order = [ids[2], ids[0], ids[1]]
        await seeding.by_hand(tx, made.organiser, made.id, order, now=clock.now())
    await Player.update({Player.nickname: "renamed"}).where(Player.id == made.clans[0].players[1])
    await OutboxEntry.delete(force=True)
    assert await start(db, made)
    row = await row_of(made)
    assert (row["state"], row["started_at"] is not None) == ("running", True)
    seeds = {each["id"]: each["seed"] for each in await Entrant.select()}
    assert [seeds[each] for each in order] == [1, 2, 3]
    stage = await Stage.select().first()
    assert (stage["number"], stage["part"], stage["decider"]) == (1, 0, False)
    assert await seeds_of(stage["id"]) == order
    spec = msgspec.json.decode(stage["spec"], type=brackets.Spec)
    assert (spec.entrants, len(spec.options.coin)) == (3, 16)
    names = {each["player"]: each["nickname"] for each in await LineUpPlayer.select()}
    assert names[made.clans[0].players[1]] == "renamed"
    assert names[made.clans[0].players[2]] == "p1x2"
    kinds = [each["kind"] for each in await OutboxEntry.select().order_by(OutboxEntry.id)]
    assert kinds == ["tournament", "started"]
    matches = await made.matches()
    assert {each["state"] for each in matches} == {"bye", "ready", "waiting"}
    assert all((each["ready_at"] is not None) == (each["state"] == "ready") for each in matches)
    # Once more it changes nothing.
    assert not await start(db, made)
    assert await Stage.count() == 1
    assert await OutboxEntry.count() == 2


@pytest.mark.parametrize("state", ["draft", "open", "cancelled"])
async def test_only_a_closed_list_is_drawn(db, state):
    made = await cup(db, 2, start=False)
    await Tournament.update({Tournament.state: state}).where(Tournament.id == made.id)
    with pytest.raises(Conflict):
        await start(db, made)
    assert await Stage.count() == 0


async def test_two_clans_at_least_and_as_many_as_the_format_takes(db):
    made = await cup(db, 1, start=False)
    await close(db, made)
    with pytest.raises(Invalid) as wrong:
        await start(db, made)
    assert "at least two" in wrong.value.fields["start"].text
    assert (await row_of(made))["state"] == "closed"
    assert await Stage.count() == 0


async def test_what_does_not_fit_the_format_is_said(db):
    made = await cup(db, 5, start=False, format="gsl")
    await close(db, made)
    with pytest.raises(Invalid) as wrong:
        await start(db, made)
    assert list(wrong.value.fields) == ["start"]
    assert (await row_of(made))["state"] == "closed"


# -- the next stage ----------------------------------------------------------------


def two_stages(**second):
    first = {name: second.pop(name) for name in ("advance", "at_cut", "groups") if name in second}
    return (
        StageForm(**({"format": "round_robin", "advance": "2"} | first)),
        StageForm(prefix="s2_", **({"format": "single_elimination"} | second)),
    )


async def play(db, made, better, number=1):
    """Rule all matches of a stage; `better` says whether the first side wins."""
    rows = await Match.select().where(
        (Match.stage.tournament == made.id) & (Match.stage.number == number)
    )
    while ready := [row for row in rows if row["state"] == "ready"]:
        for match in ready:
            score = (1, 0) if better(match["entrant_a"], match["entrant_b"]) else (0, 1)
            await rule(db, made, match, score=score)
        rows = await Match.select().where(
            (Match.stage.tournament == made.id) & (Match.stage.number == number)
        )


async def test_those_who_finished_best_go_on_as_they_finished(db):
    made = await cup(db, 4, stages=two_stages(advance="3"))
    ids = await entrants_of(made)
    # The last one wins everything, and so on up.
    await play(db, made, lambda a, b: a > b)
    row = await row_of(made)
    found = await stages.what_is_next(row)
    assert (found.part, found.answer, found.ties, found.settled) == (1, "seed", [], [])
    await OutboxEntry.delete(force=True)
    assert await start_next(db, made) == "stage"
    kinds = [each["kind"] for each in await OutboxEntry.select().order_by(OutboxEntry.id)]
    assert kinds == ["tournament", "started"]
    second = await Stage.select().where(Stage.number == 2).first()
    assert (second["part"], second["decider"]) == (1, False)
    assert await seeds_of(second["id"]) == [ids[3], ids[2], ids[1]]
    assert await stages.what_is_next(row) is None


async def test_they_may_keep_the_seeds_they_began_with(db):
    made = await cup(db, 4, stages=two_stages(advance="3", seeding="initial"))
    ids = await entrants_of(made)
    await play(db, made, lambda a, b: a > b)
    await start_next(db, made)
    second = await Stage.select().where(Stage.number == 2).first()
    assert await seeds_of(second["id"]) == [ids[1], ids[2], ids[3]]


async def test_the_best_wait_for_the_second_stage(db):
    made = await cup(db, 5, stages=two_stages(advance="2", joins="2"))
    ids = await entrants_of(made)
    first = await Stage.select().first()
    assert await seeds_of(first["id"]) == ids[2:]
    await play(db, made, lambda a, b: a > b)
    await start_next(db, made)
    second = await Stage.select().where(Stage.number == 2).first()
    assert await seeds_of(second["id"]) == [ids[0], ids[1], ids[4], ids[3]]


def in_a_circle(ids):
    """The first of four beats all; of the others each beats the next."""
    first, second, third, fourth = ids
    beats = {(second, third), (third, fourth), (fourth, second)}
    return lambda a, b: a == first or (b != first and (a, b) in beats)


@pytest.mark.parametrize("answer", ["seed", "coin"])
async def test_a_tie_at_the_line_is_settled_by_rule(db, answer):
    made = await cup(db, 4, stages=two_stages(at_cut=answer))
    ids = await entrants_of(made)
    await play(db, made, in_a_circle(ids))
    found = await stages.what_is_next(await row_of(made))
    assert found.answer == answer
    assert [set(tie) for tie in found.ties] == [set(ids[1:])]
    assert [set(tie) for tie in found.settled] == [set(ids[1:])]
    if answer == "seed":
        assert found.settled == [ids[1:]]
    await start_next(db, made)
    second = await Stage.select().where(Stage.number == 2).first()
    assert await seeds_of(second["id"]) == [ids[0], found.settled[0][0]]


async def test_a_tie_that_is_left_to_the_organiser_is_settled_by_nobody_else(db):
    made = await cup(db, 4, stages=two_stages(at_cut="organiser"))
    ids = await entrants_of(made)
    await play(db, made, in_a_circle(ids))
    found = await stages.what_is_next(await row_of(made))
    assert (found.answer, found.settled) == ("organiser", None)
    # One place: nobody, two, and one who is not in it are no choice.
    for chosen in ([], ids[1:3], [ids[0]], [ids[1], ids[1], ids[2]]):
        with pytest.raises(Invalid) as wrong:
            await start_next(db, made, *chosen)
        assert list(wrong.value.fields) == ["settle"]
        assert wrong.value.fields["settle"].params["places"] == 1
    assert await Stage.count() == 1
    await start_next(db, made, ids[2], ids[2])
    second = await Stage.select().where(Stage.number == 2).first()
    assert await seeds_of(second["id"]) == [ids[0], ids[2]]


async def test_a_tie_is_played_out_where_that_is_the_rule(db):
    made = await cup(db, 4, stages=two_stages(at_cut="decider", best_of="3"))
    ids = await entrants_of(made)
    await play(db, made, in_a_circle(ids))
    found = await stages.what_is_next(await row_of(made))
    assert (found.answer, found.settled) == ("decider", None)
    assert await start_next(db, made) == "decider"
    decider = await Stage.select().where(Stage.number == 2).first()
    assert (decider["decider"], decider["part"]) == (True, 0)
    assert await seeds_of(decider["id"]) == ids[1:]
    spec = msgspec.json.decode(decider["spec"], type=brackets.Spec)
    assert (spec.format, spec.options.best_of % 2) == ("gauntlet", 1)
    assert (await stages.what_is_next(await row_of(made))).settled is None
    await play(db, made, lambda a, b: a > b, number=2)
    found = await stages.what_is_next(await row_of(made))
    assert found.settled[0][0] == ids[3]
    assert (await row_of(made))["state"] == "running"
    assert await start_next(db, made) == "stage"
    third = await Stage.select().where(Stage.number == 3).first()
    assert await seeds_of(third["id"]) == [ids[0], ids[3]]
    await play(db, made, lambda a, b: True, number=3)
    assert (await row_of(made))["state"] == "finished"


async def test_who_has_left_does_not_go_on(db):
    made = await cup(db, 4, stages=two_stages())
    ids = await entrants_of(made)
    await leave(db, made, ids[0])
    await play(db, made, lambda a, b: a < b)
    await start_next(db, made)
    second = await Stage.select().where(Stage.number == 2).first()
    assert await seeds_of(second["id"]) == [ids[1], ids[2]]


async def test_nothing_is_next_before_during_and_after_the_last(db):
    made = await cup(db, 3, start=False, stages=two_stages())
    assert await stages.what_is_next(await row_of(made)) is None
    await close(db, made)
    with pytest.raises(Conflict):
        await start_next(db, made)
    await start(db, made)
    assert await stages.what_is_next(await row_of(made)) is None
    assert not await stages.is_closed(await Stage.select().first())
    # What is drawn in another tournament closes nothing here.
    other = await another_cup(db, made, stages=two_stages())
    await play(db, other, lambda a, b: a < b)
    await start_next(db, other)
    mine = await Stage.select().where(Stage.tournament == made.id).first()
    assert not await stages.is_closed(mine)


async def test_taking_back_a_stage_that_was_drawn(db):
    made = await cup(db, 3, stages=two_stages())
    await play(db, made, lambda a, b: a < b)
    await start_next(db, made)
    first = await Stage.select().where(Stage.number == 1).first()
    assert await stages.is_closed(first)
    async with db.transaction() as tx:
        await stages.take_back_stage(tx, made.organiser, made.id, now=clock.now())
    assert not await stages.is_closed(first)
    assert [each["id"] for each in await stages.stages_of(made.id)] == [first["id"]]
    assert await Match.count().where(Match.stage.number == 2) == 0
    assert (await row_of(made))["state"] == "running"
    assert await stages.what_is_next(await row_of(made)) is not None
