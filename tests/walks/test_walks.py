"""Walks at random through everything anybody can do: only success, or a refusal that says why."""

import os
from random import Random

import msgspec
import pytest
from structlog.testing import capture_logs

from app.kernel.db.tables import OutboxEntry
from tests.walks.walker import Walk
from tests.walks.worlds import PLANS
from tournaments.checking import differences
from tournaments.pages.push import Pushes

STEPS, LONGER_STEPS = 6, 14
# Rendering what is pushed costs as much as a step: one walk in so many ends with it.
PUSHED = 4
# All 10,000 that are promised take hours: `BAIGE_WALKS=10000 make test-slow` before a release.
QUICK, SLOW = 500, int(os.environ.get("BAIGE_WALKS", "1000"))


class Listener:
    """Reads everything in one language, so that all of it is rendered."""

    async def languages_read(self, topics):
        return dict.fromkeys(topics, ("kk",))

    async def send(self, *messages):
        assert messages


async def _walk(site, world_of, seed, steps=STEPS):
    chance = Random(f"world:{seed}")
    files, cast = await world_of(sorted(PLANS)[seed % len(PLANS)])
    await site.begin_from(files[chance.choice(sorted(files))])
    walk = Walk(site, cast, seed)
    try:
        with capture_logs() as lines:
            await walk.go(steps)
            if steps > STEPS or chance.random() < 1 / PUSHED:
                await _pushed()
        wrong = [line for line in lines if line["log_level"] in ("error", "critical")]
        assert wrong == []
        assert await differences() == []
    except BaseException:
        print(
            f"seed {seed}",
            *walk.trace,
            *(str(line["exc_info"]) for line in lines if "exc_info" in line),
            sep="\n",
        )
        raise


async def _pushed():
    """What was promised to those who watch can be rendered."""
    pushes = Pushes(Listener())
    rows = await OutboxEntry.select().order_by(OutboxEntry.id)
    for kind, work in (("matches", pushes.matches), ("tournament", pushes.tournament)):
        if payloads := [msgspec.json.decode(row["payload"]) for row in rows if row["kind"] == kind]:
            await work(payloads)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plan", range(len(PLANS)))
async def test_walks(indoors, world_of, plan):
    for seed in range(plan, QUICK, len(PLANS)):
        await _walk(indoors, world_of, seed)


@pytest.mark.slow
@pytest.mark.timeout(6 * 3_600)
@pytest.mark.parametrize("part", range(4))
async def test_longer_walks(indoors, world_of, part):
    for seed in range(QUICK + part, SLOW, 4):
        await _walk(indoors, world_of, seed, LONGER_STEPS)
