"""Races need a quiet site: what is written is written by the racers."""

import pytest

from tests.site import served


@pytest.fixture
async def quiet(settings):
    """A site without a worker: nothing else writes."""
    async with served(settings, worker=False) as site:
        yield site
