"""Everything a captain or an organiser may do is offered where it can be done, and only there."""

import re

import pytest

from app.accounts.tables import Player
from app.kernel import clock
from clans import membership
from tests.commands import leave, rule
from tests.factories import cup
from tournaments import draw, setup, stages
from tournaments.plans import StageForm
from tournaments.stages import is_closed
from tournaments.tables import Entrant, Match, Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CIRCLE = (
    StageForm(format="round_robin", advance="2", at_cut="decider"),
    StageForm(prefix="s2_", format="single_elimination"),
)


async def entrant_of(made, number):
    row = await Entrant.select().where(Entrant.clan == made.clans[number].id).first()
    return row["id"]


async def close(site, made):
    async with site.db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, made.id, now=clock.now())


async def test_a_captain_finds_the_way_out_in_every_state(site):
    made = await cup(site.db, 4, start=False)
    captain = await site.signed_in(made.clans[0].captain)
    page, entrant = f"/tournaments/{made.slug}", await entrant_of(made, 0)
    register = f"{page}/register?clan={made.clans[0].id}"
    assert register in (await captain.get(page)).text
    assert "Withdraw" in (await captain.get(register)).text
    await close(site, made)
    assert register in (await captain.get(page)).text
    shown = (await captain.get(register)).text
    assert "Registration is closed." in shown
    assert f'action="{page}/withdraw"' in shown
    async with site.db.transaction() as tx:
        await draw.start(tx, made.organiser, made.id, now=clock.now())
    door = f"{page}/entrants/{entrant}/leave"
    assert door in (await captain.get(page)).text
    assert (await captain.post(door)).status_code == 303
    assert door not in (await captain.get(page)).text
    # Nobody else is shown it.
    for other in (await site.signed_in(made.clans[1].captain), site.stranger()):
        assert door not in (await other.get(page)).text


async def test_the_desk_lists_what_ones_clans_are_in(site):
    made = await cup(site.db, 2, start=False)
    member = await site.signed_in(made.clans[0].captain)
    assert "Tournaments your clans are in" in (await member.get("/desk")).text
    nobody = await site.signed_in(made.organiser)
    assert "Tournaments your clans are in" not in (await nobody.get("/desk")).text
    async with site.db.transaction() as tx:
        await setup.cancel(tx, made.organiser, made.id, now=clock.now())
    assert "Tournaments your clans are in" not in (await member.get("/desk")).text


async def test_a_player_who_left_the_clan_is_named_to_the_captain(site):
    made = await cup(site.db, 2, start=False)
    gone, captain = made.clans[0].players[1], await site.signed_in(made.clans[0].captain)
    page = f"/tournaments/{made.slug}/register?clan={made.clans[0].id}"
    assert "no longer in the clan" not in (await captain.get(page)).text
    async with site.db.transaction() as tx:
        await membership.remove_member(
            tx, made.clans[0].captain, made.clans[0].id, gone, now=clock.now()
        )
    shown = (await captain.get(page)).text
    name = (await Player.select().where(Player.id == gone).first())["nickname"]
    assert f"no longer in the clan: {name}." in shown


async def test_why_a_clan_left_can_be_read_by_everybody(site):
    made = await cup(site.db, 4)
    entrant = await entrant_of(made, 0)
    [match] = [
        row for row in await made.matches() if entrant in (row["entrant_a"], row["entrant_b"])
    ]
    await leave(site.db, made, entrant, "disqualified", "wallhack in the semi-final")
    for path in (f"/tournaments/{made.slug}", f"/matches/{match['id']}"):
        await site.stranger().sees(path, "disqualified: wallhack in the semi-final")
    organiser = await site.signed_in(made.organiser)
    manage = (await organiser.get(f"/tournaments/{made.slug}/manage")).text
    assert "disqualified: wallhack in the semi-final" in manage
    assert manage.count("Let it back in") == 1
    assert manage.count("Withdraw or disqualify") == 3


async def test_a_cancelled_cup_asks_nobody_to_play(site):
    made = await cup(site.db, 4)
    captain, organiser = made.clans[0].captain, await site.signed_in(made.organiser)
    person = await site.signed_in(captain)
    matches = [f"/matches/{row['id']}" for row in await made.matches()]
    for path in matches:
        await person.get(path)
    assert (await organiser.post(f"/tournaments/{made.slug}/cancel")).status_code == 303
    for visitor in (person, organiser, site.stranger()):
        for path in matches:
            shown = await visitor.sees(path, "The organiser has cancelled this tournament.")
            assert "/report" not in shown
            assert "/rule" not in shown
    pages = (f"/tournaments/{made.slug}", f"/tournaments/{made.slug}/manage", "/desk")
    for path in pages:
        shown = (await organiser.get(path)).text
        assert "Play now" not in shown
        assert "/rule" not in shown


async def in_a_circle(site, made):
    """The first three beat each other in turn, all beat the fourth."""
    numbers = {await entrant_of(made, number): number for number in range(4)}
    for match in await made.matches():
        a, b = numbers[match["entrant_a"]], numbers[match["entrant_b"]]
        a_wins = b == 3 or (a != 3 and (b - a) % 3 == 1)
        await rule(site.db, made, match, score=(1, 0) if a_wins else (0, 1))


async def next_stage(site, made):
    async with site.db.transaction() as tx:
        return await stages.start_next(tx, made.organiser, made.id, [], now=clock.now())


async def test_nobody_is_through_before_it_is_known(site):
    made = await cup(site.db, 4, stages=CIRCLE)
    await in_a_circle(site, made)
    page = f"/tournaments/{made.slug}"
    shown = await site.stranger().sees(page, "level at the line")
    assert shown.count("level at the line") == 3
    assert "> through<" not in shown
    why = f"{page}/why/1/{await entrant_of(made, 0)}"
    assert "deciding matches are played" in (await site.stranger().get(why)).text
    assert await next_stage(site, made) == "decider"
    while ready := await Match.select().where(Match.state == "ready"):
        await rule(site.db, made, ready[0])
    assert await next_stage(site, made) == "stage"
    shown = await site.stranger().sees(page, "> through<")
    assert "level at the line" not in shown
    assert shown.count("> through<") == 2
    last = await Stage.select().order_by(Stage.number, ascending=False).first()
    playing = await Match.select().where(Match.stage == last["id"]).first()
    for entrant in (playing["entrant_a"], playing["entrant_b"]):
        row = await Entrant.select().where(Entrant.id == entrant).first()
        assert re.search(rf'{row["name"]}</a></span><span class="badge won">', shown)


async def test_deciders_of_two_groups_do_not_rest_on_each_other(site):
    both = (
        StageForm(format="round_robin", groups="2", advance="2", at_cut="decider"),
        StageForm(prefix="s2_", format="single_elimination"),
    )
    made = await cup(site.db, 6, stages=both)
    groups = {}
    for match in await made.matches():
        groups.setdefault(match["bracket"], []).append(match)
    for matches in groups.values():
        order = sorted({row[side] for row in matches for side in ("entrant_a", "entrant_b")})
        for match in matches:
            a, b = order.index(match["entrant_a"]), order.index(match["entrant_b"])
            await rule(site.db, made, match, score=(1, 0) if (b - a) % 3 == 1 else (0, 1))
    assert await next_stage(site, made) == "decider"
    assert await Stage.count().where(Stage.decider.eq(True)) == 2
    # The first is played and corrected while the second stands there.
    first, *_ = await Match.select().where(Match.state == "ready").order_by(Match.id)
    await rule(site.db, made, first, score=(1, 0))
    await rule(site.db, made, first, "reopen")
    while ready := await Match.select().where(Match.state == "ready"):
        await rule(site.db, made, ready[0])
    assert await next_stage(site, made) == "stage"
    # The stage they settle is closed by them.
    assert await is_closed(await Stage.select().order_by(Stage.number).first())


async def test_who_is_out_since_an_earlier_stage_is_offered_no_way_out(site):
    made = await cup(site.db, 4, stages=CIRCLE)
    matches = await made.matches()
    for match in matches:
        await rule(site.db, made, match)
    if await next_stage(site, made) == "decider":
        while ready := await Match.select().where(Match.state == "ready"):
            await rule(site.db, made, ready[0])
        assert await next_stage(site, made) == "stage"
    organiser = await site.signed_in(made.organiser)
    shown = (await organiser.get(f"/tournaments/{made.slug}/manage")).text
    doors = re.findall(rf"/tournaments/{made.slug}/entrants/\d+/leave", shown)
    assert len(doors) == 2
    for door in doors:
        assert (await organiser.get(door)).status_code == 200
