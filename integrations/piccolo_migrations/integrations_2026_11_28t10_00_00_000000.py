from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-28T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "A link to a match keeps its secret's hash in place of the secret"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="integrations", description=DESCRIPTION)

    manager.rename_column(
        table_class_name="ServerLink",
        tablename="server_link",
        old_column_name="secret",
        new_column_name="secret_hash",
        old_db_column_name="secret",
        new_db_column_name="secret_hash",
        schema=None,
    )

    return manager
