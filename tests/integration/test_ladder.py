"""A ladder over HTTP: captains challenge, places move, and it all equals its replay."""

from tests.factories import cup
from tests.integration.test_formats import play, state_of
from tournaments.checking import differences
from tournaments.tables import Entrant, Match


async def test_captains_challenge_whom_they_like(site):
    made = await cup(site.db, 5, format="ladder", rounds="2")
    path = f"/tournaments/{made.slug}"
    ids = [row["id"] for row in await Entrant.select(Entrant.id).order_by(Entrant.seed)]
    last = await site.signed_in(made.clans[4].captain)
    assert "Challenge somebody" in (await site.stranger().get(path)).text
    form = await last.get(f"{path}/challenge")
    assert form.status_code == 200
    assert "5. Clan 5" in form.text
    assert "4. Clan 4" in form.text.split('id="upper"')[1]
    done = await last.post(f"{path}/challenge", lower=str(ids[4]), upper=str(ids[0]))
    assert done.status_code == 303
    ready = await Match.select().where(Match.state == "ready").order_by(Match.id)
    assert [(m["entrant_a"], m["entrant_b"]) for m in ready] == [
        (ids[0], ids[4]),
        (ids[2], ids[3]),
    ]
    assert await differences() == []
    organiser = await site.signed_in(made.organiser)
    for lower, upper, field in (
        (ids[1], ids[0], "upper"),
        (ids[1], ids[1], "upper"),
        (ids[1], ids[2], "upper"),
        (ids[1], 0, "upper"),
    ):
        wrong = await organiser.post(f"{path}/challenge", lower=str(lower), upper=str(upper))
        assert wrong.status_code == 422
        assert f'id="{field}-error"' in wrong.text
    assert (await last.post(f"{path}/challenge", lower=str(ids[3]), upper="1")).status_code == 403
    # The challenger wins: all others move down by one.
    await organiser.post(
        f"/matches/{ready[0]['id']}/rule", kind="score", score_a="0", score_b="1", reason="test"
    )
    late = await organiser.post(f"{path}/challenge", lower=str(ids[3]), upper=str(ids[2]))
    assert late.status_code == 409
    assert "This round has begun" in (await last.get(f"{path}/challenge")).text
    assert '<p id="challenge-1" hidden>' in (await site.stranger().get(path)).text
    page = (await site.stranger().get(f"/matches/{ready[0]['id']}")).text
    assert "Place 5 of the ladder challenges place 1." in page
    await play(organiser)
    assert await state_of(made) == "finished"
    assert await differences() == []
    page = (await site.stranger().get(path)).text
    assert "Final places" in page
    why = await site.stranger().get(f"{path}/why/1/{ids[0]}")
    assert "Place on the ladder" in why.text
    assert (await last.get(f"{path}/challenge")).status_code == 404


async def test_who_leads_no_clan_challenges_nobody(site):
    made = await cup(site.db, 3, format="ladder")
    other = await site.signed_in(made.clans[0].captain)
    assert (await other.get(f"/tournaments/{made.slug}/challenge")).status_code == 200
    organiser = await site.signed_in(made.organiser)
    await play(organiser)
    assert await state_of(made) == "finished"
