"""A write where only reading is allowed is a mistake of ours, not a database that is away."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

READ_ONLY = 8
"""SQLite's result code for it."""


class WroteInSnapshot(RuntimeError):
    """A query inside a snapshot wanted to change something."""


@contextmanager
def telling_mistakes(transaction: Any) -> Iterator[None]:
    """Around a query; `transaction` is what it runs in, if anything."""
    try:
        yield
    except (sqlite3.OperationalError, asyncpg.ReadOnlySQLTransactionError) as error:
        code = getattr(error, "sqlite_errorcode", READ_ONLY) & 0xFF
        if code == READ_ONLY and getattr(transaction, "only_reads", False):
            raise WroteInSnapshot("nothing can be written inside a snapshot") from error
        raise
