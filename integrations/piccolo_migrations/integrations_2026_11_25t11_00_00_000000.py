from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-25T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "What came before, as deliveries about subjects, and their indexes"


class RawTable(Table):
    """Runs SQL only; Piccolo asks for a table to run it on."""


STATEMENTS = (
    """INSERT INTO inbox_subject
       (provider, external_id, tournament, match, state, reason, reason_params, parser, seen_at)
       SELECT provider, external_id, tournament, match, state, reason, reason_params, parser,
              received_at FROM inbox""",
    """INSERT INTO inbox_delivery
       (subject, provider, external_id, part, digest, times, received_at, parser, body)
       SELECT inbox_subject.id, inbox.provider, inbox.external_id, '', '', 1, inbox.received_at,
              inbox.parser, inbox.body
       FROM inbox JOIN inbox_subject ON inbox_subject.provider = inbox.provider
       AND inbox_subject.external_id = inbox.external_id""",
    "CREATE UNIQUE INDEX subject_once ON inbox_subject (provider, external_id)",
    "CREATE UNIQUE INDEX delivery_once ON inbox_delivery (subject, part, digest)",
    "CREATE INDEX subject_waiting ON inbox_subject (tournament, state)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="integrations", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
