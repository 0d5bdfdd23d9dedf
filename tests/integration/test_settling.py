"""A match follows its evidence, as far as nobody's later result would fall by it."""

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.errors import Message
from tests.commands import fresh, leave, open_notices, result_of, rule, say, take, told_of
from tests.factories import another_cup, cup, report
from tournaments import results
from tournaments.checking import differences
from tournaments.tables import LiveGame, Notice, Result, Tournament

RESTS = "What is known of this match has changed, but later results rest on it."


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(db):
    yield
    assert await differences() == []


def corrected(number, winner, loser, **fields):
    """The same game as `report(number, …)`, with another winner."""
    return report(number, loser, winner, **fields)


# -- how sure it is ------------------------------------------------------------


async def test_a_second_voice_makes_a_provisional_result_final(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two))
    assert ((await fresh(match))["flag"], (await fresh(match))["source"]) == ("single", "opendota")
    assert await say(db, one.captain, match, 1, 0) == "agreed"
    row, result = await fresh(match), await result_of(match)
    assert (row["flag"], result["authority"], result["source"]) == ("", "games", "opendota")
    assert await open_notices(made) == []
    assert await Result.count() == 1


async def test_both_captains_take_the_word_from_a_lone_provider(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two))
    await say(db, one.captain, match, 1, 0)
    assert await say(db, two.captain, match, 1, 0) == "agreed"
    row, result = await fresh(match), await result_of(match)
    assert (result["authority"], result["source"], row["source"]) == (
        "captains",
        "captains",
        "captains",
    )
    assert row["flag"] == ""
    assert "Both captains agree: {a}:{b}." in await told_of(match, "captains")


async def test_a_captain_against_a_provider_disputes_it_once_and_peace_closes_it(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two))
    assert await say(db, two.captain, match, 0, 1) == "disputed"
    assert (await fresh(match))["flag"] == "disputed"
    assert await open_notices(made) == ["{source} says {a}:{b}, but not everybody does."]
    notice = await Notice.select().first()
    assert (notice["match"], notice["source"]) == (match["id"], "opendota")
    assert '"a":1,"b":0' in notice["params"].replace(" ", "")
    # Said again it is no news, for nobody.
    assert await say(db, two.captain, match, 0, 1) == "disputed"
    assert len(await told_of(match, "dispute")) == len(await told_of(match, "reported")) == 1
    assert await say(db, two.captain, match, 1, 0) == "agreed"
    assert (await fresh(match))["flag"] == ""
    assert await open_notices(made) == []


async def test_captains_against_a_provider_that_only_recognised_them(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two))
    await say(db, one.captain, match, 0, 1)
    assert await say(db, two.captain, match, 0, 1) == "disputed"
    row = await fresh(match)
    assert (row["winner"], row["flag"], row["source"]) == (1, "disputed", "captains")
    assert "Both captains say {a}:{b}, but not everybody does." in await open_notices(made)
    assert await Result.count().where(Result.voided_at.is_not_null()) == 1


async def test_captains_who_differ_need_a_referee_until_they_agree(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    assert await say(db, one.captain, match, 1, 0) == "reported"
    assert (await fresh(match))["flag"] == "reported"
    said = await told_of(match, "reported")
    assert await say(db, one.captain, match, 1, 0) == "reported"
    # Said once more it is no news.
    assert await told_of(match, "reported") == said
    assert await say(db, two.captain, match, 0, 1) == "disputed"
    assert (await fresh(match))["flag"] == "disputed"
    assert await open_notices(made) == ["The captains report different scores."]
    assert await say(db, one.captain, match, 0, 1) == "confirmed"
    row = await fresh(match)
    assert (row["state"], row["winner"], row["flag"]) == ("decided", 1, "")
    assert await open_notices(made) == []


# -- corrections ---------------------------------------------------------------


async def test_a_correction_moves_the_bracket_while_nothing_rests_on_it(db):
    made = await cup(db, 4)
    one, _, _, four = made.clans
    await take(db, made, report(1, one, four))
    match = await made.match("U1.1")
    assert (await made.match("U2.1"))["entrant_a"] == match["entrant_a"]
    await take(db, made, corrected(1, one, four))
    now_is = await fresh(match)
    assert (now_is["winner"], now_is["flag"]) == (1, "single")
    assert (await made.match("U2.1"))["entrant_a"] == match["entrant_b"]
    assert await Result.count() == 2
    assert await open_notices(made) == []


async def test_a_correction_under_a_later_result_is_held_until_it_is_taken_back(db):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    for number, (winner, loser) in enumerate(((one, four), (two, three), (one, two))):
        await take(db, made, report(number, winner, loser))
    match, final = await made.match("U1.1"), await made.match("U2.1")
    await take(db, made, corrected(0, one, four))
    row = await fresh(match)
    assert (row["winner"], row["flag"]) == (0, "disputed")
    assert await open_notices(made) == [RESTS]
    assert len(await told_of(match, "dispute")) == 1
    assert (await fresh(final))["state"] == "decided"
    assert (await Tournament.select().first())["state"] == "finished"
    # The provider was right at first.
    await take(db, made, report(0, one, four))
    assert (await fresh(match))["flag"] == "single"
    assert await open_notices(made) == []


async def test_a_late_game_changes_the_score_and_nothing_else(db):
    made = await cup(db, 4, best_of="3")
    one, _, _, four = made.clans
    start = clock.now()
    hours = [start + timedelta(hours=n) for n in range(3)]
    await take(db, made, report(1, one, four, started_at=hours[0]))
    await take(db, made, report(3, one, four, started_at=hours[2]))
    match = await made.match("U1.1")
    final = await made.match("U2.1")
    await take(db, made, report(2, four, one, started_at=hours[1]))
    row = await fresh(match)
    assert (row["score_a"], row["score_b"], row["winner"]) == (2, 1, 0)
    assert await fresh(final) == final
    voided = await Result.select().where(Result.voided_at.is_not_null())
    assert [row["voided_because"] for row in voided] == ["opendota"]


async def test_a_series_that_is_open_again_keeps_its_result_for_the_organiser(db):
    made = await cup(db, 2, best_of="3", final_best_of="3")
    one, two = made.clans
    start = clock.now()
    await take(db, made, report(1, one, two, started_at=start))
    await take(db, made, report(2, one, two, started_at=start + timedelta(hours=1)))
    match = await made.match("U1.1")
    assert match["state"] == "decided"
    await OutboxEntry.delete(force=True)
    await take(db, made, corrected(2, one, two, started_at=start + timedelta(hours=1)))
    row = await fresh(match)
    assert (row["state"], row["winner"], row["flag"]) == ("decided", 0, "disputed")
    assert await open_notices(made) == [RESTS]
    # Whoever looks at it sees the dispute.
    assert await OutboxEntry.exists().where(OutboxEntry.kind == "matches")


async def test_a_drawn_game_where_there_are_no_draws_needs_a_person(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two, winner=None))
    row = await fresh(match)
    assert (row["state"], row["flag"]) == ("ready", "disputed")
    [text] = await open_notices(made)
    assert "ended without a result" in text
    await rule(db, made, match, "score", (1, 0))
    assert await open_notices(made) == []
    assert (await fresh(match))["state"] == "decided"


# -- under way -----------------------------------------------------------------


async def test_what_is_under_way_is_shown_as_it_is(db):
    made = await cup(db, 2, best_of="3", final_best_of="3")
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two))
    row = await fresh(match)
    assert (row["flag"], row["score_a"], row["score_b"]) == ("live", 1, 0)
    await say(db, one.captain, match, 2, 0)
    assert (await fresh(match))["flag"] == "reported"
    assert (await fresh(match))["score_a"] == 1
    kinds = {row["kind"] for row in await OutboxEntry.select()}
    assert "matches" in kinds


async def test_a_live_score_makes_a_match_live(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    await LiveGame.insert(
        LiveGame(match=match["id"], source="x", number=0, score_a=1, score_b=0, at=clock.now())
    )
    one, two = made.clans
    await say(db, one.captain, match, 1, 0)
    await say(db, two.captain, match, 0, 1)
    assert (await fresh(match))["flag"] == "disputed"
    assert await LiveGame.count() == 1
    await say(db, two.captain, match, 1, 0)
    assert await LiveGame.count() == 0


# -- beside a ruling -----------------------------------------------------------


async def test_a_ruling_stands_whatever_arrives_and_the_organiser_hears_of_it_once(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await rule(db, made, match, "score", (1, 0))
    revision = (await Tournament.select().first())["revision"]
    await take(db, made, report(1, two, one))
    row, result = await fresh(match), await result_of(match)
    assert (row["winner"], row["flag"], row["source"]) == (0, "", "referee")
    assert (result["authority"], result["account"]) == ("ruling", made.organiser.account)
    says = "{source} says {a}:{b}, which is not the result that stands."
    assert await open_notices(made) == [says]
    assert await told_of(match, "dispute") == [says]
    assert (await Tournament.select().first())["revision"] > revision
    await Notice.update({Notice.settled_at: clock.now()}).where(Notice.match == match["id"])
    # The same once more, and another one that agrees: nothing to see.
    await take(db, made, report(1, two, one, duration=2_401))
    assert await open_notices(made) == []
    assert len(await told_of(match, "dispute")) == 1


async def test_what_agrees_with_a_ruling_needs_nobody(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await rule(db, made, match, "score", (1, 0))
    await take(db, made, report(1, one, two))
    assert await open_notices(made) == []
    assert await told_of(match, "dispute") == []
    assert (await result_of(match))["authority"] == "ruling"
    assert await say(db, two.captain, match, 0, 1) == "decided"
    assert (await result_of(match))["authority"] == "ruling"
    assert await told_of(match, "reported") == []


async def test_a_ruling_over_both_captains_tells_what_they_said(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await say(db, one.captain, match, 1, 0)
    await say(db, two.captain, match, 1, 0)
    await rule(db, made, match, "score", (0, 1))
    assert (await fresh(match))["winner"] == 1
    # A game with the players' own word beside it.
    await take(db, made, report(1, one, two))
    says = ["Both captains say {a}:{b}, which is not the result that stands."]
    assert await open_notices(made) == says


async def test_a_ruling_that_says_what_stands_becomes_the_organisers_word(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    await take(db, made, report(1, one, two))
    await OutboxEntry.delete(force=True)
    await rule(db, made, match, "score", (1, 0), reason="seen it")
    # Its page says whose word it is now.
    assert await OutboxEntry.exists().where(OutboxEntry.kind == "matches")
    row, result = await fresh(match), await result_of(match)
    assert (row["flag"], row["source"]) == ("", "referee")
    assert (result["authority"], result["reason"]) == ("ruling", "seen it")
    assert await Result.count() == 1
    await take(db, made, corrected(1, one, two))
    assert (await fresh(match))["winner"] == 0


# -- whom it does not concern --------------------------------------------------


async def test_a_match_that_a_removal_decided_takes_no_evidence(db):
    made = await cup(db, 4)
    one, _, _, four = made.clans
    match = await made.match("U1.1")
    await leave(db, made, match["entrant_a"])
    assert (await fresh(match))["source"] == "removal"
    await take(db, made, report(1, one, four))
    row = await fresh(match)
    assert (row["winner"], row["outcome"], row["source"]) == (1, "forfeit", "removal")
    assert await Result.count() == 0


async def test_a_notice_is_given_once_for_each_thing_it_is_about(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    text = Message(
        "{provider} knows game {game}: the registered teams played it.", provider="a", game="b"
    )

    async def notify(message=text, **fields):
        values = {"source": "opendota", "external_id": "1"} | fields
        return await results.notify(made.id, message, now=clock.now(), **values)

    assert await notify()
    assert not await notify()
    assert await notify(match=match["id"])
    assert not await notify(match=match["id"])
    assert await notify(external_id="2")
    assert await notify(source="steam")
    assert await notify(Message(text.text, provider="a", game="c"))
    assert await notify(Message("{provider} has cancelled the match.", provider="a", game="b"))
    other = await another_cup(db, made)
    assert await results.notify(other.id, text, now=clock.now(), source="opendota", external_id="1")
    await Notice.update({Notice.settled_at: clock.now()}).where(Notice.tournament == made.id)
    assert not await notify()
    assert await Notice.count() == 7
