from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import JSONB, Varchar

ID = "2026-11-25T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "How seeds were made, who is kept apart, and rounds paired by hand"


def _params(length: int | None) -> dict[str, object]:
    common: dict[str, object] = {
        "default": None,
        "null": True,
        "primary_key": False,
        "unique": False,
        "index": False,
        "db_column_name": None,
        "secret": False,
    }
    return common if length is None else {"length": length, **common}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tournaments", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Tournament",
        tablename="tournament",
        column_name="seeding",
        db_column_name="seeding",
        column_class_name="JSONB",
        column_class=JSONB,
        params=_params(None),
        schema=None,
    )
    manager.add_column(
        table_class_name="Entrant",
        tablename="entrant",
        column_name="apart",
        db_column_name="apart",
        column_class_name="Varchar",
        column_class=Varchar,
        params=_params(40),
        schema=None,
    )
    manager.add_column(
        table_class_name="Stage",
        tablename="stage",
        column_name="challenges",
        db_column_name="challenges",
        column_class_name="JSONB",
        column_class=JSONB,
        params=_params(None),
        schema=None,
    )
    return manager
