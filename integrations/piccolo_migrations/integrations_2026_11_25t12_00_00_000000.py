from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-25T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The old inbox has been copied"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="integrations", description=DESCRIPTION)
    manager.drop_table(class_name="InboxEntry", tablename="inbox", schema=None)
    return manager
