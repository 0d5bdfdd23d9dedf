"""A copy of the database beside it: to see whether anything changed, and to put it back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.site import Served
from tournaments import play

# How far numbers have been counted is nobody's doing.
OF_NO_MATTER = ("sqlite_sequence",)
Rows = list[tuple]


class Shelf:
    """All rows of a served SQLite database as they were when this was made."""

    def __init__(self, site: Served, path: str) -> None:
        self._site = site
        self._path = path
        # One that stays open is told whether others have written since it last asked.
        self._watch = sqlite3.connect(path)
        self._seen = self._version()
        self.before = self.now()

    def close(self) -> None:
        self._watch.close()

    def _version(self) -> int:
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as live, live:
            yield live

    def now(self) -> dict[str, Rows]:
        """Every row there is, by table."""
        with self._open() as live:
            tables = live.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                name: live.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
                for (name,) in tables
                if name not in OF_NO_MATTER
            }

    def changed(self) -> list[str]:
        """The tables that are not as they were."""
        if self._seen == (version := self._version()):
            return []
        self._seen = version
        now = self.now()
        return sorted(name for name in self.before if now.get(name) != self.before[name])

    def signed_by(self, account: int) -> bool:
        """Whether the history has a new line, in this account's name."""
        lines = self.now()["audit"][len(self.before["audit"]) :]
        return any(account in line for line in lines)

    async def put_back(self, changed: list[str]) -> None:
        """All rows as they were; nobody remembers anything else."""
        await self._site.redis.flushdb()
        if not changed:
            return
        with self._open() as live:
            for name in changed:
                live.execute(f'DELETE FROM "{name}"')
                if rows := self.before[name]:
                    places = ", ".join("?" * len(rows[0]))
                    live.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
        self._seen = self._version()
        self._site.db.memory.clear()
        play._folded.clear()
