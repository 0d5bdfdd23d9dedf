"""A clan's players for one game, and the Steam ids results are matched by."""

from collections import Counter
from datetime import datetime

import msgspec

from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.accounts.tables import Account
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Transaction
from app.kernel.errors import N_, Invalid, Message, NotFound
from clans.access import to_clan
from clans.games import GAMES
from clans.steam_ids import parse, wrong_steam_id
from clans.tables import Clan, Member, Roster, RosterPlayer


class Choice(msgspec.Struct, frozen=True):
    """One member in the roster form: on it or not, with a Steam id as typed."""

    player: int
    on: bool
    steam_id: str


async def save_roster(
    tx: Transaction, viewer: Viewer, clan: int, game: str, choices: list[Choice], *, now: datetime
) -> None:
    """Replace the roster. Raises `Invalid` with fields `steam_<player id>`."""
    await tx.lock(Clan, clan)
    require(viewer, "roster.save", await to_clan(viewer, clan))
    if game not in GAMES:
        raise NotFound
    chosen = [choice for choice in choices if choice.on]
    _check(chosen)
    await _check_vouched(chosen)
    members = await Member.select(Member.player).where(
        (Member.clan == clan) & Member.left_at.is_null()
    )
    known = {row["player"] for row in members}
    roster = await roster_id(clan, game)
    await RosterPlayer.delete().where(RosterPlayer.roster == roster)
    rows = [
        RosterPlayer(roster=roster, player=choice.player, steam_id=parse(choice.steam_id) or "")
        for choice in chosen
        if choice.player in known
    ]
    if rows:
        await RosterPlayer.insert(*rows)
    await tx.audit(
        "clan.roster_saved",
        f"clan:{clan}",
        actor=viewer.account,
        now=now,
        game=game,
        players=[choice.player for choice in chosen],
    )


def _check(chosen: list[Choice]) -> None:
    fields: dict[str, Message] = {}
    times = Counter(parse(choice.steam_id) for choice in chosen)
    for choice in chosen:
        wrong = wrong_steam_id(choice.steam_id)
        if not wrong and (steam_id := parse(choice.steam_id)) and times[steam_id] > 1:
            wrong = Message(N_("Two players have this Steam id."))
        if wrong:
            fields[f"steam_{choice.player}"] = wrong
    if fields:
        raise Invalid(fields)


async def _check_vouched(chosen: list[Choice]) -> None:
    """An id that Steam says is one player's can be no other's."""
    steam_ids = {choice.player: parse(choice.steam_id) for choice in chosen}
    wanted = [steam_id for steam_id in steam_ids.values() if steam_id]
    if not wanted:
        return
    rows = await Account.select(Account.player, Account.steam_id).where(
        one_of(Account.steam_id, wanted)
    )
    owners = {row["steam_id"]: row["player"] for row in rows}
    fields = {
        f"steam_{player}": Message(N_("Steam says that this id is another player's."))
        for player, steam_id in steam_ids.items()
        if owners.get(steam_id, player) != player
    }
    if fields:
        raise Invalid(fields)


async def roster_id(clan: int, game: str) -> int:
    """The clan's roster for the game, made when it is first needed."""
    await Roster.insert(Roster(clan=clan, game=game)).on_conflict(action="DO NOTHING")
    row = (
        await Roster.select(Roster.id).where((Roster.clan == clan) & (Roster.game == game)).first()
    )
    assert row is not None, "it was just made"
    return int(row["id"])
