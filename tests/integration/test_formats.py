"""Every format from the form to the last place, over HTTP, on both databases."""

import re

import pytest

from brackets import Points
from tests.factories import cup
from tournaments.checking import differences
from tournaments.plans import StageForm, plan_of
from tournaments.tables import Match, Result, Stage, Tournament

pytestmark = pytest.mark.slow_on_postgres


async def play(organiser, *, rule=lambda match: 0, most=500):
    """Rule every match that can be played, until nothing is left; how many were."""
    done = 0
    while ready := await Match.select().where(Match.state == "ready").order_by(Match.id):
        for match in ready:
            side = rule(match)
            wins = match["best_of"] // 2 + 1
            score = (wins, 0) if side == 0 else (match["head_start"], wins)
            answer = await organiser.post(
                f"/matches/{match['id']}/rule",
                kind="score",
                score_a=str(score[0]),
                score_b=str(score[1]),
                reason="test",
            )
            assert answer.status_code == 303, answer.text
            done += 1
            assert done < most
    return done


async def state_of(made):
    return (await Tournament.select(Tournament.state).where(Tournament.id == made.id).first())[
        "state"
    ]


FORMATS = [
    ({"format": "single_elimination", "third_place": True}, 6, 6),
    ({"format": "double_elimination", "grand_final": "reset"}, 5, 8),
    ({"format": "double_elimination", "grand_final": "advantage"}, 4, 6),
    ({"format": "round_robin", "groups": "2"}, 7, 9),
    ({"format": "round_robin", "best_of": "2"}, 4, 6),
    ({"format": "swiss", "rounds": "3"}, 7, 9),
    ({"format": "swiss_limits"}, 8, None),
    ({"format": "gsl"}, 4, 5),
    ({"format": "gauntlet"}, 4, 3),
    ({"format": "ladder"}, 4, 6),
]


@pytest.mark.parametrize(("stage", "clans", "matches"), FORMATS)
async def test_a_format_is_played_to_the_end(site, stage, clans, matches):
    made = await cup(site.db, clans, **stage)
    organiser = await site.signed_in(made.organiser)
    played = await play(organiser, rule=lambda match: match["id"] % 2)
    if stage.get("grand_final") != "reset":
        assert matches in (None, played)
    assert await state_of(made) == "finished"
    page = await site.stranger().get(f"/tournaments/{made.slug}")
    assert page.status_code == 200
    assert "Final places" in page.text
    assert await differences() == []
    for match in await Match.select(Match.id).where(Match.state != "absent"):
        assert (await site.stranger().get(f"/matches/{match['id']}")).status_code == 200


async def test_groups_then_a_double_elimination_with_the_best_joining_late(site):
    stages = (
        StageForm(format="round_robin", groups="2", advance="2"),
        StageForm(prefix="s2_", format="double_elimination", joins="2"),
    )
    made = await cup(site.db, 8, stages=stages)
    organiser = await site.signed_in(made.organiser)
    # The better side always wins: two groups of three give their winners.
    await play(organiser, rule=_better)
    assert await state_of(made) == "running"
    manage = await organiser.get(f"/tournaments/{made.slug}/manage")
    assert "Start the next stage" in manage.text
    assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
    first = await Match.select().where(
        (Match.stage.number == 2) & (Match.round == 1) & (Match.bracket == "upper")
    )
    names = {frozenset((row["entrant_a"], row["entrant_b"])) for row in first}
    seeds = {clan.id: number for number, clan in enumerate(made.clans, start=1)}
    assert len(names) == 2
    assert len(seeds) == 8
    # A result of the stage before cannot change under the next one.
    old = await Match.select().where(Match.stage.number == 1).first()
    refused = await organiser.post(
        f"/matches/{old['id']}/rule", kind="score", score_a="0", score_b="1", reason="late"
    )
    other = await organiser.post(
        f"/matches/{old['id']}/rule", kind="score", score_a="1", score_b="0", reason="late"
    )
    assert {refused.status_code, other.status_code} == {303, 409}
    back = await organiser.post(f"/tournaments/{made.slug}/stage-back")
    assert back.status_code == 303
    assert await Stage.count() == 1
    assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
    await play(organiser, rule=_better)
    assert await state_of(made) == "finished"
    page = (await site.stranger().get(f"/tournaments/{made.slug}")).text
    assert "Group A" in page
    assert "Lower bracket" in page
    assert await differences() == []


def _better(match):
    return 0 if match["entrant_a"] < match["entrant_b"] else 1


async def _in_a_circle(made):
    """A rule by which the first beats all and the others each other, and all four."""
    matches = await made.matches()
    first, second, third, fourth = sorted(
        {row[side] for row in matches for side in ("entrant_a", "entrant_b")}
    )
    beaten = {(second, third), (third, fourth), (fourth, second)}

    def rule(match):
        a, b = match["entrant_a"], match["entrant_b"]
        return 0 if a == first or (a, b) in beaten else 1

    return (first, second, third, fourth), rule


@pytest.mark.parametrize("answer", ["seed", "coin", "organiser", "decider"])
async def test_a_tie_at_the_cut_is_settled_as_stated(site, answer):
    stages = (
        StageForm(format="round_robin", advance="2", at_cut=answer),
        StageForm(prefix="s2_", format="single_elimination"),
    )
    made = await cup(site.db, 4, stages=stages)
    organiser = await site.signed_in(made.organiser)
    (first, second, third, fourth), rule = await _in_a_circle(made)
    await play(organiser, rule=rule)
    choice = {"settle": str(third)} if answer == "organiser" else {}
    if answer == "organiser":
        nothing = await organiser.post(f"/tournaments/{made.slug}/next")
        assert nothing.status_code == 422
        assert "Choose 1 of the clans" in nothing.text
    assert (await organiser.post(f"/tournaments/{made.slug}/next", **choice)).status_code == 303
    if answer == "decider":
        await play(organiser, rule=_better)
        assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
    final = await Match.select().where(Match.state == "ready").first()
    assert final["entrant_a"] == first
    expected = {"seed": {second}, "organiser": {third}, "decider": {second}}
    assert final["entrant_b"] in expected.get(answer, {second, third, fourth})
    await play(organiser)
    assert await state_of(made) == "finished"
    assert await differences() == []


@pytest.mark.parametrize("stage", [{}, {"format": "swiss", "rounds": "3"}])
async def test_who_leaves_gives_its_matches_away_and_can_come_back(site, stage):
    made = await cup(site.db, 4, **stage)
    organiser = await site.signed_in(made.organiser)
    leaver = (await made.matches())[0]["entrant_a"]
    path = f"/tournaments/{made.slug}/entrants/{leaver}"
    assert "takes no place" in (await organiser.get(f"{path}/leave")).text
    no_reason = await organiser.post(f"{path}/leave", kind="disqualified", reason="")
    assert no_reason.status_code == 422
    done = await organiser.post(f"{path}/leave", kind="disqualified", reason="smurf")
    assert done.status_code == 303
    given = (await made.matches())[0]
    assert (given["state"], given["outcome"], given["winner"]) == ("decided", "forfeit", 1)
    assert (await organiser.get(f"/matches/{given['id']}")).status_code == 200
    refused = await organiser.post(
        f"/matches/{given['id']}/rule", kind="score", score_a="1", score_b="0", reason="no"
    )
    assert refused.status_code == 409
    assert await differences() == []
    assert (await organiser.post(f"{path}/back", seen="")).status_code == 303
    assert (await made.matches())[0]["state"] == "ready"
    await organiser.post(f"{path}/leave", kind="withdrawn", reason="")
    await play(organiser)
    assert await state_of(made) == "finished"
    page = (await site.stranger().get(f"/tournaments/{made.slug}")).text
    assert "Final places" in page
    assert await differences() == []


async def test_a_swiss_correction_shows_what_falls_and_pairs_anew(site):
    made = await cup(site.db, 4, format="swiss", rounds="2")
    organiser = await site.signed_in(made.organiser)
    await play(organiser)
    old = (await made.matches())[0]
    fields = {"kind": "score", "score_a": "0", "score_b": "1", "reason": "typed wrongly"}
    shown = await organiser.post(f"/matches/{old['id']}/rule", **fields)
    assert shown.status_code == 422
    assert "fall as well" in shown.text
    seen = shown.text.split('name="seen" value="')[1].split('"')[0]
    assert (
        await organiser.post(f"/matches/{old['id']}/rule", **fields, seen=seen)
    ).status_code == 303
    assert await state_of(made) == "running"
    assert await differences() == []
    await play(organiser)
    assert await state_of(made) == "finished"


async def test_a_result_can_be_taken_back(site):
    made = await cup(site.db, 2)
    organiser = await site.signed_in(made.organiser)
    match = (await made.matches())[0]
    nothing = await organiser.post(f"/matches/{match['id']}/rule", kind="reopen", reason="none")
    assert nothing.status_code == 422
    await play(organiser)
    done = await organiser.post(f"/matches/{match['id']}/rule", kind="reopen", reason="replay")
    assert done.status_code == 303
    assert (await made.matches())[0]["state"] == "ready"
    assert await Result.count().where(Result.voided_at.is_null()) == 0
    assert await differences() == []


async def test_what_is_needed_is_said_for_open_places(site):
    stages = (
        StageForm(format="round_robin", advance="2"),
        StageForm(prefix="s2_", format="single_elimination"),
    )
    made = await cup(site.db, 4, stages=stages)
    entrant = (await made.matches())[0]["entrant_a"]
    page = await site.stranger().get(f"/tournaments/{made.slug}/needs/{entrant}")
    assert page.status_code == 200
    assert "64 ways" in page.text
    assert (await site.stranger().get(f"/tournaments/{made.slug}/needs/999999")).status_code == 404


@pytest.mark.parametrize(
    ("stage", "clans", "said"),
    [
        ({"format": "gsl", "groups": "2"}, 7, "GSL groups are of four"),
        ({"format": "round_robin", "groups": "4"}, 5, "cannot play this format"),
    ],
)
async def test_clans_that_do_not_fit_the_format_are_told_so(site, stage, clans, said):
    made = await cup(site.db, clans, start=False, **stage)
    organiser = await site.signed_in(made.organiser)
    await organiser.post(f"/tournaments/{made.slug}/close")
    refused = await organiser.post(f"/tournaments/{made.slug}/start")
    assert refused.status_code == 422
    assert said in refused.text


FINER = {
    "points": "3 / 1 / 0",
    "tie_breaks": ["head_to_head", "", "coin"],
    "removed": "void",
    "best_of": "1",
}


async def test_the_finer_settings_go_in_and_come_back(site):
    made = await cup(site.db, 4, start=False, format="round_robin")
    organiser = await site.signed_in(made.organiser)
    path = f"/tournaments/{made.slug}/edit"
    form = {
        "name": "Finer",
        "game": "dota2",
        "size_limit": "8",
        "starts_at": "2090-01-01T10:00",
        "timezone": "UTC",
        "league_id": "",
        "about": "",
        "format": "round_robin",
        "groups": "1",
        "legs": "1",
    }
    assert (await organiser.post(path, **(form | FINER))).status_code == 303
    [stage] = plan_of(await Tournament.select().first())
    assert stage.options.points == Points(win=3, draw=1, loss=0, bye=3)
    assert stage.options.tie_breaks == ("head_to_head", "coin")
    assert stage.options.removed == "void"
    shown = (await organiser.get(path)).text
    assert 'value="3 / 1 / 0"' in shown
    assert '<option value="head_to_head" selected>' in shown
    for change, field in (
        ({"points": "1 / 2 / 3"}, "points"),
        ({"points": "a lot"}, "points"),
        ({"tie_breaks": ["coin", "coin"]}, "tie_breaks"),
        ({"tie_breaks": ["luck"]}, "tie_breaks"),
        ({"format": "swiss", "by_round": "first: 3"}, "by_round"),
        ({"format": "swiss", "by_round": "L2:3"}, "by_round"),
        (
            {"format": "single_elimination", "final_best_of": "3", "semi_best_of": "4"},
            "semi_best_of",
        ),
    ):
        wrong = await organiser.post(path, **(form | FINER | change))
        assert wrong.status_code == 422, change
        assert f'id="{field}-error"' in wrong.text
    lengths = {"format": "double_elimination", "final_best_of": "5", "by_round": "2:3; l3:3"}
    assert (await organiser.post(path, **(form | lengths))).status_code == 303
    [stage] = plan_of(await Tournament.select().first())
    assert stage.options.round_best_of == {"upper:2": 3, "lower:3": 3, "final": 5}
    assert 'value="2:3, L3:3"' in (await organiser.get(path)).text
    semi = {"format": "single_elimination", "final_best_of": "3", "semi_best_of": "3"}
    assert (await organiser.post(path, **(form | semi))).status_code == 303
    await organiser.post(f"/tournaments/{made.slug}/close")
    await organiser.post(f"/tournaments/{made.slug}/start")
    assert {m["best_of"] for m in await made.matches()} == {3}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_deciding_matches_are_no_stage_of_their_own(site):
    stages = (
        StageForm(format="round_robin", advance="2", at_cut="decider"),
        StageForm(prefix="s2_", format="single_elimination"),
    )
    made = await cup(site.db, 4, stages=stages)
    organiser = await site.signed_in(made.organiser)
    await play(organiser, rule=(await _in_a_circle(made))[1])
    while await state_of(made) == "running":
        assert (await organiser.post(f"/tournaments/{made.slug}/next")).status_code == 303
        await play(organiser, rule=_better)
    headings = await _headings(site, made)
    assert "Stage 1: Round robin" in headings
    assert "Stage 2: Single elimination" in headings
    assert not [each for each in headings if each.startswith("Stage 3")]
    assert "Deciding matches" in headings


async def _headings(site, made):
    page = (await site.stranger().get(f"/tournaments/{made.slug}")).text
    return re.findall(r'<h2 id="stage-\d+"[^>]*>([^<]*)', page)


WINNERS = [
    ({"format": "round_robin"}, 4, 1, 0),
    ({"format": "round_robin", "groups": "2"}, 6, 0, 2),
    ({"format": "gsl", "groups": "2"}, 8, 0, 2),
    ({"format": "double_elimination", "grand_final": "none"}, 4, 0, 0),
]


@pytest.mark.parametrize(("stage", "clans", "champions", "groups"), WINNERS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_champion_is_who_has_won_all_of_it(site, stage, clans, champions, groups):
    made = await cup(site.db, clans, **stage)
    await play(await site.signed_in(made.organiser), rule=_better)
    page = (await site.stranger().get(f"/tournaments/{made.slug}")).text
    assert page.count("Champion") == champions
    assert page.count("Winner of group") == groups
    # What the marks at the matches say, and no provider that has said nothing.
    assert "Referee: decided by the organiser" in page
    assert "OpenDota:" not in page
    # A table whose places no tie-break gives has no column for reasons.
    assert ("Why this place?</span></th>" in page) == (stage["format"] == "round_robin")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_sources_explained_are_those_whose_marks_are_there(site):
    made = await cup(site.db, 2)
    await play(await site.signed_in(made.organiser))
    await Match.update({Match.source: "steam"}).where(Match.state == "decided")
    page = (await site.stranger().get(f"/tournaments/{made.slug}")).text
    assert "Steam: Valve" in page
    assert "OpenDota:" not in page
