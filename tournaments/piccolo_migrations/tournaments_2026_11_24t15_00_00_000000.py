from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "What the plan says now is no longer a column"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    manager.drop_column(
        table_class_name="Tournament",
        tablename="tournament",
        column_name="best_of",
        db_column_name="best_of",
        schema=None,
    )

    manager.drop_column(
        table_class_name="Tournament",
        tablename="tournament",
        column_name="final_best_of",
        db_column_name="final_best_of",
        schema=None,
    )

    manager.drop_column(
        table_class_name="Tournament",
        tablename="tournament",
        column_name="third_place",
        db_column_name="third_place",
        schema=None,
    )

    return manager
