"""Piccolo's register of this room's tables and migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from integrations import tables

APP_CONFIG = AppConfig(
    app_name="integrations",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.Following,
        tables.Subject,
        tables.InboxDelivery,
        tables.ServerLink,
        tables.ServerLoad,
    ],
    migration_dependencies=["tournaments.piccolo_app"],
)
