"""Out of the demo world: its accounts, clans and cups go, and nobody else's.

A cup in which others play stays, with the clans in it, and so does a clan that others
have joined; but nobody signs in as one of the demo's people any more. A kept cup that is
not over is cancelled: nobody is left who could close it, start it or rule in it.
"""

from datetime import datetime
from typing import Any

import msgspec

from app.accounts import demo_accounts
from app.accounts.passwords import NONE
from app.accounts.sessions import close_sessions
from app.accounts.tables import Account, Player
from app.demo.people import viewer_of
from app.kernel.db.conditions import none_of, one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.db.tables import AuditEntry
from clans.tables import Clan, Member
from integrations.tables import Subject
from tournaments import setup
from tournaments.tables import Entrant, LineUpPlayer, Match, Tournament


class KeptCup(msgspec.Struct, frozen=True):
    """One in which others play; `over`: finished or cancelled already."""

    id: int
    name: str
    organiser: int
    over: bool


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """What goes, by id, and what stays because it is not only the demo's."""

    accounts: list[int]
    cups: list[int]
    clans: list[int]
    kept_cups: list[KeptCup] = []
    kept_clans: list[str] = []

    @property
    def counted(self) -> str:
        return (
            f"{len(self.accounts)} accounts, {len(self.clans)} clans, {len(self.cups)} tournaments"
        )


async def find_leaving() -> Leaving:
    """What the demo left behind."""
    accounts = await demo_accounts.ids()
    players = await _all(Account.player, one_of(Account.id, accounts))
    theirs, mixed = await _clans(players)
    cups = await Tournament.select().where(one_of(Tournament.organiser, accounts))
    shared = await _cups_with_others(theirs | mixed, players)
    leaving = [cup["id"] for cup in cups if cup["id"] not in shared]
    bound = await _clans_in_other_cups(leaving)
    names = {row["id"]: row["name"] for row in await Clan.select(Clan.id, Clan.name)}
    return Leaving(
        accounts=accounts,
        cups=leaving,
        clans=sorted(theirs - bound),
        kept_cups=[_kept(cup) for cup in cups if cup["id"] in shared],
        kept_clans=[names[each] for each in sorted(mixed | (theirs & bound))],
    )


def _kept(cup: Row) -> KeptCup:
    over = cup["state"] in ("finished", "cancelled")
    return KeptCup(cup["id"], cup["name"], cup["organiser"], over)


async def remove(tx: Transaction, leaving: Leaving, *, now: datetime) -> None:
    """Remove it, whole or not at all."""
    for cup in leaving.kept_cups:
        if not cup.over:
            # As its organiser, for the last time: its history says so, its page follows.
            await setup.cancel(tx, await viewer_of(cup.organiser), cup.id, now=now)
    await _remove_cups(leaving.cups)
    await Clan.delete().where(one_of(Clan.id, leaving.clans))
    await _remove_people(leaving.accounts)
    await tx.audit("demo.removed", "demo", actor=None, now=now, counted=leaving.counted)


# -- what belongs to whom -----------------------------------------------------


async def _clans(players: list[int]) -> tuple[set[int], set[int]]:
    """Clans in which nobody but these players ever was; and those with others, too."""
    rows = await Member.select(Member.clan, Member.player)
    mine = {row["clan"] for row in rows if row["player"] in set(players)}
    others = {row["clan"] for row in rows if row["player"] not in set(players)}
    return mine - others, mine & others


async def _cups_with_others(clans: set[int], players: list[int]) -> set[int]:
    """Tournaments with a clan that is none of these, or a player in a line-up who is."""
    rows = await Entrant.select(Entrant.tournament, Entrant.clan)
    of_clans = {row["tournament"] for row in rows if row["clan"] not in clans}
    lines = await LineUpPlayer.select(LineUpPlayer.entrant.tournament.as_alias("tournament")).where(
        none_of(LineUpPlayer.player, players)
    )
    return of_clans | {line["tournament"] for line in lines}


async def _clans_in_other_cups(leaving: list[int]) -> set[int]:
    """Clans that play in tournaments that stay."""
    rows = await Entrant.select(Entrant.clan).where(none_of(Entrant.tournament, leaving))
    return {row["clan"] for row in rows}


async def _all(column: Any, where: Any) -> list[int]:
    """One column of the rows for which something holds."""
    rows = await column._meta.table.select(column.as_alias("it")).where(where)
    return [row["it"] for row in rows]


# -- how it goes --------------------------------------------------------------


async def _remove_cups(cups: list[int]) -> None:
    some = cups
    # Matches first: they hold the entrants.
    matches = await _all(Match.id, one_of(Match.stage.tournament, some))
    await Match.delete().where(one_of(Match.id, matches))
    await Subject.delete().where(one_of(Subject.tournament, some))
    await Tournament.delete().where(one_of(Tournament.id, some))
    await AuditEntry.delete().where(one_of(AuditEntry.tournament, some))


async def _remove_people(accounts: list[int]) -> None:
    """Accounts go; one that a kept tournament belongs to only loses all it could do."""
    some = accounts
    players = await _all(Account.player, one_of(Account.id, some))
    owners = set(await _all(Tournament.organiser, one_of(Tournament.organiser, some)))
    for account in owners:
        await _close(account)
    gone = [each for each in some if each not in owners]
    subjects = [f"account:{account}" for account in some]
    await AuditEntry.delete().where(
        (one_of(AuditEntry.actor, some) & AuditEntry.tournament.is_null())
        | one_of(AuditEntry.subject, subjects)
    )
    await Account.delete().where(one_of(Account.id, gone))
    await Player.delete().where(one_of(Player.id, await _unseen(players)))


async def _close(account: int) -> None:
    await close_sessions(account)
    await Account.update(
        {
            Account.email: f"closed:{account}",
            Account.password_hash: NONE,
            Account.steam_id: None,
            Account.organiser: False,
            Account.operator: False,
        }
    ).where(Account.id == account)


async def _unseen(players: list[int]) -> list[int]:
    """Those of the players whom no clan, line-up or account shows any more."""
    some = players
    seen = {
        player
        for column in (Member.player, LineUpPlayer.player, Account.player)
        for player in await _all(column, one_of(column, some))
    }
    return [each for each in players if each not in seen]
