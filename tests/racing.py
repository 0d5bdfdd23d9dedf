"""Racing over HTTP, and the controls that race without a lock."""

import asyncio
from contextlib import contextmanager, suppress

from piccolo.engine.sqlite import SQLiteTransaction, TransactionType

from app.kernel.db.database import Transaction
from app.kernel.db.sqlite import PooledSQLiteEngine


@contextmanager
def lock_off(monkeypatch):
    """Take the stage lock away: a plain read, and deferred transactions on SQLite.

    Two requests that read the same row wait for each other, so that the race
    is there on a machine of any speed; the odd one out gives up waiting.
    """
    alone: dict[tuple[str, int], asyncio.Event] = {}

    async def read(self, table, row_id):
        row = await table.select().where(table._meta.primary_key == row_id).first()
        key = (table._meta.tablename, row_id)
        if other := alone.pop(key, None):
            other.set()
        else:
            alone[key] = mine = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(mine.wait(), 1)
            if alone.get(key) is mine:
                del alone[key]
        self.memory.clear()
        return row

    def deferred(self, transaction_type=None, allow_nested=True):
        return Stock(engine=self, transaction_type=TransactionType.deferred)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "lock", read)
        patch.setattr(PooledSQLiteEngine, "transaction", deferred)
        yield


class Stock(SQLiteTransaction):
    """Piccolo's own transaction: a connection of its own, begun DEFERRED."""


async def statuses(*posts):
    return [response.status_code for response in await asyncio.gather(*posts)]
