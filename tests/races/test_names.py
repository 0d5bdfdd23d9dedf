"""Names taken in the same moment: an answer for everyone, and never a 500."""

from clans.tables import Clan
from tests.factories import clan, cup_data, person, typed
from tests.racing import statuses
from tournaments.tables import Tournament


async def test_eight_tournaments_of_one_name_get_eight_addresses(quiet):
    organiser = await quiet.signed_in(await person("organiser", organiser=True))
    posts = [organiser.post("/tournaments/new", **typed(cup_data())) for _ in range(8)]
    assert set(await statuses(*posts)) == {303}
    slugs = {row["slug"] for row in await Tournament.select(Tournament.slug)}
    assert slugs == {"test-cup", *(f"test-cup-{number}" for number in range(2, 9))}


async def test_eight_clans_that_want_one_name(quiet):
    posts = []
    for number in range(1, 9):
        made = await clan(number)
        captain = await quiet.signed_in(made.captain)
        fields = {"tag": f"T{number}X", "game": "dota2", "languages": "kk", "about": ""}
        posts.append(captain.post(f"/clans/clan-{number}/edit", name="Көкжал", **fields))
    assert sorted(await statuses(*posts)) == [303] + [422] * 7
    assert await Clan.count().where(Clan.name == "Көкжал") == 1
