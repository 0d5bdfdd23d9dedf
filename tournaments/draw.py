"""From a list of clans to a bracket: seeds, and the start that freezes it all."""

from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from piccolo.columns import Column

import brackets
from app.accounts.sessions import Viewer
from app.kernel.db import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message
from clans.tables import RosterPlayer
from tournaments import setup
from tournaments.play import match_columns
from tournaments.tables import Entrant, LineUpPlayer, Match, Stage

# SQLite takes at most 32,766 parameters in one statement.
ROWS_AT_ONCE = 500


async def order_seeds(
    tx: Transaction, viewer: Viewer, tournament: int, order: list[int], *, now: datetime
) -> None:
    """Seed the entrants in this order, best first. All of them must be in it once."""
    row = await setup.locked(tx, viewer, tournament)
    setup.require_state(row, "closed")
    entrants = await _entrants(tournament)
    if sorted(order) != sorted(entrant["id"] for entrant in entrants):
        raise Conflict(N_("The list of clans has changed since this page was shown."))
    for seed, entrant in enumerate(order, start=1):
        await Entrant.update({Entrant.seed: seed}).where(Entrant.id == entrant)
    await setup.change(tx, viewer, row, "tournament.seeded", {}, now=now)


async def start(tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime) -> bool:
    """Draw the bracket and begin. False when it had begun already (a double click)."""
    row = await setup.locked(tx, viewer, tournament)
    if row["state"] in ("running", "finished"):
        return False
    setup.require_state(row, "closed")
    entrants = await _entrants(tournament)
    if len(entrants) < setup.SMALLEST:
        raise Invalid({"start": Message(N_("A tournament needs at least two clans."))})
    for seed, entrant in enumerate(entrants, start=1):
        await Entrant.update({Entrant.seed: seed}).where(Entrant.id == entrant["id"])
    await _freeze_line_ups(row)
    await _draw(row, [entrant["id"] for entrant in entrants], now=now)
    await setup.change(
        tx, viewer, row, "tournament.started", {"state": "running", "started_at": now}, now=now
    )
    await tx.later("started", now=now, tournament=tournament)
    return True


async def _entrants(tournament: int) -> list[Row]:
    """By seed; those without one after them, by registration."""
    rows: list[Row] = await (
        Entrant.select(Entrant.id, Entrant.seed)
        .where(Entrant.tournament == tournament)
        .order_by(Entrant.registered_at, Entrant.id)
    )
    return sorted(rows, key=lambda row: row["seed"] or len(rows) + 1)


async def _freeze_line_ups(row: Row) -> None:
    """Copy nicknames and Steam ids once more as they are now; then never again."""
    frozen = await LineUpPlayer.select(
        LineUpPlayer.id,
        LineUpPlayer.player.id.as_alias("player"),
        LineUpPlayer.player.nickname.as_alias("nickname"),
        LineUpPlayer.entrant.clan.as_alias("clan"),
    ).where(LineUpPlayer.entrant.tournament == row["id"])
    if not frozen:
        return
    roster = await RosterPlayer.select(
        RosterPlayer.player, RosterPlayer.roster.clan.as_alias("clan"), RosterPlayer.steam_id
    ).where(
        (RosterPlayer.roster.game == row["game"])
        & RosterPlayer.roster.clan.is_in(sorted({player["clan"] for player in frozen}))
    )
    steam_ids = {(each["clan"], each["player"]): each["steam_id"] for each in roster}
    for player in frozen:
        values: dict[Column | str, Any] = {LineUpPlayer.nickname: player["nickname"]}
        if steam_id := steam_ids.get((player["clan"], player["player"])):
            values[LineUpPlayer.steam_id] = steam_id
        await LineUpPlayer.update(values).where(LineUpPlayer.id == player["id"])


async def _draw(row: Row, entrants: list[int], *, now: datetime) -> None:
    spec = spec_for(row, len(entrants))
    state = brackets.start(spec)
    numbers = {view.id: view.number for view in state.matches}
    stage = await Stage.insert(
        Stage(tournament=row["id"], number=1, spec=msgspec.json.encode(spec).decode())
    ).returning(Stage.id)
    by_seed = dict(enumerate(entrants, start=1))
    rows = iter(
        [_match_row(stage[0]["id"], view, by_seed, numbers, now=now) for view in state.matches]
    )
    while some := list(islice(rows, ROWS_AT_ONCE)):
        await Match.insert(*some)


def spec_for(row: Row, entrants: int) -> brackets.Spec:
    """The engine's plan for a tournament row."""
    return brackets.Spec(
        format="single_elimination",
        entrants=entrants,
        options=brackets.Options(
            third_place=row["third_place"],
            best_of=row["best_of"],
            round_best_of={"final": row["final_best_of"]},
        ),
    )


def _match_row(
    stage: int,
    view: brackets.Match,
    entrants: dict[int, int],
    numbers: dict[str, int],
    *,
    now: datetime,
) -> Match:
    a, b = view.slots
    columns = match_columns(view, entrants)
    if view.state == "ready":
        columns["ready_at"] = now
    return Match(
        stage=stage,
        key=view.id,
        number=view.number,
        bracket=view.bracket,
        round=view.round,
        position=view.position,
        best_of=view.best_of,
        source_a=source_text(a.source, numbers),
        source_b=source_text(b.source, numbers),
        winner_to=view.winner_to[0] if view.winner_to else None,
        **columns,
    )


def source_text(source: brackets.Source, numbers: dict[str, int]) -> str:
    """Where a slot's entrant comes from: `seed`, `bye`, `winner 12`, `loser 12`."""
    match source:
        case brackets.WinnerOf(match=key):
            return f"winner {numbers[key]}"
        case brackets.LoserOf(match=key):
            return f"loser {numbers[key]}"
        case brackets.Bye():
            return "bye"
        case _:
            return "seed"
