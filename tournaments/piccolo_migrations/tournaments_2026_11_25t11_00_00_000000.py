from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-25T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Games of before, told by OpenDota, in its id space; one series of a provider once"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    "UPDATE game SET space = 'dota2' WHERE source = 'opendota'",
    """UPDATE game SET trusted = true WHERE EXISTS (
       SELECT 1 FROM match JOIN stage ON stage.id = match.stage
       JOIN tournament ON tournament.id = stage.tournament
       WHERE match.id = game.match AND tournament.league_id IS NOT NULL)""",
    "UPDATE report SET state = 'open' WHERE state = 'confirmed'",
    "CREATE UNIQUE INDEX told_series_once ON told_series (source, external_id)",
    "CREATE INDEX told_series_match ON told_series (match)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
