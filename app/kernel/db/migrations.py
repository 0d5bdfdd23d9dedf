"""Bringing the tables up to date, on either database."""

import contextlib
import io
import os

from app.kernel.db.database import Database


async def apply(db: Database) -> None:
    """Apply every migration that has not run yet."""
    os.environ.setdefault("PICCOLO_CONF", "app.piccolo_conf")
    # Piccolo wants its configuration named before this import.
    from piccolo.apps.migrations.commands.forwards import run_forwards

    await db.open(long_queries=True)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            result = await run_forwards("all")
        if not result.success:
            raise SystemExit(f"baige: a migration failed\n{said.getvalue()}")
    finally:
        await db.close()
