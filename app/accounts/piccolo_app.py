"""Piccolo's register of this room's tables and migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.accounts import tables

APP_CONFIG = AppConfig(
    app_name="accounts",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.Player,
        tables.Account,
        tables.Session,
        tables.SteamProfile,
    ],
    migration_dependencies=["app.kernel.piccolo_app"],
)
