"""The embedded Valkey is watched: whatever happens to it, it is there again, with its data."""

import asyncio
import os
import signal

import pytest

from app.kernel.operation import valkey as module
from app.kernel.operation.redis_client import redis_client
from app.kernel.operation.supervision import Supervisor
from app.kernel.operation.valkey import Valkey
from tests.site import until


@pytest.fixture
async def watched(tmp_path):
    valkey = Valkey(tmp_path / "v")
    await valkey.start()
    client = redis_client(valkey.url)
    async with Supervisor() as background:
        background.keep("valkey", valkey.watch)
        yield valkey, client, background
    await client.aclose()
    valkey.stop()


def pid_of(valkey):
    return valkey._process.pid


def is_there(pid):
    """Neither running nor a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def answers(client):
    async def pong():
        try:
            return await client.ping()
        except Exception:
            return False

    await until(pong, seconds=10)


async def test_killed_it_is_begun_again_on_the_same_socket_with_its_data(watched):
    valkey, client, background = watched
    for number in range(2):
        await client.set(f"x{number}", "kept")
        # Written to the disk at least once a second.
        await client.execute_command("WAITAOF", 1, 0, 2_000)
        pid = pid_of(valkey)
        os.kill(pid, signal.SIGKILL)
        await answers(client)
        assert await client.get(f"x{number}") == b"kept"
        assert not is_there(pid)
    assert not background.restarts


async def test_what_cannot_begin_is_tried_until_it_can(watched):
    valkey, client, background = watched
    log = valkey.data_dir / "valkey.log"
    log.unlink()
    # A folder where its log should be: it ends at once.
    log.mkdir()
    os.kill(pid_of(valkey), signal.SIGKILL)
    await until(lambda: asyncio.sleep(0, background.restarts["valkey"] >= 2), seconds=10)
    log.rmdir()
    await answers(client)


async def test_one_that_is_silent_for_long_is_ended_by_force(watched, monkeypatch):
    valkey, client, _ = watched
    monkeypatch.setattr(module, "ASK_SECONDS", 0.1)
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.4)
    pid = pid_of(valkey)
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: asyncio.sleep(0, not is_there(pid)), seconds=10)
    await answers(client)


async def test_one_whose_disk_is_full_is_not_silent(watched):
    valkey, client, _ = watched
    assert await valkey._says_anything()
    await client.config_set("maxmemory", "1")
    assert await valkey._says_anything()


async def test_stopping_ends_also_one_that_hears_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "START_SECONDS", 0.3)
    valkey = Valkey(tmp_path / "v")
    await valkey.start()
    pid = pid_of(valkey)
    os.kill(pid, signal.SIGSTOP)
    valkey.stop()
    assert not is_there(pid)
