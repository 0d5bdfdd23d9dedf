"""The hub: nothing is missed without being told, and nobody can hold memory."""

import asyncio
import re
import zlib

import pytest

from app.kernel.live import hub as hub_module
from app.kernel.live.hub import OPENING, PING, RING, UNREAD_TOPICS, UNRENDERED, Hub
from app.kernel.text.i18n import LOCALES
from app.kernel.text.templating import TEMPLATES


@pytest.fixture
def hub():
    made = Hub()
    made.begin("e", 10)
    return made


def said(html):
    """The same in every language."""
    return dict.fromkeys(LOCALES, html)


async def take(stream, count=1):
    async with asyncio.timeout(2):
        return [(await anext(stream)).decode() for _ in range(count)]


async def test_a_stream_gets_what_came_after_its_page(hub):
    for number in (11, 12, 13):
        hub.publish("t", number, said(f"<p>{number}"))
    stream = hub.stream("t:en", "e-11")
    opening, missed = await take(stream, 2)
    assert opening.encode() == PING
    assert missed == "id: e-12\ndata: <p>12\n\nid: e-13\ndata: <p>13\n\n"
    hub.publish("t", 14, said("<p>14"))
    assert await take(stream) == ["id: e-14\ndata: <p>14\n\n"]
    await stream.aclose()
    assert hub.streams == 0


@pytest.mark.parametrize(
    "last", ["e-3", "other-12", "", "e-", "e--1", "e-²", "e-" + "9" * 50, "nonsense"]
)
async def test_whoever_missed_something_is_told_to_resync_once(hub, last):
    hub.publish("t", 11, said("<p>11"))
    stream = hub.stream("t:en", last)
    assert await take(stream, 2) == [PING.decode(), "id: e-11\nevent: resync\ndata: \n\n"]
    hub.publish("t", 12, said("<p>12"))
    assert await take(stream) == ["id: e-12\ndata: <p>12\n\n"]
    await stream.aclose()


async def test_a_slow_reader_is_cut_short_and_then_current(hub):
    stream = hub.stream("t:en", "e-10")
    await take(stream)
    for number in range(11, 11 + 3 * RING):
        hub.publish("t", number, said("<p>"))
    [told] = await take(stream)
    assert "event: resync" in told
    last = 10 + 3 * RING
    assert told.startswith(f"id: e-{last}\n")
    hub.publish("t", last + 1, said("<p>new"))
    assert "new" in (await take(stream))[0]
    assert len(hub._topics["t:en"].ring) == RING
    await stream.aclose()


async def test_a_new_epoch_makes_every_stream_resync(hub):
    stream = hub.stream("t:en", "e-10")
    await take(stream)
    waiting = asyncio.create_task(take(stream))
    await asyncio.sleep(0)
    hub.begin("f", 0)
    assert (await waiting)[0].startswith("id: f-")
    await stream.aclose()


async def test_closing_ends_every_stream(hub):
    stream = hub.stream("t:en", "e-10")
    await take(stream)
    waiting = asyncio.create_task(take(stream))
    await asyncio.sleep(0)
    hub.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_what_was_pruned_is_never_claimed_to_be_complete(hub):
    for number in range(UNREAD_TOPICS + 1):
        hub.publish(f"t{number}", 11 + number, said("<p>"))
    hub._prune()
    assert not hub._topics
    stream = hub.stream("t0:en", "e-10")
    assert "event: resync" in (await take(stream, 2))[1]
    await stream.aclose()


async def test_a_change_rendered_for_nobody_is_never_missed(hub):
    """Whoever reads a language that was not rendered is told, now or when they come."""
    reading = hub.stream("t:ru", "e-10")
    await take(reading)
    hub.publish("t", 11, {"en": "<p>11"})
    assert await take(reading) == ["id: e-11\nevent: resync\ndata: \n\n"]
    await reading.aclose()
    # Its page was made before the change; this stream comes after it.
    late = hub.stream("t:kk", "e-10")
    assert "event: resync" in (await take(late, 2))[1]
    await late.aclose()
    fresh = hub.stream("t:kk", "e-11")
    await take(fresh)
    hub.publish("t", 12, said("<p>12"))
    assert await take(fresh) == ["id: e-12\ndata: <p>12\n\n"]
    await fresh.aclose()


async def test_changes_that_are_forgotten_are_never_missed(hub):
    for number in range(UNRENDERED + 1):
        hub.publish(f"t{number}", 11 + number, {})
    assert len(hub._unrendered) <= UNRENDERED
    stream = hub.stream("t0:en", "e-10")
    assert "event: resync" in (await take(stream, 2))[1]
    await stream.aclose()


async def test_a_compressed_stream_says_the_same(hub):
    plain, packed = hub.stream("t:en", "e-10"), hub.stream("t:en", "e-10", gzipped=True)
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    text = [await take(plain), unpack.decompress(await anext(packed))]
    assert text == [[PING.decode()], PING]
    for number in (11, 12):
        hub.publish("t", number, said(f"<p>{number}" * 200))
        [expected] = await take(plain)
        bytes_ = await anext(packed)
        assert unpack.decompress(bytes_).decode() == expected
        assert len(bytes_) < len(expected) / 5
    hub.publish("t", 13, {})
    assert unpack.decompress(await anext(packed)).decode() == (await take(plain))[0]
    await plain.aclose()
    await packed.aclose()


async def test_the_first_reader_of_a_stream_is_announced(hub):
    heard = []
    hub.first_reader = heard.append
    streams = [hub.stream("t:en", "e-10"), hub.stream("t:en", "e-10"), hub.stream("u:kk", "e-10")]
    for stream in streams:
        await take(stream)
    assert heard == ["t:en", "u:kk"]
    assert sorted(hub.read) == ["t:en", "u:kk"]
    for stream in streams:
        await stream.aclose()
    assert hub.read == []


def test_a_page_waits_for_more_than_two_pings_and_less_than_three():
    [limit] = re.findall(r'data-live="(\d+)"', (TEMPLATES / "macros/stream.html").read_text())
    assert int(limit) == 35
    assert 2 * hub_module.PING_SECONDS < int(limit) < 3 * hub_module.PING_SECONDS


@pytest.mark.parametrize("gzipped", [False, True])
async def test_only_a_stream_that_would_hear_of_changes_is_pinged(hub, monkeypatch, gzipped):
    monkeypatch.setattr(hub_module, "PING_SECONDS", 0.01)
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress if gzipped else bytes
    pings = asyncio.create_task(hub.ping_for_ever())
    stream = hub.stream("t:en", "e-10", gzipped=gzipped)
    assert unpack(await anext(stream)) == unpack(await anext(stream)) == PING
    hub.lose()
    later = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    late = hub.stream("t:en", "e-10")
    assert await anext(late) == OPENING
    if later.done():
        # It was on its way.
        later = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.05)
    assert not later.done()
    # At once, though nothing was missed: whoever waits has waited long.
    hub.begin("e", 10)
    assert unpack(await asyncio.wait_for(later, 1)) == PING
    assert await anext(late) == PING
    for each in (stream, late):
        await each.aclose()
    pings.cancel()


async def test_a_hub_that_was_never_fed_pings_nobody():
    stream = Hub().stream("t:en", "")
    assert await anext(stream) == OPENING
    await stream.aclose()
