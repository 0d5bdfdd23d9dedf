"""Whole series that a provider tells at once: put down once, corrected in place."""

from datetime import datetime
from typing import Any

from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments import results
from tournaments.attaching import Place
from tournaments.fitness import competitions_of
from tournaments.reports import SeriesReport
from tournaments.sources import source_of
from tournaments.tables import ToldSeries

CORRECTABLE = ("kind", "winner", "score_a", "score_b", "entrant_a", "entrant_b")


async def put_down(
    found: Place, report: SeriesReport, tournament: Row, *, named: bool, now: datetime
) -> bool:
    """Whether anything is new; `named` as for games."""
    columns = columns_of(found, report, tournament)
    known = (
        await ToldSeries.select()
        .where(
            (ToldSeries.source == report.source) & (ToldSeries.external_id == report.external_id)
        )
        .first()
    )
    if known is None:
        await ToldSeries.insert(
            ToldSeries(
                match=found.match["id"],
                source=report.source,
                external_id=report.external_id,
                recorded_at=now,
                **columns,
            )
        )
        await _tell(found, report, columns, now=now)
        return True
    changed = {name: columns[name] for name in CORRECTABLE if columns[name] != known[name]}
    if named and known["voided_at"] is not None:
        changed |= {"voided_at": None, "match": found.match["id"]}
    if not changed:
        return False
    await ToldSeries.update(
        {getattr(ToldSeries, name): value for name, value in changed.items()}
    ).where(ToldSeries.id == known["id"])
    await _tell(found, report, columns, now=now)
    return True


def columns_of(found: Place, report: SeriesReport, tournament: Row) -> dict[str, Any]:
    flipped = found.attached.entrants[0] != found.match["entrant_a"]
    score = report.score[::-1] if report.score and flipped else report.score
    winner = report.winner
    if winner is not None and flipped:
        winner = 1 - winner
    return {
        "kind": report.kind,
        "winner": winner,
        "score_a": score[0] if score else None,
        "score_b": score[1] if score else None,
        "trusted": report.trusted or report.competition in competitions_of(tournament),
        "matched_by": found.attached.by,
        "matched": found.attached.matched,
        "of_players": found.attached.of_players,
        "entrant_a": found.match["entrant_a"],
        "entrant_b": found.match["entrant_b"],
        "url": report.url,
    }


SAID = {
    "cancelled": N_("{provider} has cancelled the match."),
    "walkover": N_("{provider} gives a walkover: one side did not play."),
    "winner": N_("{provider} knows the winner: {matched} of {players} players matched."),
    "played": N_("{provider} says {a}:{b}: {matched} of {players} players matched."),
}


async def _tell(found: Place, report: SeriesReport, columns: Row, *, now: datetime) -> None:
    kind = "winner" if report.kind == "played" and columns["score_a"] is None else report.kind
    known = {
        "provider": source_of(report.source).title,
        "a": columns["score_a"],
        "b": columns["score_b"],
        "matched": columns["matched"],
        "players": columns["of_players"],
    }
    params = {name: value for name, value in known.items() if "{" + name + "}" in SAID[kind]}
    message = Message(SAID[kind], **params)
    await results.tell(found.match["id"], "provider", message, now=now, url=report.url)
