"""Clans leave at every awkward moment: it is recorded, and the tournament goes on or says why not."""

import pytest

from tests.factories import cup
from tests.integration.test_formats import play, state_of
from tournaments.checking import differences
from tournaments.plans import StageForm
from tournaments.tables import Entrant, Removal, Stage, Tournament

pytestmark = pytest.mark.slow_on_postgres

ALONE = [
    ({}, 4),
    ({"format": "double_elimination"}, 4),
    ({"format": "round_robin"}, 4),
    ({"format": "swiss", "rounds": "3"}, 4),
    ({"format": "swiss_limits", "limits": "2-2"}, 6),
    ({"format": "gsl"}, 4),
    ({"format": "gauntlet"}, 4),
    ({"format": "ladder", "rounds": "2"}, 4),
]


async def leave(organiser, made, entrant):
    path = f"/tournaments/{made.slug}/entrants/{entrant}"
    return await organiser.post(f"{path}/leave", kind="withdrawn", reason="we must go")


async def entrants(made):
    rows = await Entrant.select(Entrant.id).where(Entrant.tournament == made.id)
    return [row["id"] for row in sorted(rows, key=lambda row: row["id"])]


async def look(site, organiser, made):
    """Every page of it can be read, and what is stored is what a replay says."""
    pages = [f"/tournaments/{made.slug}", f"/tournaments/{made.slug}/manage", "/", "/desk"]
    pages += [f"/matches/{row['id']}" for row in await made.matches() if row["state"] != "absent"]
    for path in pages:
        assert (await organiser.get(path)).status_code == 200, path
    assert await differences() == []


@pytest.mark.parametrize(("stage", "clans"), ALONE)
@pytest.mark.parametrize("staying", [0, 1])
async def test_all_leave_or_all_but_one(site, stage, clans, staying):
    made = await cup(site.db, clans, **stage)
    organiser = await site.signed_in(made.organiser)
    going = (await entrants(made))[staying:]
    for entrant in going:
        state = await state_of(made)
        answer = await leave(organiser, made, entrant)
        # Once the last match is given away there is nothing left to leave.
        assert answer.status_code == (303 if state == "running" else 409)
        await look(site, organiser, made)
    assert await state_of(made) == "finished"
    assert await Removal.count()


async def test_who_has_no_open_match_leaves_too(site):
    """Knocked out, or waiting for the others: nothing changes but that it has left."""
    made = await cup(site.db, 4, format="swiss", rounds="2")
    organiser = await site.signed_in(made.organiser)
    match = (await made.matches())[0]
    rule = {"kind": "score", "score_a": "1", "score_b": "0", "reason": "x"}
    assert (await organiser.post(f"/matches/{match['id']}/rule", **rule)).status_code == 303
    assert (await leave(organiser, made, match["entrant_b"])).status_code == 303
    assert await Removal.count().where(Removal.undone_at.is_null()) == 1
    page = await site.stranger().get(f"/tournaments/{made.slug}")
    assert page.status_code == 200
    await look(site, organiser, made)
    await play(organiser)
    assert await state_of(made) == "finished"


def two(**first):
    return (
        StageForm(format="round_robin", groups="2", advance="4", **first),
        StageForm(prefix="s2_", format="single_elimination"),
    )


async def test_the_next_stage_begins_with_who_is_left(site):
    made = await cup(site.db, 6, stages=two())
    organiser = await site.signed_in(made.organiser)
    groups = {}
    for row in await made.matches():
        groups.setdefault(row["bracket"], set()).update((row["entrant_a"], row["entrant_b"]))
    await play(organiser)
    first = sorted(groups)[0]
    # Two of one group's three: only one of it can go on.
    for entrant in sorted(groups[first])[:2]:
        assert (await leave(organiser, made, entrant)).status_code == 303
    manage = await organiser.get(f"/tournaments/{made.slug}/manage")
    assert manage.status_code == 200
    assert "Start the next stage" in manage.text
    assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
    await look(site, organiser, made)
    await play(organiser)
    assert await state_of(made) == "finished"
    await look(site, organiser, made)


async def test_a_next_stage_that_nobody_can_play_says_so(site):
    made = await cup(site.db, 6, stages=two())
    organiser = await site.signed_in(made.organiser)
    await play(organiser)
    everybody = await entrants(made)
    for number, entrant in enumerate(everybody, start=1):
        assert (await leave(organiser, made, entrant)).status_code == 303
        await look(site, organiser, made)
        manage = (await organiser.get(f"/tournaments/{made.slug}/manage")).text
        blocked = "cannot play this format" in manage
        assert blocked == (number >= 5)
        assert blocked == ("Let a clan back in" in manage)
        assert blocked != ("Start the next stage" in manage)
    refused = await organiser.post(f"/tournaments/{made.slug}/next")
    assert refused.status_code == 422
    assert "0 clans cannot play this format" in refused.text
    assert await Stage.count() == 1
    for entrant in everybody[:2]:
        path = f"/tournaments/{made.slug}/entrants/{entrant}"
        assert (await organiser.post(f"{path}/back", seen="")).status_code == 303
    assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
    await play(organiser)
    assert await state_of(made) == "finished"
    await look(site, organiser, made)


async def test_who_joins_later_is_told_why_it_cannot_leave_yet(site):
    stages = (
        StageForm(format="single_elimination", advance="2"),
        StageForm(prefix="s2_", format="round_robin", joins="2"),
    )
    made = await cup(site.db, 6, stages=stages)
    organiser = await site.signed_in(made.organiser)
    best = (await entrants(made))[0]
    path = f"/tournaments/{made.slug}/entrants/{best}/leave"
    for answer in (await organiser.get(path), await leave(organiser, made, best)):
        assert answer.status_code == 409
        assert "joins in a later stage" in answer.text


async def test_who_left_before_the_next_stage_comes_back_only_when_that_is_taken_back(site):
    made = await cup(site.db, 6, stages=two())
    organiser = await site.signed_in(made.organiser)
    await play(organiser)
    gone = (await entrants(made))[0]
    await leave(organiser, made, gone)
    assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
    path = f"/tournaments/{made.slug}/entrants/{gone}/back"
    refused = await organiser.post(path, seen="")
    assert refused.status_code == 409
    assert "Take that stage back first" in refused.text
    assert (await organiser.post(f"/tournaments/{made.slug}/stage-back")).status_code == 303
    assert (await organiser.post(path, seen="")).status_code == 303
    await look(site, organiser, made)


async def test_a_cancelled_tournament_stays_cancelled(site):
    made = await cup(site.db, 6, stages=two())
    organiser = await site.signed_in(made.organiser)
    await play(organiser)
    path = f"/tournaments/{made.slug}"
    assert (await organiser.post(f"{path}/next")).status_code == 303
    assert (await organiser.post(f"{path}/cancel")).status_code == 303
    match = (await made.matches())[0]
    back = {"kind": "reopen", "reason": "x"}
    for refused in (
        await organiser.post(f"{path}/stage-back"),
        await organiser.post(f"{path}/next"),
        await organiser.post(f"/matches/{match['id']}/rule", **back),
        await leave(organiser, made, match["entrant_a"]),
    ):
        assert refused.status_code == 409
    row = await Tournament.select(Tournament.state).where(Tournament.id == made.id).first()
    assert row["state"] == "cancelled"


async def test_pages_of_matches_that_were_given_away_change_at_once(site):
    made = await cup(site.db, 4)
    organiser = await site.signed_in(made.organiser)
    match = (await made.matches())[0]
    async with site.listening(f"/live/matches/{match['id']}") as heard:
        await leave(organiser, made, match["entrant_a"])
        from tests.site import until

        async def told():
            return [each for each in heard if "m-body" in each]

        assert await until(told)
