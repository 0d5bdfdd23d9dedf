"""Who enters a tournament, with whom, until when; and who takes a clan out again."""

import pytest

from app.kernel import clock
from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from clans.steam_ids import BASE
from clans.tables import Member, Roster, RosterPlayer
from tests.factories import another_cup, clan, cup, person
from tournaments import draw, registration, setup
from tournaments.tables import Entrant, LineUpPlayer, Tournament


async def register(db, made, each, players=None, *, who=None):
    async with db.transaction() as tx:
        return await registration.register(
            tx, who or each.captain, made.id, each.id, players or each.players, now=clock.now()
        )


async def take_out(db, made, entrant, who):
    async with db.transaction() as tx:
        await registration.withdraw(tx, who, made.id, entrant, now=clock.now())


async def be(made, state):
    await Tournament.update({Tournament.state: state}).where(Tournament.id == made.id)


async def entrant_of(made, each):
    row = (
        await Entrant.select()
        .where((Entrant.tournament == made.id) & (Entrant.clan == each.id))
        .first()
    )
    return row["id"] if row else None


async def line_up(entrant):
    rows = await LineUpPlayer.select().where(LineUpPlayer.entrant == entrant)
    return {row["player"]: row["steam_id"] for row in rows}


async def give_steam_id(player, steam_id):
    await RosterPlayer.update({RosterPlayer.steam_id: steam_id}).where(
        RosterPlayer.player == player
    )


async def more_players(each, steam_ids):
    """New members of the clan, on its roster with these Steam ids."""
    roster = await Roster.select(Roster.id).where(Roster.clan == each.id).first()
    found = []
    for number, steam_id in enumerate(steam_ids):
        viewer = await person(f"more{each.number}x{number}")
        await Member.insert(
            Member(clan=each.id, player=viewer.player, role="player", joined_at=clock.now())
        )
        await RosterPlayer.insert(
            RosterPlayer(roster=roster["id"], player=viewer.player, steam_id=steam_id)
        )
        found.append(viewer.player)
    return found


# -- who -----------------------------------------------------------------------


async def others(made):
    """People who have nothing to say for the first clan of a cup."""
    member = await person("member")
    await Member.insert(
        Member(clan=made.clans[0].id, player=member.player, role="player", joined_at=clock.now())
    )
    former = await person("former")
    await Member.insert(
        Member(
            clan=made.clans[0].id,
            player=former.player,
            role="captain",
            joined_at=clock.now(),
            left_at=clock.now(),
        )
    )
    return [
        await person("nobody"),
        member,
        former,
        made.clans[1].captain,
        await person("rival", organiser=True),
    ]


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_a_clan_is_taken_out_by_its_captain_and_the_organiser_and_nobody_else(db, state):
    made = await cup(db, 2, start=False)
    await be(made, state)
    entrant = await entrant_of(made, made.clans[0])
    for who in await others(made):
        with pytest.raises(Forbidden):
            await take_out(db, made, entrant, who)
        assert await Entrant.exists().where(Entrant.id == entrant)
    await take_out(db, made, entrant, made.clans[0].captain)
    assert await entrant_of(made, made.clans[0]) is None
    second = await entrant_of(made, made.clans[1])
    await take_out(db, made, second, made.organiser)
    assert await Entrant.count() == await LineUpPlayer.count() == 0


async def test_nobody_registers_a_clan_but_its_captains(db):
    made = await cup(db, 2, start=False, size_limit="4")
    each = await clan(3)
    for who in [*await others(made), made.organiser]:
        with pytest.raises(Forbidden):
            await register(db, made, each, who=who)
    assert await Entrant.count() == 2
    second = await person("second")
    await Member.insert(
        Member(clan=each.id, player=second.player, role="captain", joined_at=clock.now())
    )
    await register(db, made, each, who=second)
    assert await entrant_of(made, each)


async def test_an_entrant_of_another_tournament_is_not_taken_out(db):
    made = await cup(db, 2, start=False)
    other = await another_cup(db, made, start=False)
    entrant = await entrant_of(other, made.clans[0])
    for who in (made.clans[0].captain, made.organiser):
        with pytest.raises(NotFound):
            await take_out(db, made, entrant, who)
        with pytest.raises(NotFound):
            await take_out(db, made, 999_999, who)
    assert await Entrant.count() == 4


# -- until when ----------------------------------------------------------------


@pytest.mark.parametrize("state", ["closed", "running", "finished", "cancelled"])
async def test_after_closing_nobody_registers_or_changes_a_line_up(db, state):
    made = await cup(db, 2, start=False, size_limit="8")
    late = await clan(3)
    await be(made, state)
    for each in (late, made.clans[0]):
        with pytest.raises(Conflict):
            await register(db, made, each)
    assert await Entrant.count() == 2


async def test_a_draft_takes_nobody_and_is_not_even_there(db):
    made = await cup(db, 2, start=False, size_limit="8")
    await be(made, "draft")
    with pytest.raises(NotFound):
        await register(db, made, await clan(3))
    with pytest.raises(NotFound):
        await register(db, type(made)(999_999, "", made.organiser, []), made.clans[0])
    assert await Entrant.count() == 2


@pytest.mark.parametrize("state", ["draft", "running", "finished", "cancelled"])
async def test_after_the_start_nobody_is_taken_out_of_the_list(db, state):
    made = await cup(db, 2, start=False)
    await be(made, state)
    entrant = await entrant_of(made, made.clans[0])
    for who in (made.organiser, made.clans[0].captain):
        with pytest.raises(Conflict):
            await take_out(db, made, entrant, who)
    assert await Entrant.count() == 2


async def test_the_last_place_is_the_last(db):
    made = await cup(db, 2, start=False)
    with pytest.raises(Conflict, match="All 2 places"):
        await register(db, made, await clan(3))
    # Who is in already still changes its line-up.
    first = made.clans[0]
    spare = await more_players(first, [str(BASE + 77)])
    await register(db, made, first, [*first.players[:4], *spare])
    assert spare[0] in await line_up(await entrant_of(made, first))
    assert await Entrant.count() == 2


# -- with whom -----------------------------------------------------------------


async def test_one_player_is_in_one_line_up_only(db):
    made = await cup(db, 1, start=False, size_limit="4")
    mine, other = made.clans[0].players[1], await clan(3)
    roster = await Roster.select(Roster.id).where(Roster.clan == other.id).first()
    await RosterPlayer.insert(
        RosterPlayer(roster=roster["id"], player=mine, steam_id=str(BASE + 5))
    )
    with pytest.raises(Invalid) as wrong:
        await register(db, made, other, [*other.players[:4], mine])
    assert list(wrong.value.fields) == [f"player_{mine}"]
    assert await Entrant.count() == 1
    # In another tournament nobody minds.
    await another_cup(db, type(made)(0, "", made.organiser, [other]), start=False)


async def test_one_steam_id_is_in_one_line_up_only(db):
    made = await cup(db, 1, start=False, size_limit="4")
    first, other = made.clans[0], await clan(3)
    twin = other.players[2]
    await give_steam_id(twin, first.steam_ids[0])
    with pytest.raises(Invalid) as wrong:
        await register(db, made, other)
    assert list(wrong.value.fields) == [f"player_{twin}"]
    assert await Entrant.count() == 1
    # The same people register again: they do not stand in their own way.
    await register(db, made, first)
    await give_steam_id(twin, str(BASE + 5))
    await register(db, made, other)
    assert await Entrant.count() == 2


async def test_a_steam_id_changed_after_registration_does_not_come_into_two_line_ups(db):
    made = await cup(db, 2, start=False)
    one, two = made.clans
    await give_steam_id(one.players[1], str(BASE + 5))
    await give_steam_id(two.players[1], one.steam_ids[0])
    await give_steam_id(two.players[2], str(BASE + 5))
    # Two of one clan that were mixed up are put right.
    await give_steam_id(two.players[4], "")
    await give_steam_id(two.players[3], two.steam_ids[4])
    await give_steam_id(two.players[4], two.steam_ids[3])
    # Who has no id on the roster any more, or is not on it, keeps what was registered.
    await give_steam_id(one.players[2], "")
    await RosterPlayer.delete().where(RosterPlayer.player == one.players[3])
    async with db.transaction() as tx:
        await setup.close_registration(tx, made.organiser, made.id, now=clock.now())
        await draw.start(tx, made.organiser, made.id, now=clock.now())
    first = await line_up(await entrant_of(made, one))
    second = await line_up(await entrant_of(made, two))
    # A new id is taken over; one that is another's already is not.
    assert first[one.players[1]] == str(BASE + 5)
    assert second[two.players[1]] == two.steam_ids[1]
    assert second[two.players[2]] == two.steam_ids[2]
    assert first[one.players[2]] == one.steam_ids[2]
    assert first[one.players[3]] == one.steam_ids[3]
    assert second[two.players[3]] == two.steam_ids[4]
    assert second[two.players[4]] == two.steam_ids[3]
    assert not {*first.values()} & {*second.values()}


@pytest.mark.parametrize(("count", "fits"), [(4, False), (5, True), (7, True), (8, False)])
async def test_a_line_up_has_five_players_and_at_most_two_substitutes(db, count, fits):
    made = await cup(db, 2, start=False, size_limit="4")
    each = await clan(3)
    more = await more_players(each, [str(BASE + 500 + number) for number in range(3)])
    players = [*each.players, *more][:count]
    if fits:
        entrant = await register(db, made, each, players)
        assert set(await line_up(entrant)) == set(players)
        return
    with pytest.raises(Invalid) as wrong:
        await register(db, made, each, players)
    assert list(wrong.value.fields) == ["players"]
    assert await Entrant.count() == 2


async def test_only_players_of_the_clans_roster_for_this_game_come_in(db):
    made = await cup(db, 2, start=False, size_limit="4", game="cs2")
    each = await clan(3, "dota2")
    with pytest.raises(Invalid, match="marked"):
        await register(db, made, each)
    other = await clan(4, "cs2")
    with pytest.raises(Invalid):
        await register(db, made, other, [*other.players[:4], each.players[0]])
    await give_steam_id(other.players[0], "")
    with pytest.raises(Invalid) as wrong:
        await register(db, made, other)
    assert list(wrong.value.fields) == [f"player_{other.players[0]}"]
    assert await Entrant.count() == 2


async def test_registering_and_leaving_are_traced_and_shown(db):
    made = await cup(db, 2, start=False, size_limit="4")
    each = await clan(3)
    before = await Tournament.select().where(Tournament.id == made.id).first()
    await OutboxEntry.delete(force=True)
    entrant = await register(db, made, each)
    row = await Entrant.select().where(Entrant.id == entrant).first()
    assert (row["name"], row["tag"], row["registered_by"]) == (
        "Clan 3",
        "C3",
        each.captain.account,
    )
    await take_out(db, made, entrant, each.captain)
    after = await Tournament.select().where(Tournament.id == made.id).first()
    assert after["revision"] == before["revision"] + 2
    kinds = [line["kind"] for line in await OutboxEntry.select().order_by(OutboxEntry.id)]
    assert kinds == ["tournament", "tournament"]
    lines = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).limit(2)
    assert [(line["action"], line["actor"]) for line in lines] == [
        ("tournament.clan_withdrawn", each.captain.account),
        ("tournament.clan_registered", each.captain.account),
    ]
