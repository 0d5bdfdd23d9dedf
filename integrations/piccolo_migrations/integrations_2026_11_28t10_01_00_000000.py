from hashlib import sha256

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-28T10:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Secrets that servers have become their hashes: what is set up is heard on"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="integrations", description=DESCRIPTION)

    async def run() -> None:
        for row in await RawTable.raw("SELECT id, secret_hash FROM server_link"):
            kept = sha256(row["secret_hash"].encode()).hexdigest()
            await RawTable.raw(
                "UPDATE server_link SET secret_hash = {} WHERE id = {}", kept, row["id"]
            )

    manager.add_raw(run)
    return manager
