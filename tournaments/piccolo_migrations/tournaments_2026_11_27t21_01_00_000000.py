from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.kernel.db.database import current_engine

ID = "2026-11-27T21:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "What was known of a match before was of the clans it has now"

STATEMENTS = [
    f"""
    UPDATE {table} SET
        entrant_a = (SELECT entrant_a FROM match WHERE match.id = {table}.match),
        entrant_b = (SELECT entrant_b FROM match WHERE match.id = {table}.match)
    """
    for table in ("game", "told_series", "report")
]


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    async def run():
        for statement in STATEMENTS:
            await current_engine().run_ddl(statement)

    manager.add_raw(run)
    return manager
