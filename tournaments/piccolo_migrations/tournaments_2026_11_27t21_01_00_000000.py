from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-27T21:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "What is known of a match so far is of the clans it has now"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENT = """
    UPDATE {table} SET
        entrant_a = (SELECT entrant_a FROM match WHERE match.id = {table}.match),
        entrant_b = (SELECT entrant_b FROM match WHERE match.id = {table}.match)
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    async def run() -> None:
        for table in ("game", "told_series", "report"):
            await RawTable.raw(STATEMENT.format(table=table))

    manager.add_raw(run)
    return manager
