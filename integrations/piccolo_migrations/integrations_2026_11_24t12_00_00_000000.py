from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Uniqueness and look-ups that span columns, the same SQL on both databases"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    "CREATE UNIQUE INDEX inbox_once ON inbox (provider, external_id)",
    "CREATE UNIQUE INDEX following_once ON following (provider, kind, external_id, tournament)",
    "CREATE INDEX following_due ON following (next_at)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="integrations", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
