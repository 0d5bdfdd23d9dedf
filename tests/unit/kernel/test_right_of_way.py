"""Who decides goes first, for a moment and no longer."""

import asyncio

import pytest

from app.kernel.live import right_of_way
from app.kernel.live.kept import KeptFirst
from app.kernel.live.page_cache import PageCache, page
from app.kernel.live.right_of_way import RightOfWay
from app.kernel.live.signature import signature_of

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "headers": [(b"accept-encoding", b"gzip")],
}


async def test_nobody_waits_when_nobody_goes_first():
    way = RightOfWay()
    await asyncio.wait_for(way.give(), 0.01)
    with way.first():
        pass
    await asyncio.wait_for(way.give(), 0.01)


async def test_all_who_wait_go_on_when_it_is_done(monkeypatch):
    monkeypatch.setattr(right_of_way, "LONGEST_SECONDS", 60)
    way = RightOfWay()
    with way.first():
        waiting = [asyncio.create_task(way.give()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
    await asyncio.wait_for(asyncio.gather(*waiting), 1)


async def test_commands_without_end_hold_nobody_for_longer_than_the_longest_time():
    way = RightOfWay()
    with way.first():
        with way.first():
            await asyncio.wait_for(way.give(), 1)
        # The moment is over, though one of them is still at work.
        await asyncio.wait_for(way.give(), 0.005)
    assert right_of_way.LONGEST_SECONDS <= 0.02


async def test_an_error_ends_it_too(monkeypatch):
    monkeypatch.setattr(right_of_way, "LONGEST_SECONDS", 60)
    way = RightOfWay()
    with pytest.raises(ValueError, match="no"), way.first():
        raise ValueError("no")
    await asyncio.wait_for(way.give(), 0.01)


@pytest.mark.parametrize(
    ("cookie", "waits"), [(b"session=x", True), (b"__Host-session=x", True), (b"csrf=x", False)]
)
async def test_only_members_forms_have_it(monkeypatch, cookie, waits):
    monkeypatch.setattr(right_of_way, "LONGEST_SECONDS", 60)
    pages, gate, sent = PageCache(), asyncio.Event(), []
    pages.open()

    async def build():
        return page(b"kept")

    await pages.get(("page",), [], build)
    pages.remember(signature_of(SCOPE), ("page",))

    async def slow(scope, receive, send):
        await gate.wait()

    async def send(message):
        sent.append(message)

    site = KeptFirst(slow, pages)
    post = {**SCOPE, "method": "POST", "headers": [(b"cookie", cookie)]}
    command = asyncio.create_task(site(post, None, send))
    await asyncio.sleep(0)
    asked = asyncio.create_task(site(SCOPE, None, send))
    await asyncio.sleep(0.01)
    assert bool(sent) is not waits
    gate.set()
    await asyncio.gather(command, asked)
    assert sent[0]["status"] == 200
