from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-28T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "An invite keeps its token's hash in place of the token"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clans", description=DESCRIPTION)

    manager.rename_column(
        table_class_name="Invite",
        tablename="invite",
        old_column_name="token",
        new_column_name="token_hash",
        old_db_column_name="token",
        new_db_column_name="token_hash",
        schema=None,
    )

    return manager
