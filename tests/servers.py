"""The real servers that tests run on: found, started, or skipped with a line."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis

IN_CI = bool(os.environ.get("CI"))
POSTGRES = os.environ.get("BAIGE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("BAIGE_TEST_REDIS", "redis://127.0.0.1:6379")


def skip_or_fail(what: str) -> None:
    """Elsewhere a missing server is a skip; in CI it is a failure."""
    if IN_CI:
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"{what} is neither running nor installed here")


@cache
def chromium() -> str | None:
    return (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


async def postgres() -> str | None:
    """An address where databases can be made, or None."""
    for url in (POSTGRES, _started()):
        if url is None:
            continue
        try:
            connection = await asyncpg.connect(url, timeout=3)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            continue
        await connection.close()
        return url
    return None


@cache
def _started() -> str | None:
    """A private PostgreSQL from the installed programs (which refuse to run as root)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(found[-1]) if found else None)
    if initdb is None or os.getuid() == 0:
        return None
    folder = tempfile.mkdtemp(prefix="baige-pg-")
    subprocess.run(
        [initdb, "-D", folder, "-U", "postgres", "-A", "trust"], check=True, capture_output=True
    )
    server = Path(initdb).with_name("postgres")
    subprocess.Popen(
        [server, "-D", folder, "-k", folder, "-c", "listen_addresses="],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2)
    return f"postgresql://postgres@/postgres?host={folder}"


async def make_database(template: str | None = None) -> str:
    """A new database's address; `template` names one to copy."""
    server = await postgres()
    if server is None:
        skip_or_fail("PostgreSQL")
    assert server is not None
    name = f"baige_test_{secrets.token_hex(5)}"
    connection = await asyncpg.connect(server)
    copy = f' TEMPLATE "{urlsplit(template).path.lstrip("/")}"' if template else ""
    await connection.execute(f'CREATE DATABASE "{name}"{copy}')
    await connection.close()
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def claim_redis() -> int | None:
    """The number of a Redis database that is ours until released, or None when all are taken.

    A run that was killed releases nothing: what a dead process of this machine holds is free.
    """
    us = f"{socket.gethostname()}:{os.getpid()}"
    client = redis.Redis.from_url(REDIS, socket_timeout=3, decode_responses=True)
    try:
        for number in range(1, 16):
            key = f"baige-tests:{number}"
            holder = client.get(key)
            if isinstance(holder, str) and _is_dead(holder):
                client.delete(key)
            if client.set(key, us, nx=True, ex=7_200):
                return number
    except (redis.RedisError, OSError):
        if IN_CI:
            raise
    finally:
        client.close()
    return None


def _is_dead(holder: str) -> bool:
    """Whether a process of this machine held it and is gone; of others we know nothing."""
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def release_redis(number: int) -> None:
    with redis.Redis.from_url(REDIS, socket_timeout=3) as client:
        client.delete(f"baige-tests:{number}")


async def drop_database(url: str) -> None:
    server = await postgres()
    assert server is not None
    connection = await asyncpg.connect(server)
    await connection.execute(
        f'DROP DATABASE IF EXISTS "{urlsplit(url).path.lstrip("/")}" WITH (FORCE)'
    )
    await connection.close()
