from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-25T13:21:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The id of a registered team has room for a FACEIT one"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Entrant",
        tablename="entrant",
        column_name="team_id",
        db_column_name="team_id",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 40,
            "default": None,
            "null": True,
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
