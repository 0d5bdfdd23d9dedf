"""`baige check`: the stored state must equal what a replay makes of the truth."""

from app.kernel.db.database import Row
from tournaments.evidence import verdict_on
from tournaments.play import entrants_by_seed, is_last, match_columns, outcome_of, replay
from tournaments.results import RULING
from tournaments.tables import Entrant, Match, Result, Stage, Tournament

COMPUTED = ("state", "entrant_a", "entrant_b", "winner", "outcome")


async def differences() -> list[str]:
    """One line for each difference between stored and replayed; none is well."""
    found: list[str] = []
    for stage in await Stage.select().order_by(Stage.id):
        found += await _stage(stage)
    return found


async def _stage(stage: Row) -> list[str]:
    rows = await Match.select().where(Match.stage == stage["id"]).order_by(Match.id)
    state = await replay(stage)
    entrants = await entrants_by_seed(stage["id"])
    by_key = {row["key"]: row for row in rows}
    found = []
    for view in state.matches:
        row = by_key.pop(view.id, None)
        if row is None:
            found.append(f"stage {stage['id']}: match {view.id} is missing")
            continue
        wanted = match_columns(view, entrants)
        found += [
            f"match {row['id']} ({view.id}): {name} is {row[name]!r}, replay says {wanted[name]!r}"
            for name in COMPUTED
            if row[name] != wanted[name]
        ]
    found += [
        f"stage {stage['id']}: match {row['key']} is not in the plan"
        for row in by_key.values()
        if row["state"] != "absent"
    ]
    found += await _verdicts(stage, draws=state.format.draws)
    found += await _finished(stage, complete=state.complete)
    return found


async def _verdicts(stage: Row, *, draws: bool) -> list[str]:
    """Results that nobody ruled must follow from their evidence, unless they are disputed."""
    results = await Result.select().where(
        (Result.stage == stage["id"]) & (Result.authority != RULING) & Result.voided_at.is_null()
    )
    found = []
    for result in results:
        match = await Match.select().where(Match.id == result["match"]).first()
        if match is None or match["flag"] == "disputed":
            continue
        if (await verdict_on(match, draws=draws)).outcome != outcome_of(result):
            found.append(f"match {match['id']}: the result is not what its evidence says")
    return found


async def _finished(stage: Row, *, complete: bool) -> list[str]:
    row = await (
        Tournament.select(Tournament.state).where(Tournament.id == stage["tournament"]).first()
    )
    if not await is_last(stage):
        return []
    if row and row["state"] in ("running", "finished") and (row["state"] == "finished") != complete:
        return [f"tournament {stage['tournament']}: {row['state']}, but complete is {complete}"]
    seeds = await Entrant.count().where(
        (Entrant.tournament == stage["tournament"]) & Entrant.seed.is_null()
    )
    return [f"tournament {stage['tournament']}: {seeds} entrants have no seed"] if seeds else []
