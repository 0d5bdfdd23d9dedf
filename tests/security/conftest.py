"""These tests need no worker."""

import pytest

from tests.site import served


@pytest.fixture
async def site(settings):
    async with served(settings, worker=False) as running:
        yield running
