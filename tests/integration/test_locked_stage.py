"""What a process remembers of a stage is used only while nobody else has changed it."""

import pytest

from app.kernel import clock
from app.kernel.errors import NotFound
from tests.factories import cup, report
from tournaments import rulings
from tournaments.checking import differences
from tournaments.play import folded, open_play, replay
from tournaments.recording import record
from tournaments.reports import Told
from tournaments.tables import Stage, Tournament


async def take(db, made, number, winner, loser):
    async with db.transaction() as tx:
        told = Told(games=(report(number, winner, loser),))
        return await record(tx, made.id, told, now=clock.now())


class Processes:
    """Several processes on one database: each has a memory of its own."""

    def __init__(self, db):
        self.db = db
        self.memories = {}

    def __call__(self, name):
        self.db.memory = self.memories.setdefault(name, {})
        return self.db


async def test_two_processes_that_take_turns_play_one_bracket(db):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    process = Processes(db)
    await take(process("a"), made, 1, one, four)
    await take(process("b"), made, 2, two, three)
    # The first remembers a stage without the second semi-final.
    await take(process("a"), made, 3, two, one)
    final = await made.match("U2.1")
    assert (final["state"], final["winner"]) == ("decided", 1)
    assert await differences() == []


async def test_a_result_that_another_process_took_back_is_not_remembered(db):
    made = await cup(db, 2)
    one, two = made.clans
    process = Processes(db)
    await take(process("a"), made, 1, one, two)
    match = await made.match("U1.1")
    reopen = rulings.Ruling("reopen", ("", ""), "again", "")
    async with process("b").transaction() as tx:
        await rulings.rule(tx, made.organiser, match["id"], reopen, now=clock.now())
    async with process("a").transaction() as tx:
        play = await open_play(tx, match["stage"])
        assert play.state.match("U1.1").outcome is None
    await take(process("a"), made, 2, two, one)
    assert (await made.match("U1.1"))["winner"] == 1
    assert (await Tournament.select().first())["state"] == "finished"
    assert await differences() == []


async def test_what_is_remembered_is_used_while_nothing_has_changed(db, monkeypatch):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    await take(db, made, 1, one, four)
    stage = await Stage.select().first()

    async def nobody_folds(_):
        raise AssertionError("the stage is remembered")

    monkeypatch.setattr("tournaments.play.replay", nobody_folds)
    async with db.transaction() as tx:
        play = await open_play(tx, stage["id"])
        assert play.state.match("U1.1").winner == 1
    # Opened and not saved: what somebody may have changed in memory is forgotten.
    with pytest.raises(AssertionError):
        async with db.transaction() as tx:
            await open_play(tx, stage["id"])


async def test_pages_read_a_state_that_is_folded_once_for_each_revision(db, monkeypatch):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    folds = []

    async def counted(stage):
        folds.append(stage["revision"])
        return await replay(stage)

    monkeypatch.setattr("tournaments.play.replay", counted)
    stage = await Stage.select().first()
    for _ in range(2):
        assert (await folded(stage)).match("U1.1").outcome is None
    await take(Processes(db)("b"), made, 1, one, four)
    stage = await Stage.select().first()
    for _ in range(2):
        assert (await folded(stage)).match("U1.1").winner == 1
    assert len(folds) <= 3
    # Another tournament may have been given the ids of this one.
    other = {**stage, "spec": stage["spec"].replace('"coin":"', '"coin":"x')}
    assert (await folded(other)).match("U1.1").winner == 1
    assert len(folds) <= 4


async def test_a_change_that_was_rolled_back_is_not_remembered(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    process = Processes(db)

    class Stop(Exception):
        pass

    async def rule(name, kind):
        ruling = rulings.Ruling(kind, ("", ""), "nobody came", "")
        async with process(name).transaction() as tx:
            await rulings.rule(tx, made.organiser, match["id"], ruling, now=clock.now())
            if name == "a":
                raise Stop

    with pytest.raises(Stop):
        await rule("a", "walkover_b")
    # Another process makes the very revision that was never committed here.
    await rule("b", "walkover_a")
    async with process("a").transaction() as tx:
        play = await open_play(tx, match["stage"])
        assert play.state.match("U1.1").winner == 1
    assert (await made.match("U1.1"))["winner"] == 0


async def test_a_stage_that_is_not_there(db):
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await open_play(tx, 999_999)


async def test_every_change_raises_the_revisions(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    before = await Stage.select().first(), await Tournament.select().first()
    ruling = rulings.Ruling("walkover_b", ("", ""), "nobody came", "")
    async with db.transaction() as tx:
        await rulings.rule(tx, made.organiser, match["id"], ruling, now=clock.now())
    after = await Stage.select().first(), await Tournament.select().first()
    assert all(new["revision"] > old["revision"] for old, new in zip(before, after, strict=True))
