"""Piccolo's register of this room's tables and migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.kernel.db import tables

APP_CONFIG = AppConfig(
    app_name="kernel",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.AuditEntry,
        tables.OutboxEntry,
        tables.Image,
    ],
    migration_dependencies=[],
)
