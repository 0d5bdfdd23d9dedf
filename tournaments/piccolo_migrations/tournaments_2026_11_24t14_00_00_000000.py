import json

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Plans and seeds of the tournaments there are, and their indexes"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    """INSERT INTO stage_seed (stage, seed, entrant)
       SELECT stage.id, entrant.seed, entrant.id
       FROM stage JOIN entrant ON entrant.tournament = stage.tournament
       WHERE entrant.seed IS NOT NULL""",
    "CREATE UNIQUE INDEX stage_seed_once ON stage_seed (stage, seed)",
    "CREATE UNIQUE INDEX stage_entrant_once ON stage_seed (stage, entrant)",
    "CREATE UNIQUE INDEX removal_once ON removal (stage, seed) WHERE undone_at IS NULL",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    async def run() -> None:
        rows = await RawTable.raw("SELECT id, best_of, final_best_of, third_place FROM tournament")
        for row in rows:
            plan = [
                {
                    "format": "single_elimination",
                    "options": {
                        "third_place": bool(row["third_place"]),
                        "best_of": row["best_of"],
                        "round_best_of": {"final": row["final_best_of"]},
                    },
                }
            ]
            await RawTable.raw(
                "UPDATE tournament SET plan = {} WHERE id = {}", json.dumps(plan), row["id"]
            )
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
