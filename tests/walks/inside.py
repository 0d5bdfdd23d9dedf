"""A site within the test's own process, whose database can be exchanged: quick to begin anew."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import redis.asyncio

from app.asgi import Site
from app.kernel.db.database import Database, engine_for
from app.kernel.http.security import csrf_token
from app.kernel.operation.settings import Settings
from tournaments import play

HERE = "http://baige.test"


class Visitor:
    """Somebody with a browser; `session` None is a stranger."""

    def __init__(self, http: httpx.AsyncClient, session: str | None, language: str) -> None:
        self._http = http
        self._secret = session or "a-stranger"
        cookie = f"session={session}" if session else "csrf=a-stranger"
        self._headers = {"cookie": f"{cookie}; language={language}", "accept-language": language}

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(path, headers=self._headers)

    async def post(self, path: str, fields: dict[str, Any]) -> httpx.Response:
        data = {"csrf": csrf_token(self._secret), **fields}
        return await self._http.post(path, data=data, headers=self._headers)


class Inside:
    """The site, and the one database file it works on."""

    def __init__(self, site: Site, db: Database, folder: Path) -> None:
        self.site = site
        self.db = db
        self._file = folder / "inside.db"
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(site.app, raise_app_exceptions=True), base_url=HERE
        )

    async def begin_from(self, prepared: Path) -> None:
        """Go on from a copy of this file, with nothing remembered of another."""
        await self.db.close()
        for old in self._file.parent.glob(f"{self._file.name}*"):
            old.unlink()
        shutil.copy(prepared, self._file)
        self.db.engine = engine_for(f"sqlite:///{self._file}")
        self.db.memory.clear()
        play._folded.clear()
        await self.db.open()

    async def keep_as(self, prepared: Path) -> None:
        """Write what there is now to another file."""
        prepared.unlink(missing_ok=True)
        await self.db.engine.writer.execute(f"VACUUM INTO '{prepared}'")

    def visitor(self, session: str | None, language: str = "en") -> Visitor:
        return Visitor(self._http, session, language)

    async def leave(self) -> None:
        await self._http.aclose()
        await self.site.http.aclose()
        await self.db.close()


@asynccontextmanager
async def inside(empty: Path, redis_url: str, folder: Path) -> AsyncIterator[Inside]:
    """A site on a copy of this migrated database; nobody is limited for being many."""
    settings = Settings(data_dir=folder, redis_url=redis_url, lan="127.0.0.0/8")
    client = redis.asyncio.Redis.from_url(redis_url)
    db = Database(f"sqlite:///{folder / 'inside.db'}")
    made = Inside(Site(settings, db, client), db, folder)
    await made.begin_from(empty)
    try:
        yield made
    finally:
        await made.leave()
        await client.aclose()
