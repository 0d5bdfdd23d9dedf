"""A PostgreSQL database that a test has used, emptied for the next: a new one takes a second."""

import asyncpg

from tests.servers import drop_database, make_database

# What tells one schema from another: every column there is, and every migration that was made.
SCHEMA = """
SELECT md5(string_agg(found, ',' ORDER BY found)) FROM (
    SELECT c.relname || '.' || a.attname || ' ' || a.atttypid || ' ' || a.attnotnull AS found
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
    UNION ALL SELECT name FROM migration
) AS all_of_it
"""
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'"
COUNTERS = "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences"


class Emptied:
    """Copies of a migrated database, one at a time and mostly the same one."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._url: str | None = None
        self._schema = ""

    async def take(self) -> str:
        """The address of one that is as after the migrations."""
        if self._url is None:
            self._url = await make_database(template=self._template)
            self._schema = await self._ask(SCHEMA)
        return self._url

    async def give_back(self) -> None:
        """Empty it; one whose schema a test has changed goes."""
        if self._url is None:
            return
        await self._ask(OTHERS)
        if await self._ask(SCHEMA) != self._schema:
            await self.drop()
            return
        connection = await asyncpg.connect(self._url)
        names = [row[0] for row in await connection.fetch(TABLES)]
        # Without triggers no foreign key asks in which order.
        deletes = "".join(f'DELETE FROM "{name}";' for name in names)
        await connection.execute(f"SET session_replication_role = replica; {deletes}")
        await connection.fetch(COUNTERS)
        await connection.close()

    async def drop(self) -> None:
        if self._url is not None:
            await drop_database(self._url)
            self._url = None

    async def _ask(self, words: str) -> str:
        connection = await asyncpg.connect(self._url)
        try:
            return str(await connection.fetchval(words))
        finally:
            await connection.close()
