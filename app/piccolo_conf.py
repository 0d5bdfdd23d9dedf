"""Where Piccolo looks for the database and the apps that have tables."""

import os
from typing import Any

from piccolo.conf.apps import AppRegistry

APP_REGISTRY = AppRegistry(
    apps=[
        "app.kernel.piccolo_app",
        "app.accounts.piccolo_app",
        "clans.piccolo_app",
        "tournaments.piccolo_app",
        "integrations.piccolo_app",
    ]
)


def __getattr__(name: str) -> Any:
    # Piccolo reads `DB` when it needs it: whatever the process has in use,
    # or, for the `piccolo` command line itself, what the settings say.
    if name != "DB":
        raise AttributeError(name)
    from app.kernel.db import database as db
    from app.kernel.operation import settings

    try:
        return db.current_engine()
    except RuntimeError:
        return db.engine_for(os.environ.get("PICCOLO_DATABASE_URL") or settings.read().database)
