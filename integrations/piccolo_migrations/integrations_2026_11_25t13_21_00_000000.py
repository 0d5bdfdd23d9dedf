from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-25T13:21:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One link for each match, one test for each tournament"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    "CREATE UNIQUE INDEX server_link_match ON server_link (match)",
    "CREATE UNIQUE INDEX server_link_test ON server_link (tournament) WHERE match IS NULL",
    "CREATE INDEX server_load_link ON server_load (link)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="integrations", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
