"""A copy of the database beside it: to see whether anything changed, and to put it back."""

import sqlite3
from contextlib import closing

from tests.site import Served
from tournaments import play

# Where each of these stands is nobody's doing.
OF_NO_MATTER = ("sqlite_sequence",)


class Shelf:
    """The whole of a served SQLite database as it was when this was made."""

    def __init__(self, site: Served, path: str) -> None:
        self._site = site
        self._path = path
        self._kept = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(path)) as live:
            live.backup(self._kept)
        self.before = self.now()

    def now(self) -> dict[str, list[tuple]]:
        """Every row there is, by table."""
        with closing(sqlite3.connect(self._path)) as live:
            names = [
                row[0]
                for row in live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            return {
                name: live.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
                for name in names
                if name not in OF_NO_MATTER
            }

    def changed(self) -> list[str]:
        """The tables that are not as they were."""
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
        with closing(sqlite3.connect(self._path)) as live:
            self._kept.backup(live)
        self._site.db.memory.clear()
        play._folded.clear()

    def close(self) -> None:
        self._kept.close()
