from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Uniqueness and look-ups that span columns, the same SQL on both databases"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    "CREATE UNIQUE INDEX member_once ON member (clan, player) WHERE left_at IS NULL",
    "CREATE INDEX member_player ON member (player)",
    "CREATE UNIQUE INDEX roster_once ON roster (clan, game)",
    "CREATE UNIQUE INDEX roster_player_once ON roster_player (roster, player)",
    "CREATE UNIQUE INDEX roster_steam_once ON roster_player (roster, steam_id) WHERE steam_id <> ''",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clans", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
