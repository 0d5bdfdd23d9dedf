from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-25T13:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Games whose source tells the series whole; no team id yet was ever written"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    manager.drop_column(
        table_class_name="Entrant",
        tablename="entrant",
        column_name="team_id",
        db_column_name="team_id",
        schema=None,
    )

    manager.add_column(
        table_class_name="Game",
        tablename="game",
        column_name="told_whole",
        db_column_name="told_whole",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
