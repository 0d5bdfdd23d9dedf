"""Clans register a line-up from their roster, until the last place is taken."""

from datetime import datetime

from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound
from clans.access import to_clan
from clans.games import GAMES
from clans.tables import Clan, Roster, RosterPlayer
from tournaments.people.access import to_entrant
from tournaments.tables import Entrant, LineUpPlayer, Tournament


async def register(
    tx: Transaction,
    viewer: Viewer,
    tournament: int,
    clan: int,
    players: list[int],
    *,
    now: datetime,
) -> int:
    """Enter the clan with these roster players, or change its line-up; the entrant's id.

    Raises `Invalid` on fields `clan`, `players` and `player_<id>`.
    """
    # Its captains, its name and its roster stay as they are until this is done.
    known = await tx.lock(Clan, clan)
    require(viewer, "entrant.register", await to_clan(viewer, clan))
    row = await tx.lock(Tournament, tournament)
    if known is None or row is None or row["state"] == "draft":
        raise NotFound
    if row["state"] != "open":
        raise Conflict(N_("Registration is closed."))
    chosen = await _chosen(clan, row["game"], players)
    _check_size(row["game"], chosen)
    entrant = await _entrant(tournament, clan)
    await _check_nobody_plays_twice(tournament, entrant, chosen)
    if entrant is None:
        entrant = await _enter(viewer, row, known, now=now)
    await LineUpPlayer.delete().where(LineUpPlayer.entrant == entrant)
    await LineUpPlayer.insert(
        *(
            LineUpPlayer(
                entrant=entrant,
                player=player["player"],
                nickname=player["nickname"],
                steam_id=player["steam_id"],
            )
            for player in chosen
        )
    )
    await _trace(tx, viewer, row, "tournament.clan_registered", clan, now=now)
    return entrant


async def withdraw(
    tx: Transaction, viewer: Viewer, tournament: int, entrant: int, *, now: datetime
) -> None:
    """Take a clan out before the start: its captain, or the organiser."""
    row = await tx.lock(Tournament, tournament)
    found = await (
        Entrant.select(Entrant.clan)
        .where((Entrant.id == entrant) & (Entrant.tournament == tournament))
        .first()
    )
    if row is None or found is None:
        raise NotFound
    require(viewer, "entrant.withdraw", await to_entrant(viewer, row, found["clan"]))
    if row["state"] not in ("open", "closed"):
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    await Entrant.delete().where(Entrant.id == entrant)
    await _trace(tx, viewer, row, "tournament.clan_withdrawn", found["clan"], now=now)


async def _chosen(clan: int, game: str, players: list[int]) -> list[Row]:
    roster = (
        await Roster.select(Roster.id).where((Roster.clan == clan) & (Roster.game == game)).first()
    )
    if roster is None or not players:
        raise Invalid({"players": Message(N_("Choose the players."))})
    rows: list[Row] = await RosterPlayer.select(
        RosterPlayer.player,
        RosterPlayer.steam_id,
        RosterPlayer.player.nickname.as_alias("nickname"),
    ).where((RosterPlayer.roster == roster["id"]) & one_of(RosterPlayer.player, players))
    without = {
        f"player_{row['player']}": Message(
            N_("{name} has no Steam id. Add it to the roster or choose another player."),
            name=row["nickname"],
        )
        for row in rows
        if not row["steam_id"]
    }
    if without:
        raise Invalid(without)
    return rows


def _check_size(game: str, chosen: list[Row]) -> None:
    rules = GAMES[game]
    if not rules.players <= len(chosen) <= rules.players + rules.substitutes:
        raise Invalid(
            {
                "players": Message(
                    N_("Choose {players} players and at most {substitutes} substitutes."),
                    players=rules.players,
                    substitutes=rules.substitutes,
                )
            }
        )


async def _check_nobody_plays_twice(
    tournament: int, entrant: int | None, chosen: list[Row]
) -> None:
    others = await LineUpPlayer.select(LineUpPlayer.player, LineUpPlayer.steam_id).where(
        (LineUpPlayer.entrant.tournament == tournament)
        & (LineUpPlayer.entrant != (entrant or 0))
        & (
            one_of(LineUpPlayer.player, [row["player"] for row in chosen])
            | one_of(LineUpPlayer.steam_id, [row["steam_id"] for row in chosen])
        )
    )
    players = {row["player"] for row in others}
    steam_ids = {row["steam_id"] for row in others}
    wrong = {
        f"player_{row['player']}": Message(
            N_("{name} plays for another clan in this tournament."), name=row["nickname"]
        )
        for row in chosen
        if row["player"] in players or row["steam_id"] in steam_ids
    }
    if wrong:
        raise Invalid(wrong)


async def _entrant(tournament: int, clan: int) -> int | None:
    row = await (
        Entrant.select(Entrant.id)
        .where((Entrant.tournament == tournament) & (Entrant.clan == clan))
        .first()
    )
    return int(row["id"]) if row else None


async def _enter(viewer: Viewer, row: Row, clan: Row, *, now: datetime) -> int:
    taken = await Entrant.count().where(Entrant.tournament == row["id"])
    if taken >= row["size_limit"]:
        raise Conflict(N_("All {count} places are taken."), count=row["size_limit"])
    made = await Entrant.insert(
        Entrant(
            tournament=row["id"],
            clan=clan["id"],
            name=clan["name"],
            tag=clan["tag"],
            state="registered",
            registered_by=viewer.account,
            registered_at=now,
        )
    ).returning(Entrant.id)
    return int(made[0]["id"])


async def _trace(
    tx: Transaction, viewer: Viewer, row: Row, action: str, clan: int, *, now: datetime
) -> None:
    await Tournament.update({Tournament.revision: row["revision"] + 1}).where(
        Tournament.id == row["id"]
    )
    await tx.audit(
        action,
        f"tournament:{row['id']}",
        actor=viewer.account,
        now=now,
        tournament=row["id"],
        clan=clan,
    )
    await tx.later("tournament", now=now, tournament=row["id"])
