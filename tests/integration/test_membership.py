"""Joining, roles, leaving; what a clan says about itself; and its rosters."""

from datetime import timedelta

import pytest

from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.db.tables import AuditEntry
from app.kernel.errors import Forbidden, Invalid, NotFound, UserError
from app.kernel.http.tokens import hash_of
from app.kernel.text.names import skeleton
from clans import founding, membership, rosters
from clans.access import to_clan, to_member
from clans.steam_ids import BASE
from clans.tables import Clan, Invite, Member, Roster, RosterPlayer
from tests.factories import clan, person

DATA = founding.ClanData("Көкжал", "KOK", "dota2", ["ru", "xx", "kk"], " Сәлем \r\nдос ")


async def do(db, command, *args, now=None, **kwargs):
    async with db.transaction() as tx:
        return await command(tx, *args, now=now or clock.now(), **kwargs)


async def roles(made):
    rows = await Member.select().where((Member.clan == made.id) & Member.left_at.is_null())
    return {row["player"]: row["role"] for row in rows}


async def audited():
    row = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    return row["action"], row["actor"]


# -- invites ---------------------------------------------------------------------


async def test_a_link_lets_ten_in_for_a_week_and_replaces_the_one_before(db):
    made = await clan(1)
    now = clock.now()
    first = await do(db, membership.invite, made.captain, made.id, now=now)
    second = await do(db, membership.invite, made.captain, made.id, now=now)
    assert await audited() == ("clan.invited", made.captain.account)
    assert first != second
    assert await Invite.count() == 1
    row = await Invite.select().first()
    assert (row["uses_left"], row["created_by"]) == (10, made.captain.player)
    with pytest.raises(NotFound):
        await membership.find_invite(first, now=now)
    week = timedelta(days=7)
    found = await membership.find_invite(second, now=now + week - timedelta(seconds=1))
    assert (found["clan"], found["name"], found["slug"]) == (made.id, "Clan 1", "clan-1")
    with pytest.raises(NotFound):
        await membership.find_invite(second, now=now + week)
    # Another clan's link stays.
    other = await clan(2)
    await do(db, membership.invite, other.captain, other.id)
    assert await Invite.count() == 2


async def test_whoever_joins_is_a_player_and_takes_one_place(db):
    made = await clan(1)
    token = await do(db, membership.invite, made.captain, made.id)
    other = await clan(2)
    await do(db, membership.invite, other.captain, other.id)
    guest = await person("guest")
    found = await do(db, membership.join, guest, token)
    assert found["slug"] == "clan-1"
    assert (await roles(made))[guest.player] == "player"
    assert await audited() == ("clan.joined", guest.account)
    left = {row["clan"]: row["uses_left"] for row in await Invite.select()}
    assert left == {made.id: 9, other.id: 10}
    before = await AuditEntry.count()
    await do(db, membership.join, guest, token)
    await do(db, membership.join, made.captain, token)
    left = {row["clan"]: row["uses_left"] for row in await Invite.select()}
    assert left == {made.id: 9, other.id: 10}
    assert (await roles(made))[made.captain.player] == "owner"
    assert await AuditEntry.count() == before


async def test_a_link_that_is_used_up_lets_nobody_in(db):
    made = await clan(1)
    token = await do(db, membership.invite, made.captain, made.id)
    await Invite.update({Invite.uses_left: 1}).where(Invite.token_hash == hash_of(token))
    await do(db, membership.join, await person("first"), token)
    late = await person("late")
    for used in (token, "", "nothing"):
        with pytest.raises(NotFound):
            await do(db, membership.join, late, used)
    assert late.player not in await roles(made)
    assert (await Invite.select().first())["uses_left"] == 0


async def test_who_left_may_join_again(db):
    made = await clan(1)
    guest = await person("guest")
    token = await do(db, membership.invite, made.captain, made.id)
    await do(db, membership.join, guest, token)
    await do(db, membership.remove_member, guest, made.id, guest.player)
    assert guest.player not in await roles(made)
    await do(db, membership.join, guest, token)
    assert await Member.count().where(Member.player == guest.player) == 2


# -- roles -------------------------------------------------------------------------


async def test_a_clan_is_handed_over_whole(db):
    made = await clan(1)
    heir = made.players[1]
    await do(db, membership.change_role, made.captain, made.id, heir, "owner")
    now_is = await roles(made)
    assert (now_is[heir], now_is[made.captain.player]) == ("owner", "captain")
    assert list(now_is.values()).count("owner") == 1
    assert await audited() == ("clan.role_changed", made.captain.account)
    # Who was the owner hands nothing over any more, and takes nothing back.
    for player, role in ((made.players[2], "owner"), (heir, "player"), (heir, "captain")):
        with pytest.raises(Forbidden):
            await do(db, membership.change_role, made.captain, made.id, player, role)
    await do(db, membership.change_role, made.captain, made.id, made.players[2], "coach")
    assert (await roles(made))[made.players[2]] == "coach"


async def test_a_clan_is_never_without_an_owner(db):
    made = await clan(1)
    me = made.captain
    for role in ("captain", "player"):
        with pytest.raises(UserError, match="needs an owner"):
            await do(db, membership.change_role, me, made.id, me.player, role)
    with pytest.raises(UserError, match="needs an owner"):
        await do(db, membership.remove_member, me, made.id, me.player)
    await do(db, membership.change_role, me, made.id, me.player, "owner")
    assert (await roles(made))[me.player] == "owner"


async def test_only_members_have_roles_and_only_those_there_are(db):
    made, other = await clan(1), await clan(2)
    stranger = await person("stranger")
    for player in (stranger.player, other.players[1], 999_999):
        with pytest.raises(NotFound):
            await do(db, membership.change_role, made.captain, made.id, player, "captain")
        with pytest.raises(NotFound):
            await do(db, membership.remove_member, made.captain, made.id, player)
    with pytest.raises(UserError, match="no such role"):
        await do(db, membership.change_role, made.captain, made.id, made.players[1], "king")
    with pytest.raises(Forbidden):
        await do(db, membership.change_role, stranger, made.id, made.players[1], "captain")
    assert list((await roles(made)).values()) == ["owner", *["player"] * 4]
    assert list((await roles(other)).values()) == ["owner", *["player"] * 4]


async def test_who_is_taken_out_is_out_of_its_rosters_and_the_link_is_off(db):
    made, other = await clan(1), await clan(2)
    gone = made.players[1]
    await do(db, membership.invite, made.captain, made.id)
    await do(db, membership.invite, other.captain, other.id)
    # The same person plays for another clan, too.
    roster = await Roster.select().where(Roster.clan == other.id).first()
    await RosterPlayer.insert(RosterPlayer(roster=roster["id"], player=gone, steam_id="7"))
    await do(db, membership.remove_member, made.captain, made.id, gone)
    assert gone not in await roles(made)
    assert await audited() == ("clan.left", made.captain.account)
    mine = await RosterPlayer.select().where(RosterPlayer.roster.clan == made.id)
    assert {row["player"] for row in mine} == {*made.players} - {gone}
    assert await RosterPlayer.count().where(RosterPlayer.player == gone) == 1
    assert [row["clan"] for row in await Invite.select()] == [other.id]


async def test_who_leaves_by_itself_leaves_the_link_on(db):
    made = await clan(1)
    guest = await person("guest")
    token = await do(db, membership.invite, made.captain, made.id)
    await do(db, membership.join, guest, token)
    with pytest.raises(Forbidden):
        await do(db, membership.remove_member, guest, made.id, made.players[1])
    await do(db, membership.remove_member, guest, made.id, guest.player)
    assert await Invite.count() == 1
    # Where there are no rosters nobody has to leave any.
    await Roster.delete(force=True)
    await do(db, membership.join, guest, token)
    await do(db, membership.remove_member, guest, made.id, guest.player)


async def test_what_somebody_is_to_a_clan(db):
    made, other = await clan(1), await clan(2)
    thing = await to_clan(made.captain, made.id)
    assert (thing.own, thing.role) == (True, "owner")
    for who, where in ((None, made.id), (made.captain, other.id), (await person("x"), made.id)):
        thing = await to_clan(who, where)
        assert (thing.own, thing.role) == (False, None)
    thing = await to_member(made.captain, made.id, made.players[1])
    assert (thing.own, thing.role) == (False, "owner")
    thing = await to_member(made.captain, other.id, made.captain.player)
    assert (thing.own, thing.role) == (True, None)


async def test_addresses_of_clans(db):
    made = await clan(1)
    assert (await membership.clan_by_slug("clan-1"))["id"] == made.id
    with pytest.raises(NotFound):
        await membership.clan_by_slug("clan-2")


# -- founding ----------------------------------------------------------------------


async def test_who_founds_a_clan_owns_it(db):
    founder = await person("founder")
    made = await do(db, founding.found_clan, founder, DATA)
    row = await Clan.select().where(Clan.id == made["id"]).first()
    assert (row["name"], row["tag"], row["slug"]) == ("Көкжал", "KOK", made["slug"])
    assert (row["languages"], row["about"]) == ("kk,ru", "Сәлем \nдос")
    assert (row["name_key"], row["tag_key"]) == (skeleton("Көкжал"), skeleton("KOK"))
    assert (await Member.select().first())["role"] == "owner"
    assert await audited() == ("clan.founded", founder.account)


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("name", "x", False),
        ("name", "xy", True),
        ("name", "x" * 24, True),
        ("name", "x" * 25, False),
        ("tag", "x", False),
        ("tag", "xy", True),
        ("tag", "xyzab", True),
        ("tag", "xyzabc", False),
        ("about", "x" * 1_000, True),
        ("about", "x" * 1_001, False),
        ("game", "chess", False),
        ("languages", ["de"], False),
    ],
)
def test_how_long_a_clans_words_are(field, value, fits):
    given = {name: getattr(DATA, name) for name in DATA.__struct_fields__} | {field: value}
    data = founding.ClanData(**given).cleaned
    if fits:
        data.check()
        return
    with pytest.raises(Invalid) as wrong:
        data.check()
    assert list(wrong.value.fields) == [field]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": "Kökjal"}, []),
        ({"name": "КОКЖАЛ", "tag": "NEW"}, ["name"]),
        ({"name": "Көкжал", "tag": "NEW"}, ["name"]),
        ({"name": "Other", "tag": "КOК"}, ["tag"]),
        ({"name": "көкжал"}, ["name", "tag"]),
    ],
)
async def test_a_name_and_a_tag_are_one_clans(db, changes, fields):
    founder = await person("founder")
    await do(db, founding.found_clan, founder, DATA)
    values = {"name": "Another", "tag": "ANO", "game": "cs2", "languages": ["en"], "about": ""}
    data = founding.ClanData(**(values | ({"tag": "KOK"} if "tag" in fields else {}) | changes))
    if not fields:
        await do(db, founding.found_clan, founder, data)
        return
    with pytest.raises(Invalid) as wrong:
        await do(db, founding.found_clan, founder, data)
    assert list(wrong.value.fields) == fields
    assert await Clan.count() == 1


async def test_a_clan_changes_what_it_says_and_keeps_its_address(db):
    founder = await person("founder")
    made = await do(db, founding.found_clan, founder, DATA)
    other = await clan(2)
    await do(db, founding.edit_clan, founder, made["id"], DATA)
    again = founding.ClanData("Ақбөрі", "AKB", "cs2", ["en"], "")
    await do(db, founding.edit_clan, founder, made["id"], again)
    assert await audited() == ("clan.edited", founder.account)
    row = await Clan.select().where(Clan.id == made["id"]).first()
    assert (row["name"], row["tag"], row["game"], row["languages"], row["about"]) == (
        "Ақбөрі",
        "AKB",
        "cs2",
        "en",
        "",
    )
    assert row["slug"] == made["slug"]
    untouched = await Clan.select().where(Clan.id == other.id).first()
    assert untouched["name"] == "Clan 2"
    await Clan.update({Clan.tag_key: skeleton("TWO")}).where(Clan.id == other.id)
    with pytest.raises(Invalid) as wrong:
        await do(
            db,
            founding.edit_clan,
            founder,
            made["id"],
            founding.ClanData("Ақбөрі", "TWO", "cs2", ["en"], ""),
        )
    assert list(wrong.value.fields) == ["tag"]


# -- rosters -----------------------------------------------------------------------


def choice(player, steam_id="", on=True):
    return rosters.Choice(player, on, steam_id)


async def roster_of(made, game="dota2"):
    rows = await RosterPlayer.select().where(
        (RosterPlayer.roster.clan == made.id) & (RosterPlayer.roster.game == game)
    )
    return {row["player"]: row["steam_id"] for row in rows}


async def test_a_roster_is_replaced_by_who_is_chosen(db):
    made = await clan(1)
    a, b, c, *_ = made.players
    chosen = [choice(a, f" {BASE + 1} "), choice(b), choice(c, str(BASE + 3), on=False)]
    await do(db, rosters.save_roster, made.captain, made.id, "dota2", chosen)
    assert await roster_of(made) == {a: str(BASE + 1), b: ""}
    assert await audited() == ("clan.roster_saved", made.captain.account)
    await do(db, rosters.save_roster, made.captain, made.id, "cs2", chosen[:1])
    assert await roster_of(made, "cs2") == {a: str(BASE + 1)}
    assert await roster_of(made) == {a: str(BASE + 1), b: ""}
    await do(db, rosters.save_roster, made.captain, made.id, "dota2", [])
    assert await roster_of(made) == {}
    assert await Roster.count().where(Roster.clan == made.id) == 2


async def test_only_members_come_on_a_roster(db):
    made, other = await clan(1), await clan(2)
    stranger = await person("stranger")
    chosen = [choice(made.players[0]), choice(stranger.player), choice(other.players[1])]
    await do(db, rosters.save_roster, made.captain, made.id, "dota2", chosen)
    assert set(await roster_of(made)) == {made.players[0]}
    gone = made.players[1]
    await do(db, membership.remove_member, made.captain, made.id, gone)
    await do(db, rosters.save_roster, made.captain, made.id, "dota2", [choice(gone)])
    assert await roster_of(made) == {}
    with pytest.raises(NotFound):
        await do(db, rosters.save_roster, made.captain, made.id, "chess", [])
    with pytest.raises(Forbidden):
        await do(db, rosters.save_roster, stranger, made.id, "dota2", [])


async def test_steam_ids_are_real_and_each_is_one_players(db):
    made = await clan(1)
    a, b, *_ = made.players
    for chosen, fields in (
        ([choice(a, "nonsense")], [f"steam_{a}"]),
        ([choice(a, "5"), choice(b, "x")], [f"steam_{a}", f"steam_{b}"]),
        ([choice(a, str(BASE + 1)), choice(b, "[U:1:1]")], [f"steam_{a}", f"steam_{b}"]),
    ):
        with pytest.raises(Invalid) as wrong:
            await do(db, rosters.save_roster, made.captain, made.id, "dota2", chosen)
        assert list(wrong.value.fields) == fields
    assert len(await roster_of(made)) == 5
    # Two without an id are no pair; who is not chosen may have whatever is typed.
    chosen = [choice(a), choice(b), choice(made.players[2], "nonsense", on=False)]
    await do(db, rosters.save_roster, made.captain, made.id, "dota2", chosen)


async def test_an_id_that_steam_vouches_for_is_no_other_players(db):
    made = await clan(1)
    mine = str(BASE + 1)
    await Account.update({Account.steam_id: mine}).where(Account.id == made.captain.account)
    for other in made.players[1:3]:
        with pytest.raises(Invalid) as wrong:
            await do(
                db, rosters.save_roster, made.captain, made.id, "dota2", [choice(other, "[U:1:1]")]
            )
        assert list(wrong.value.fields) == [f"steam_{other}"]
    chosen = [choice(made.captain.player, mine), choice(made.players[1], str(BASE + 2))]
    await do(db, rosters.save_roster, made.captain, made.id, "dota2", chosen)
    assert (await roster_of(made))[made.captain.player] == mine
