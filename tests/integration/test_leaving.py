"""Leaving a stage and coming back: what falls, what stays, what is written down."""

import pytest

from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.errors import Conflict, Invalid, NotFound
from tests.commands import come_back, fresh, leave, result_of, rule, say, take
from tests.factories import another_cup, cup, report
from tournaments import removals
from tournaments.checking import differences
from tournaments.tables import Match, Removal, Result, Stage, StageSeed, Tournament


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(db):
    yield
    assert await differences() == []


async def by_seed(made):
    rows = await StageSeed.select().where(StageSeed.stage.tournament == made.id)
    return {row["seed"]: row["entrant"] for row in rows}


@pytest.mark.parametrize("kind", ["withdrawn", "disqualified"])
async def test_open_matches_go_to_the_others_and_what_was_played_stands(db, kind):
    made = await cup(db, 4, format="round_robin")
    entrants = await by_seed(made)
    mine = [
        row for row in await made.matches() if entrants[1] in (row["entrant_a"], row["entrant_b"])
    ]
    await rule(db, made, mine[0])
    before = await result_of(mine[0])
    await leave(db, made, entrants[1], kind, " because \n ")
    row = await Removal.select().first()
    assert (row["kind"], row["seed"], row["account"]) == (kind, 1, made.organiser.account)
    assert row["reason"] == "because"
    assert await result_of(mine[0]) == before
    for match in mine[1:]:
        now_is = await fresh(match)
        away = 0 if match["entrant_a"] == entrants[1] else 1
        assert (now_is["state"], now_is["winner"], now_is["outcome"]) == (
            "decided",
            1 - away,
            "forfeit",
        )
        assert now_is["source"] == "removal"
    line = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert (line["action"], line["actor"]) == (f"entrant.{kind}", made.organiser.account)
    assert line["subject"] == f"entrant:{entrants[1]}"
    assert "because" in line["data"]


async def test_leaving_twice_is_leaving_once(db):
    made = await cup(db, 4)
    entrants = await by_seed(made)
    await leave(db, made, entrants[1])
    await OutboxEntry.delete(force=True)
    revision = (await Tournament.select().first())["revision"]
    await leave(db, made, entrants[1], "disqualified", "again")
    assert await Removal.count() == 1
    assert await OutboxEntry.count() == 0
    assert (await Tournament.select().first())["revision"] == revision


async def test_a_disqualification_needs_a_reason_and_a_withdrawal_none(db):
    made = await cup(db, 4)
    entrants = await by_seed(made)
    for kind, reason, field in (
        ("disqualified", "", "reason"),
        ("disqualified", "  ", "reason"),
        ("disqualified", "x" * 201, "reason"),
        ("withdrawn", "x" * 201, "reason"),
        ("gone", "x", "kind"),
    ):
        with pytest.raises(Invalid) as wrong:
            await leave(db, made, entrants[1], kind, reason)
        assert list(wrong.value.fields) == [field]
    assert await Removal.count() == 0
    await leave(db, made, entrants[1], "disqualified", "x" * 200)


@pytest.mark.parametrize("state", ["finished", "cancelled", "closed"])
async def test_only_while_it_is_played(db, state):
    made = await cup(db, 4)
    entrants = await by_seed(made)
    await Tournament.update({Tournament.state: state}).where(Tournament.id == made.id)
    with pytest.raises(Conflict):
        await leave(db, made, entrants[1])
    with pytest.raises(Conflict):
        await come_back(db, made, entrants[1])
    assert await Removal.count() == 0
    await Tournament.update({Tournament.state: "running"}).where(Tournament.id == made.id)


async def test_who_is_not_in_it_does_not_leave_it(db):
    made = await cup(db, 4)
    other = await another_cup(db, made)
    theirs = await by_seed(other)
    for entrant in (theirs[1], 999_999):
        with pytest.raises(NotFound):
            await leave(db, made, entrant)
        with pytest.raises(NotFound):
            await come_back(db, made, entrant)
        assert await removals.current_stage(made.id, entrant) is None
    gone = type(made)(999_999, "", made.organiser, made.clans)
    with pytest.raises(NotFound):
        await leave(db, gone, theirs[1])


async def test_coming_back_opens_what_was_given_away(db):
    made = await cup(db, 4)
    entrants = await by_seed(made)
    match = await made.match("U1.1")
    await come_back(db, made, entrants[1])
    await leave(db, made, entrants[1])
    assert (await made.match("U2.1"))["entrant_a"] == entrants[4]
    # Where else the same clan has left, it has left.
    other = await another_cup(db, made)
    await leave(db, other, (await by_seed(other))[1])
    await OutboxEntry.delete(force=True)
    await come_back(db, made, entrants[1])
    undone = {row["stage"]: row["undone_at"] is not None for row in await Removal.select()}
    assert undone == {match["stage"]: True, match["stage"] + 1: False}
    assert (await fresh(match))["state"] == "ready"
    assert (await made.match("U2.1"))["entrant_a"] is None
    # The pages of its matches, and the tournament's.
    kinds = [row["kind"] for row in await OutboxEntry.select().order_by(OutboxEntry.id)]
    assert kinds == ["matches", "tournament"]
    line = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert line["action"] == "entrant.let_back"
    # It may leave again.
    await leave(db, made, entrants[1])
    assert await Removal.count() == 3


async def test_what_rested_on_a_removal_falls_and_has_to_be_seen(db):
    made = await cup(db, 4)
    entrants = await by_seed(made)
    await leave(db, made, entrants[1])
    await rule(db, made, await made.match("U1.2"))
    final = await made.match("U2.1")
    await leave(db, made, entrants[3])
    await rule(db, made, final)
    assert (await Tournament.select().first())["state"] == "finished"
    await Tournament.update({Tournament.state: "running"}).where(Tournament.id == made.id)
    stage = await Stage.select().first()
    fallen, changed = await removals.preview(stage, 1, back=True)
    assert fallen == ["U2.1"]
    assert "U1.1" in changed
    for seen in ("", "U1.1", "U2.1,U1.1"):
        with pytest.raises(Conflict):
            await come_back(db, made, entrants[1], seen)
    assert (await fresh(final))["state"] == "decided"
    await come_back(db, made, entrants[1], "U2.1")
    assert (await fresh(final))["state"] == "waiting"
    voided = await Result.select().where(Result.match == final["id"])
    assert [row["voided_because"] for row in voided] == ["let back"]
    assert (await Tournament.select().first())["state"] == "running"


async def test_what_was_played_while_a_clan_was_out_counts_when_it_is_back(db):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    entrants = await by_seed(made)
    await leave(db, made, entrants[1])
    await take(db, made, report(1, one, four))
    other = await made.match("U1.2")
    await say(db, two.captain, other, 1, 0)
    match = await made.match("U1.1")
    assert (match["winner"], match["source"]) == (1, "removal")
    await come_back(db, made, entrants[1])
    now_is = await fresh(match)
    assert (now_is["state"], now_is["winner"], now_is["source"]) == ("decided", 0, "opendota")
    assert (await made.match("U2.1"))["entrant_a"] == entrants[1]
    assert (await fresh(other))["flag"] == "reported"


async def test_what_leaving_changes_is_told_before(db):
    made = await cup(db, 4)
    stage = await Stage.select().first()
    fallen, changed = await removals.preview(stage, 1)
    assert (fallen, set(changed)) == ([], {"U1.1", "U2.1"})
    entrants = await by_seed(made)
    assert await removals.removal_of(stage["id"], 1) is None
    await leave(db, made, entrants[1])
    assert (await removals.removal_of(stage["id"], 1))["kind"] == "withdrawn"
    assert await removals.removal_of(stage["id"], 2) is None
    found, seed = await removals.current_stage(made.id, entrants[2])
    assert (found["id"], seed) == (stage["id"], 2)


async def test_the_last_one_standing_has_won(db):
    made = await cup(db, 2)
    entrants = await by_seed(made)
    await leave(db, made, entrants[2])
    row = await Tournament.select().first()
    assert row["state"] == "finished"
    assert row["finished_at"] is not None
    assert await Match.count().where(Match.state == "decided") == 1
