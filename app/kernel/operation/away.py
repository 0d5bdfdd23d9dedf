"""Telling a service that is away from a mistake: the database, Redis, or the disk below.

What is away comes back by itself, so it is waited for, and whoever asked is told so;
a mistake is logged with all that is known about it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from redis.exceptions import RedisError


class DatabaseAway(Exception):
    """The database does not answer, is locked, or has no room; nothing was half done."""


# SQLite's primary result codes (https://www.sqlite.org/rescode.html): busy, locked, out
# of memory, read-only, input or output failed, disk full, cannot open, protocol.
_SQLITE = frozenset({5, 6, 7, 8, 10, 13, 14, 15})

# PostgreSQL's classes and codes (appendix A of its manual): connection exception,
# insufficient resources, operator intervention, system error; and single ones: read-only
# (a standby took over), deadlock, lock not available.
_POSTGRES_CLASSES = ("08", "53", "57", "58")
_POSTGRES_CODES = frozenset({"25006", "40P01", "55P03"})

# What asyncpg's InterfaceError says of a lost connection; all else is a mistake of ours.
_LOST = ("is closed", "is closing", "been released")


def is_away(error: BaseException | None) -> bool:
    """Whether `error` says that a service cannot be used for now."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_away(each) for each in error.exceptions)
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError | TimeoutError)
    return isinstance(error, DatabaseAway | RedisError) or _is_database_away(error)


def _is_database_away(error: BaseException | None) -> bool:
    """The same of what a database's driver has raised."""
    match error:
        case sqlite3.Error():
            # None: raised by the driver itself, of our use of it.
            code = getattr(error, "sqlite_errorcode", None)
            return code is not None and code & 0xFF in _SQLITE
        case asyncpg.PostgresError():
            code = error.sqlstate or ""
            return code in _POSTGRES_CODES or code.startswith(_POSTGRES_CLASSES)
        case asyncpg.InterfaceError():
            return any(words in str(error) for words in _LOST)
        case asyncpg.InternalClientError():
            # "Cannot switch to state ...": the server cut us off in the middle of a step.
            return True
        case OSError():
            # Also a socket's file that is not there.
            return True
    return False


@contextmanager
def telling_away() -> Iterator[None]:
    """Around every use of the database: `DatabaseAway` where that is what is wrong."""
    try:
        yield
    except Exception as error:
        if _is_database_away(error):
            raise DatabaseAway(f"{type(error).__name__}: {error}"[:200]) from error
        raise
