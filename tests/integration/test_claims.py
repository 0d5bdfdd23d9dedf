"""A captain hands in a match id; the house looks for the game and says what came of it."""

import pytest

from integrations.tables import Following, Subject
from tests.factories import cup, game
from tests.site import until
from tournaments.checking import differences
from tournaments.tables import Claim, Match, Notice


async def state(expected):
    async def claimed():
        return await Claim.select().where(Claim.state == expected).first()

    return await until(claimed)


async def test_a_handed_in_game_is_found_late_and_counts(site):
    made = await cup(site.db, 2)
    one, two = made.clans
    captain = await site.signed_in(one.captain)
    match = (await made.match("U1.1"))["id"]
    played = game(1, two, one, late_polls=2)
    done = await captain.post(f"/matches/{match}/game", game_id=str(played.match_id))
    assert done.status_code == 303
    assert "Looking for game" in (await captain.get(f"/matches/{match}")).text
    site.world.publish(played)
    await state("taken")
    decided = await made.match("U1.1")
    assert (decided["winner"], decided["source"]) == (1, "opendota")
    assert (await Subject.select(Subject.state).first())["state"] == "recorded"
    assert (await Following.select(Following.next_at).first())["next_at"] is None
    assert await differences() == []


async def test_a_game_of_other_people_is_refused_and_both_sides_see_why(site):
    made = await cup(site.db, 4)
    one, _two, three, _four = made.clans
    captain = await site.signed_in(one.captain)
    organiser = await site.signed_in(made.organiser)
    match = (await made.match("U1.1"))["id"]
    wrong = game(1, one, three)
    site.world.publish(wrong)
    await captain.post(f"/matches/{match}/game", game_id=str(wrong.match_id))
    await state("refused")
    reason = "These two clans have no match to play against each other now."
    assert reason in (await captain.get(f"/matches/{match}")).text
    assert reason in (await organiser.get(f"/tournaments/{made.slug}/manage")).text
    assert (await made.match("U1.1"))["state"] == "ready"


async def test_a_league_game_that_comes_before_its_match_counts_later(site):
    made = await cup(site.db, 4, league_id="77")
    one, two, three, four = made.clans
    # The final is served first; the semi-finals follow.
    site.world.publish(game(3, one, two, league_id=77))

    async def waiting():
        return await Subject.exists().where(Subject.state == "waiting")

    await until(waiting)
    site.world.publish(game(1, one, four, league_id=77))
    site.world.publish(game(2, two, three, league_id=77))

    async def finished():
        return await Match.count().where(Match.state == "decided") == 3

    await until(finished)
    assert await Notice.count().where(Notice.settled_at.is_null()) == 0
    assert await differences() == []


@pytest.mark.parametrize("typed", ["", "abc", "12", "7" * 30, "٧٤٩٠٢٣٥٥٤٤"])
async def test_what_is_no_match_id_is_refused_beside_the_field(site, typed):
    made = await cup(site.db, 2)
    captain = await site.signed_in(made.clans[0].captain)
    match = (await made.match("U1.1"))["id"]
    answer = await captain.post(f"/matches/{match}/game", game_id=typed)
    assert answer.status_code == 422
    assert 'id="game_id-error"' in answer.text
    assert await Claim.count() == 0


async def test_a_provider_that_is_down_is_asked_again(site):
    made = await cup(site.db, 2, league_id="77")
    site.world.faults["/"] = "error"
    one, two = made.clans
    site.world.publish(game(1, one, two, league_id=77))

    async def failed():
        row = await Following.select(Following.last_error).first()
        return row and row["last_error"]

    assert "OpenDota answered 500" in await until(failed)
    site.world.faults.clear()

    async def decided():
        return await Match.exists().where(Match.state == "decided")

    await until(decided, seconds=40)
