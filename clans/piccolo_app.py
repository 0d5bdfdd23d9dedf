"""Piccolo's register of this room's tables and migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from clans import tables

APP_CONFIG = AppConfig(
    app_name="clans",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.Clan,
        tables.Member,
        tables.Invite,
        tables.Roster,
        tables.RosterPlayer,
    ],
    migration_dependencies=["app.accounts.piccolo_app"],
)
