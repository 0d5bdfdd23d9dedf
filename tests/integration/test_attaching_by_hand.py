"""A game of which no player shows an account: by team ids, or by the organiser's word."""

from tests.factories import cup, game
from tests.site import until
from tournaments.checking import differences
from tournaments.tables import Entrant, Match, Notice


async def decided(made):
    row = await made.match("U1.1")
    return row["state"] == "decided" and row


async def test_ten_anonymous_players_are_told_by_their_team_ids(site):
    made = await cup(site.db, 2, league_id="77")
    one, two = made.clans
    for clan, team in ((one, "901"), (two, "902")):
        await Entrant.update({Entrant.team_id: team}).where(Entrant.clan == clan.id)
    teams = {"radiant_team_id": 902, "dire_team_id": 901}
    site.world.publish(game(1, two, one, league_id=77, anonymous=True, **teams))
    row = await until(lambda: decided(made))
    assert row["winner"] == 1
    page = (await site.stranger().get(f"/matches/{row['id']}")).text
    assert "the registered teams played it" in page


async def test_without_team_ids_the_organiser_says_whose_game_it_was(site):
    made = await cup(site.db, 4, league_id="77")
    one, _two, _three, four = made.clans
    organiser = await site.signed_in(made.organiser)
    site.world.publish(game(1, four, one, league_id=77, anonymous=True))

    async def noticed():
        return await Notice.select().first()

    notice = await until(noticed)
    match = await made.match("U1.1")
    path = f"/notices/{notice['id']}/attach"
    assert (await organiser.get(path)).status_code == 200
    manage = await organiser.get(f"/tournaments/{made.slug}/manage")
    assert path in manage.text
    wrong = await organiser.post(path, match="1:999")
    assert wrong.status_code == 422
    assert 'id="match-error"' in wrong.text
    # Clan 4 was Radiant and won.
    done = await organiser.post(path, match=f"{match['id']}:{match['entrant_b']}")
    assert done.status_code == 303
    row = await until(lambda: decided(made))
    assert row["winner"] == 1
    page = (await site.stranger().get(f"/matches/{row['id']}")).text
    assert "The organiser says that OpenDota" in page
    assert await Notice.count().where(Notice.settled_at.is_null()) == 0
    assert await differences() == []


async def test_a_captains_anonymous_game_waits_for_the_organiser_and_then_counts(site):
    made = await cup(site.db, 2)
    one, two = made.clans
    captain = await site.signed_in(one.captain)
    organiser = await site.signed_in(made.organiser)
    match = await made.match("U1.1")
    played = game(1, one, two, anonymous=True)
    site.world.publish(played)
    await captain.post(f"/matches/{match['id']}/game", game_id=str(played.match_id))

    async def noticed():
        return await Notice.select().first()

    notice = await until(noticed)
    await organiser.post(
        f"/notices/{notice['id']}/attach", match=f"{match['id']}:{match['entrant_a']}"
    )
    row = await until(lambda: decided(made))
    assert row["winner"] == 0
    assert await Match.count().where(Match.state == "decided") == 1
