"""From a list of clans to a bracket: the start that freezes it all."""

from datetime import datetime
from typing import Any

from piccolo.columns import Column

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Invalid, Message
from clans.tables import RosterPlayer
from tournaments import setup, stages
from tournaments.fitting import misfit
from tournaments.plans import plan_of, shares
from tournaments.seeding import entrants_of
from tournaments.tables import Entrant, LineUpPlayer


async def start(tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime) -> bool:
    """Draw the bracket and begin. False when it had begun already (a double click)."""
    row = await setup.locked(tx, viewer, "tournament.start", tournament)
    if row["state"] in ("running", "finished"):
        return False
    setup.require_state(row, "closed")
    entrants = await entrants_of(tournament)
    if len(entrants) < setup.SMALLEST:
        raise Invalid({"start": Message(N_("A tournament needs at least two clans."))})
    plan = plan_of(row)
    if reason := misfit(plan, len(entrants)):
        raise Invalid({"start": reason})
    for seed, entrant in enumerate(entrants, start=1):
        await Entrant.update({Entrant.seed: seed}).where(Entrant.id == entrant["id"])
    await _freeze_line_ups(row)
    first = shares(plan, len(entrants))[0]
    playing = [entrants[seed - 1]["id"] for seed in first]
    await stages.draw_stage(row["id"], 0, plan[0], playing, now=now)
    await setup.change(
        tx, viewer, row, "tournament.started", {"state": "running", "started_at": now}, now=now
    )
    await tx.later("started", now=now, tournament=tournament)
    return True


async def _freeze_line_ups(row: Row) -> None:
    """Copy nicknames and Steam ids once more as they are now; then never again.

    A Steam id that another line-up has already is not taken over: rosters may have
    changed since registration looked for such.
    """
    frozen = await (
        LineUpPlayer.select(
            LineUpPlayer.id,
            LineUpPlayer.steam_id,
            LineUpPlayer.player.id.as_alias("player"),
            LineUpPlayer.player.nickname.as_alias("nickname"),
            LineUpPlayer.entrant.id.as_alias("entrant"),
            LineUpPlayer.entrant.clan.as_alias("clan"),
        )
        .where(LineUpPlayer.entrant.tournament == row["id"])
        .order_by(LineUpPlayer.id)
    )
    known = await _steam_ids_now(row, sorted({player["clan"] for player in frozen}))
    owners = {player["steam_id"]: player["entrant"] for player in frozen}
    for player in frozen:
        values: dict[Column | str, Any] = {LineUpPlayer.nickname: player["nickname"]}
        steam_id = known.get((player["clan"], player["player"]))
        if steam_id and owners.setdefault(steam_id, player["entrant"]) == player["entrant"]:
            values[LineUpPlayer.steam_id] = steam_id
        await LineUpPlayer.update(values).where(LineUpPlayer.id == player["id"])


async def _steam_ids_now(row: Row, clans: list[int]) -> dict[tuple[int, int], str]:
    """Of these clans' rosters, by clan and player."""
    rows = await RosterPlayer.select(
        RosterPlayer.player, RosterPlayer.roster.clan.as_alias("clan"), RosterPlayer.steam_id
    ).where((RosterPlayer.roster.game == row["game"]) & one_of(RosterPlayer.roster.clan, clans))
    return {(each["clan"], each["player"]): each["steam_id"] for each in rows}
