"""A clan keeps exactly one owner and whole rosters, whoever is quickest."""

from app.kernel import clock
from clans.steam_ids import BASE
from clans.tables import Member, RosterPlayer
from tests.factories import clan, person
from tests.racing import lock_off, statuses

TRIES = 20


async def _handed_over_twice(site, number=1):
    """The owner makes two members the owner at once; the codes, and how many owners there are."""
    made = await clan(number)
    owner = await site.signed_in(made.captain)
    posts = [
        owner.post(f"/clans/clan-{number}/members/{player}/role", role="owner")
        for player in made.players[1:3]
    ]
    codes = await statuses(*posts)
    owners = await Member.count().where((Member.role == "owner") & (Member.clan == made.id))
    return sorted(codes), owners


async def test_a_clan_handed_over_twice_has_one_owner(quiet):
    assert await _handed_over_twice(quiet) == ([303, 403], 1)


async def test_control_without_the_lock_it_has_two(quiet, monkeypatch):
    await _goes_wrong(quiet, monkeypatch, _handed_over_twice, ([303, 403], 1))


async def _saved_twice(site, number=1):
    """Two captains save the roster at once; the codes, and how many players are on it."""
    made = await clan(number)
    second = await person(f"second{number}")
    await Member.insert(
        Member(clan=made.id, player=second.player, role="captain", joined_at=clock.now())
    )
    posts = []
    for place, viewer in enumerate((made.captain, second)):
        captain = await site.signed_in(viewer)
        ids = {f"steam_{who}": str(BASE + 10 * who + place) for who in made.players}
        fields = {"players": made.players, **ids}
        posts.append(captain.post(f"/clans/clan-{number}/rosters/dota2", **fields))
    codes = await statuses(*posts)
    return codes, await RosterPlayer.count().where(RosterPlayer.roster.clan == made.id)


async def test_a_roster_saved_twice_is_whole(quiet):
    assert await _saved_twice(quiet) == ([303, 303], 5)


async def test_control_without_the_lock_saving_breaks(quiet, monkeypatch):
    await _goes_wrong(quiet, monkeypatch, _saved_twice, ([303, 303], 5))


async def _goes_wrong(site, monkeypatch, race, well):
    """Without the lock it does, now or at the next try (a busy machine may take turns)."""
    with lock_off(monkeypatch):
        for number in range(1, TRIES + 1):
            if await race(site, number) != well:
                return
    raise AssertionError(f"well {TRIES} times without the lock: it is not needed")
