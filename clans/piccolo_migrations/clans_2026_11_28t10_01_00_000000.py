from hashlib import sha256

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-28T10:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Tokens of invites that are out become their hashes: the links stay good"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clans", description=DESCRIPTION)

    async def run() -> None:
        if RawTable._meta.db.engine_type == "postgres":
            # SQLite holds a text of any length; Piccolo would warn and do nothing there.
            await RawTable.raw("ALTER TABLE invite ALTER COLUMN token_hash TYPE VARCHAR(64)")
        for row in await RawTable.raw("SELECT id, token_hash FROM invite"):
            kept = sha256(row["token_hash"].encode()).hexdigest()
            await RawTable.raw("UPDATE invite SET token_hash = {} WHERE id = {}", kept, row["id"])

    manager.add_raw(run)
    return manager
