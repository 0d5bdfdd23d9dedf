from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-25T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One account for each Steam id"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        await RawTable.raw("CREATE UNIQUE INDEX account_steam_once ON account (steam_id)")

    manager.add_raw(run)
    return manager
