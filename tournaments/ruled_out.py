"""What an organiser's ruling has put aside stays aside, whoever names it.

A ruling that takes a result back voids what was known of its match, and nothing but the
organiser's own word counts it there again. What fell for another reason may be named.
"""

from typing import NamedTuple

import msgspec

from app.kernel.db.database import Row
from app.kernel.errors import Message
from tournaments.evidence import told_alike
from tournaments.reports import GameReport, SeriesReport
from tournaments.tables import Event

KIND = "ruling"


class RuledOut(NamedTuple):
    """The match of the ruling, its public line, and whether this very source told of it."""

    match: int
    word: Message
    told_before: bool


async def ruled_out(report: GameReport | SeriesReport) -> RuledOut | None:
    """The ruling that has put this very game or series aside, whoever told of it."""
    rows = await _voided(report)
    told_before = any(row["source"] == report.source for row in rows)
    for row in rows:
        if ruling := await _ruling_of(row):
            word = Message(ruling["text"], **msgspec.json.decode(ruling["params"]))
            return RuledOut(row["match"], word, told_before)
    return None


async def _voided(report: GameReport | SeriesReport) -> list[Row]:
    table, mine = told_alike(report)
    rows: list[Row] = await table.select(table.match, table.source, table.voided_at).where(
        mine & table.voided_at.is_not_null()
    )
    return rows


async def _ruling_of(row: Row) -> Row | None:
    """A ruling voids in the moment it is told; what fell with it is of other matches."""
    found: Row | None = await (
        Event.select(Event.text, Event.params)
        .where(
            (Event.match == row["match"]) & (Event.kind == KIND) & (Event.at == row["voided_at"])
        )
        .first()
    )
    return found
