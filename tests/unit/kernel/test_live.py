"""The hub: nothing is missed without being told, and nobody can hold memory."""

import asyncio

import pytest

from app.kernel.live.hub import PING, RING, UNREAD_TOPICS, Hub


@pytest.fixture
def hub():
    made = Hub()
    made.begin("e", 10)
    return made


async def take(stream, count=1):
    async with asyncio.timeout(2):
        return [(await anext(stream)).decode() for _ in range(count)]


async def test_a_stream_gets_what_came_after_its_page(hub):
    for number in (11, 12, 13):
        hub.publish("t", number, f"<p>{number}")
    stream = hub.stream("t", "e-11")
    opening, missed = await take(stream, 2)
    assert opening.encode() == PING
    assert missed == "id: e-12\ndata: <p>12\n\nid: e-13\ndata: <p>13\n\n"
    hub.publish("t", 14, "<p>14")
    assert await take(stream) == ["id: e-14\ndata: <p>14\n\n"]
    await stream.aclose()
    assert hub.streams == 0


@pytest.mark.parametrize(
    "last", ["e-3", "other-12", "", "e-", "e--1", "e-²", "e-" + "9" * 50, "nonsense"]
)
async def test_whoever_missed_something_is_told_to_resync_once(hub, last):
    hub.publish("t", 11, "<p>11")
    stream = hub.stream("t", last)
    assert await take(stream, 2) == [PING.decode(), "id: e-11\nevent: resync\ndata: \n\n"]
    hub.publish("t", 12, "<p>12")
    assert await take(stream) == ["id: e-12\ndata: <p>12\n\n"]
    await stream.aclose()


async def test_a_slow_reader_is_cut_short_and_then_current(hub):
    stream = hub.stream("t", "e-10")
    await take(stream)
    for number in range(11, 11 + 3 * RING):
        hub.publish("t", number, "<p>")
    [told] = await take(stream)
    assert "event: resync" in told
    last = 10 + 3 * RING
    assert told.startswith(f"id: e-{last}\n")
    hub.publish("t", last + 1, "<p>new")
    assert "new" in (await take(stream))[0]
    assert len(hub._topics["t"].ring) == RING
    await stream.aclose()


async def test_a_new_epoch_makes_every_stream_resync(hub):
    stream = hub.stream("t", "e-10")
    await take(stream)
    waiting = asyncio.create_task(take(stream))
    await asyncio.sleep(0)
    hub.begin("f", 0)
    assert (await waiting)[0].startswith("id: f-")
    await stream.aclose()


async def test_closing_ends_every_stream(hub):
    stream = hub.stream("t", "e-10")
    await take(stream)
    waiting = asyncio.create_task(take(stream))
    await asyncio.sleep(0)
    hub.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_what_was_pruned_is_never_claimed_to_be_complete(hub):
    for number in range(UNREAD_TOPICS + 1):
        hub.publish(f"t{number}", 11 + number, "<p>")
    hub._prune()
    assert not hub._topics
    stream = hub.stream("t0", "e-10")
    assert "event: resync" in (await take(stream, 2))[1]
    await stream.aclose()
