"""Who has left a tournament and why, and who can still leave or come back: for pages."""

import msgspec

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from tournaments.stages import rests_something_on
from tournaments.tables import Removal, StageSeed


class Departure(msgspec.Struct, frozen=True):
    """`kind` is withdrawn or disqualified; `reason` is public, and may be empty."""

    stage: int
    kind: str
    reason: str


async def departures_of(tournament: int) -> dict[int, Departure]:
    """The latest departure of each entrant that has left and was not let back."""
    gone = await (
        Removal.select(Removal.stage, Removal.seed, Removal.kind, Removal.reason)
        .where((Removal.stage.tournament == tournament) & Removal.undone_at.is_null())
        .order_by(Removal.id)
    )
    entrants = await _entrants({row["stage"] for row in gone})
    return {
        entrants[row["stage"], row["seed"]]: Departure(row["stage"], row["kind"], row["reason"])
        for row in gone
    }


async def _entrants(stages: set[int]) -> dict[tuple[int, int], int]:
    rows = await StageSeed.select(StageSeed.stage, StageSeed.seed, StageSeed.entrant).where(
        one_of(StageSeed.stage, stages)
    )
    return {(row["stage"], row["seed"]): row["entrant"] for row in rows}


async def doors(tournament: Row, drawn: list[Row], gone: dict[int, Departure]) -> dict[int, str]:
    """By entrant `leave` or `back`, for those that a running tournament lets do it; `drawn`
    are its stages and `gone` who has left.

    Each leaves the latest stage it plays in, as long as no later one rests on that.
    """
    if tournament["state"] != "running":
        return {}
    latest: dict[int, int] = {}
    for (stage, _), entrant in (await _entrants({row["id"] for row in drawn})).items():
        latest[entrant] = max(stage, latest.get(entrant, 0))
    open_ = {row["id"] for row in drawn if not rests_something_on(row, drawn)}
    return {
        entrant: "back" if entrant in gone and gone[entrant].stage == stage else "leave"
        for entrant, stage in latest.items()
        if stage in open_
    }
