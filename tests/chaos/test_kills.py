"""What is killed in the middle of it: the worker, all of it, the embedded Valkey."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.chaos.conftest import Scene
from tests.chaos.test_outages import LONG, recovers
from tests.site import until


def children_of(pid: int) -> list[int]:
    """Also those that have ended and that nobody has taken notice of."""
    return [
        int(each.name)
        for each in Path("/proc").iterdir()
        if each.name.isdecimal() and _parent(each) == pid
    ]


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


async def in_the_middle_of_a_poll(scene: Scene) -> None:
    """A game has ended, and the provider is asked and takes its time to answer."""
    world = scene.house.world
    world.slow_seconds = 5
    world.fault("slow")
    before = world.calls.total()
    scene.house.publish()
    await until(lambda: asyncio.sleep(0, world.calls.total() > before), seconds=20)


async def test_the_worker_is_killed_in_the_middle_of_a_poll(halves: Scene) -> None:
    await in_the_middle_of_a_poll(halves)
    await halves.house.processes["worker"].kill()
    halves.house.world.heal()
    await halves.house.processes["worker"].start()
    await recovers(halves, "worker killed in the middle of a poll")


@pytest.mark.slow
async def test_another_worker_takes_up_what_the_killed_one_asked(halves: Scene) -> None:
    other = halves.house.another("worker")
    await other.start()
    await in_the_middle_of_a_poll(halves)
    await halves.house.processes["worker"].kill()
    halves.house.world.heal()
    await recovers(halves, "one of two workers killed in the middle of a poll")


@pytest.mark.slow
async def test_all_in_one_is_killed_in_the_middle_of_a_poll(all_in_one: Scene) -> None:
    await in_the_middle_of_a_poll(all_in_one)
    [process] = all_in_one.house.processes.values()
    await process.kill()
    all_in_one.house.world.heal()
    await process.start()
    await recovers(all_in_one, "all in one killed in the middle of a poll")


async def test_the_embedded_valkey_is_killed(all_in_one: Scene) -> None:
    [process] = all_in_one.house.processes.values()
    for _ in range(2):
        [valkey] = children_of(process.process.pid)
        os.kill(valkey, signal.SIGKILL)
        await recovers(all_in_one, "embedded Valkey killed")
        # Another one, and no zombie beside it.
        [now] = children_of(process.process.pid)
        assert now != valkey


@pytest.mark.parametrize("seconds", [LONG])
async def test_the_embedded_valkey_is_silent(all_in_one: Scene, seconds: int) -> None:
    [process] = all_in_one.house.processes.values()
    [valkey] = children_of(process.process.pid)
    os.kill(valkey, signal.SIGSTOP)
    try:
        await all_in_one.house.go_on(seconds)
    finally:
        os.kill(valkey, signal.SIGCONT)
    await recovers(all_in_one, f"embedded Valkey silent for {seconds} s")


@pytest.mark.slow
async def test_the_embedded_valkey_is_silent_for_ever(all_in_one: Scene) -> None:
    """After half a minute it is ended by force, and another one begun."""
    [process] = all_in_one.house.processes.values()
    [valkey] = children_of(process.process.pid)
    os.kill(valkey, signal.SIGSTOP)
    await all_in_one.house.go_on(40)
    await recovers(all_in_one, "embedded Valkey silent for ever")
    [now] = children_of(process.process.pid)
    assert now != valkey
