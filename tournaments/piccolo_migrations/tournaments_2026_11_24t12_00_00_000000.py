from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Uniqueness and look-ups that span columns, the same SQL on both databases"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    "CREATE UNIQUE INDEX stage_once ON stage (tournament, number)",
    "CREATE UNIQUE INDEX entrant_once ON entrant (tournament, clan)",
    "CREATE UNIQUE INDEX line_up_once ON line_up_player (entrant, player)",
    "CREATE INDEX line_up_steam ON line_up_player (steam_id)",
    "CREATE UNIQUE INDEX match_once ON match (stage, key)",
    "CREATE INDEX match_entrant_a ON match (entrant_a)",
    "CREATE INDEX match_entrant_b ON match (entrant_b)",
    "CREATE UNIQUE INDEX game_once ON game (source, external_id)",
    "CREATE INDEX game_match ON game (match)",
    "CREATE INDEX report_match ON report (match)",
    "CREATE UNIQUE INDEX report_open_once ON report (match, side) WHERE state = 'open'",
    "CREATE UNIQUE INDEX result_once ON result (match) WHERE voided_at IS NULL",
    "CREATE INDEX result_stage ON result (stage)",
    "CREATE UNIQUE INDEX claim_once ON claim (match, provider, external_id)",
    "CREATE INDEX notice_open ON notice (tournament) WHERE settled_at IS NULL",
    "CREATE INDEX match_event_match ON match_event (match)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
