"""Piccolo's register of this room's tables and migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from tournaments import tables

APP_CONFIG = AppConfig(
    app_name="tournaments",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        tables.Tournament,
        tables.Stage,
        tables.Entrant,
        tables.StageSeed,
        tables.Removal,
        tables.LineUpPlayer,
        tables.Match,
        tables.Game,
        tables.ToldSeries,
        tables.LiveGame,
        tables.Report,
        tables.Result,
        tables.Claim,
        tables.Event,
        tables.Notice,
    ],
    migration_dependencies=["clans.piccolo_app"],
)
