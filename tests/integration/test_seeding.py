"""Seeds by lot, by rating, by a pasted list, and clans kept apart."""

import re
import subprocess

import pytest

from tests.factories import another_cup, cup
from tests.integration.test_formats import play
from tournaments import ratings
from tournaments.rating_lists import by_name, read
from tournaments.tables import Entrant, Match, Tournament

VALVE = """
### Regional Standings for Global

| Standing | Points | Team Name | Roster | Details |
| :- | -: | :- | :- | -: |
| 1 | 2009 | Nobody We Know | a, b, c | [details](x.md) |
| 4 | 1761 | Clan 3 | d, e | [details](y.md) |
| 5 | 1761 | CLAN 2 | f | [details](z.md) |
"""


async def closed(site, clans, **changes):
    made = await cup(site.db, clans, start=False, **changes)
    organiser = await site.signed_in(made.organiser)
    await organiser.post(f"/tournaments/{made.slug}/close")
    return made, organiser


async def order(made):
    rows = await (
        Entrant.select(Entrant.name).where(Entrant.tournament == made.id).order_by(Entrant.seed)
    )
    return [int(row["name"].removeprefix("Clan ")) for row in rows]


async def test_a_lot_is_published_and_anybody_can_draw_it_again(site):
    made, organiser = await closed(site, 6)
    path = f"/tournaments/{made.slug}"
    answer = await organiser.post(f"{path}/seeds/lot", lot="  it's   25 November ")
    assert answer.status_code == 303
    page = (await site.stranger().get(path)).text
    assert "drawn by lot" in page
    command = re.search(r"<code>(.*?)</code>", page, re.S)[1]
    for mark, letter in (("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&"), ("&gt;", ">")):
        command = command.replace(mark, letter)
    drawn = subprocess.run(["sh", "-c", command], capture_output=True, check=True, text=True)
    assert [int(number) for number in drawn.stdout.split()] == await order(made)
    # Drawing until it pleases is seen.
    await organiser.post(f"{path}/seeds/lot", lot="")
    await site.stranger().sees(path, "drawn 2 times")
    long = await organiser.post(f"{path}/seeds/lot", lot="x" * 61)
    assert long.status_code == 422
    assert 'id="lot-error"' in long.text
    # An order by hand is said to be one.
    first = await Entrant.select(Entrant.id).order_by(Entrant.id).first()
    await organiser.post(f"{path}/seeds", **{f"seed_{first['id']}": "1"})
    assert "drawn by lot" not in await site.stranger().sees(path, "ordered by the organiser")


async def test_by_a_pasted_list(site):
    made, organiser = await closed(site, 4)
    path = f"/tournaments/{made.slug}/seeds/list"
    assert (await organiser.post(path, list=VALVE)).status_code == 303
    assert await order(made) == [3, 2, 1, 4]
    assert (await organiser.post(path, list="C4;10\n1) clan 2, 30.5")).status_code == 303
    assert await order(made) == [2, 4, 3, 1]
    assert (await organiser.post(path, list="Clan 1\nClan 4")).status_code == 303
    assert await order(made) == [1, 4, 2, 3]
    for text, said in (
        ("Nobody", "No clan of this tournament is in the list."),
        ("Clan 1\nCLAN 1", "“Clan 1” is in the list more than once"),
        ("x" * 60_001, "At most 60,000 characters."),
    ):
        wrong = await organiser.post(path, list=text)
        assert wrong.status_code == 422
        assert 'id="list-error"' in wrong.text
        assert said in wrong.text.replace("60000", "60,000")
    assert await order(made) == [1, 4, 2, 3]


async def test_by_what_clans_have_won_here(site):
    first = await cup(site.db, 4, format="round_robin")
    organiser = await site.signed_in(first.organiser)
    # Clan 3 wins everything, then 4, 2, 1.
    strength = {1: 0, 2: 1, 3: 3, 4: 2}
    names = {row["id"]: int(row["name"][5:]) for row in await Entrant.select()}
    await play(
        organiser,
        rule=lambda m: int(strength[names[m["entrant_a"]]] < strength[names[m["entrant_b"]]]),
    )
    rated = await ratings.ratings("dota2")
    assert len(rated) == 4
    assert sum(each.points for each in rated.values()) == pytest.approx(4 * ratings.START)
    assert await ratings.ratings("cs2") == {}
    second = await another_cup(site.db, first, start=False)
    await organiser.post(f"/tournaments/{second.slug}/close")
    answer = await organiser.post(f"/tournaments/{second.slug}/seeds/rating")
    assert answer.status_code == 303
    assert await order(second) == [3, 4, 2, 1]
    page = (await site.stranger().get(f"/tournaments/{second.slug}")).text
    assert "by this site&#39;s rating" in page


async def test_nobody_has_a_rating_yet(site):
    made, organiser = await closed(site, 2)
    answer = await organiser.post(f"/tournaments/{made.slug}/seeds/rating")
    assert answer.status_code == 422
    assert 'id="rating-error"' in answer.text


async def test_clans_of_one_city_are_kept_apart_in_round_1(site):
    made, organiser = await closed(site, 8)
    path = f"/tournaments/{made.slug}"
    ids = {row["name"]: row["id"] for row in await Entrant.select(Entrant.id, Entrant.name)}
    # 1 would meet 8, and 2 would meet 7.
    cities = {"Clan 1": "Almaty", "Clan 8": "АLMATY ", "Clan 2": "Oral", "Clan 7": "oral"}
    fields = {f"apart_{ids[name]}": city for name, city in cities.items()}
    assert (await organiser.post(f"{path}/seeds/apart", **fields)).status_code == 303
    assert sorted((await order(made))[:4]) == [1, 2, 3, 4]
    manage = (await organiser.get(f"{path}/manage")).text
    assert 'value="Almaty"' in manage
    assert "not to meet in round 1" in (await site.stranger().get(path)).text
    again = await organiser.post(f"{path}/seeds/apart", **fields)
    assert again.status_code == 303
    wrong = await organiser.post(f"{path}/seeds/apart", **{f"apart_{ids['Clan 1']}": "x" * 41})
    assert wrong.status_code == 422
    assert f'id="apart_{ids["Clan 1"]}-error"' in wrong.text
    await organiser.post(f"{path}/start")
    labels = {ids[name]: city[:2].casefold() for name, city in cities.items()}
    labels[ids["Clan 8"]] = "al"
    for match in await Match.select().where(Match.round == 1):
        a, b = labels.get(match["entrant_a"]), labels.get(match["entrant_b"])
        assert a is None or a != b
    started = await organiser.post(f"{path}/seeds/lot", lot="late")
    assert started.status_code == 409
    assert (await Tournament.select(Tournament.state).first())["state"] == "running"


def test_lists_as_people_paste_them():
    table = read(VALVE)
    assert [(each.name, each.rating.rank) for each in table] == [
        ("Nobody We Know", 1),
        ("Clan 3", 4),
        ("CLAN 2", 5),
    ]
    assert read("| x | y |\n|99999999|1|a|\n|1|2||\n| 3 | 4 | b |")[0].name == "b"
    assert read("") == []
    mixed = read("A, 5\nB")
    assert [(each.name, each.rating) for each in mixed] == [("A", (1, 0)), ("B", (2, 0))]
    assert by_name(read("A\nА"))[1] == {"a"}
