"""What pages are made of is kept: the same until something on them changes."""

import asyncio

import pytest

from app.kernel.live.page_cache import LONGEST_SIGNATURE, MOST_KEPT, MOST_TOPICS, PageCache, page

SIGNATURE = ("/", b"", "en", "")
KEY = ("page", "en", "/")


@pytest.fixture
def pages():
    made = PageCache()
    made.open()
    return made


def counting():
    calls = []

    async def build():
        calls.append(1)
        return page(f"page {len(calls)}".encode())

    return build


async def test_a_page_is_built_once_until_its_topic_changes(pages):
    build = counting()
    first = await pages.get(KEY, ["t"], build)
    assert await pages.get(KEY, ["t"], build) is first
    pages.drop("other")
    assert await pages.get(KEY, ["t"], build) is first
    pages.drop("t")
    again = await pages.get(KEY, ["t"], build)
    assert again.body == b"page 2"
    assert again.etag != first.etag


async def test_a_page_that_changed_while_it_was_built_is_not_kept(pages):
    async def build():
        pages.drop("t")
        return page(b"old")

    await pages.get(KEY, ["t"], build)
    assert (await pages.get(KEY, ["t"], counting())).body == b"page 1"


async def test_a_page_made_while_another_topic_changed_is_kept(pages):
    build = counting()

    async def beside():
        pages.drop("other")
        return await build()

    made = await pages.get(KEY, ["t"], beside)
    assert await pages.get(KEY, ["t"], build) is made


async def test_who_asks_meanwhile_waits_for_the_same(pages):
    gate, build = asyncio.Event(), counting()

    async def slow():
        await gate.wait()
        return await build()

    asked = [asyncio.create_task(pages.get(KEY, ["t"], slow)) for _ in range(30)]
    await asyncio.sleep(0)
    # The one that began it leaves; the others do not mind.
    asked[0].cancel()
    await asyncio.sleep(0)
    gate.set()
    made = await asyncio.gather(*asked[1:])
    assert {each.body for each in made} == {b"page 1"}


async def test_who_asks_after_a_change_does_not_get_what_was_begun_before(pages):
    gate = asyncio.Event()

    async def old():
        await gate.wait()
        return page(b"old")

    first = asyncio.create_task(pages.get(KEY, ["t"], old))
    await asyncio.sleep(0)
    pages.drop("t")
    second = await pages.get(KEY, ["t"], counting())
    assert second.body == b"page 1"
    gate.set()
    assert (await first).body == b"old"
    assert await pages.get(KEY, ["t"], counting()) is second


async def test_an_error_is_everybodys_and_is_not_kept(pages):
    async def broken():
        await asyncio.sleep(0)
        raise ValueError

    asked = [pages.get(KEY, ["t"], broken) for _ in range(3)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [ValueError] * 3
    assert (await pages.get(KEY, ["t"], counting())).body == b"page 1"


async def test_while_the_feed_is_down_nothing_is_kept(pages):
    build = counting()
    await pages.get(KEY, ["t"], build)
    pages.close()
    await pages.get(KEY, ["t"], build)
    assert (await pages.get(KEY, ["t"], build)).body == b"page 3"
    pages.open()
    assert (await pages.get(KEY, ["t"], build)).body == b"page 4"


async def test_what_was_begun_before_the_feed_went_down_is_not_kept(pages):
    async def build():
        pages.close()
        pages.open()
        return page(b"old")

    await pages.get(KEY, ["t"], build)
    assert (await pages.get(KEY, ["t"], counting())).body == b"page 1"


async def test_a_known_request_is_answered_with_the_page_and_only_while_it_is_kept(pages):
    made = await pages.get(KEY, ["t"], counting())
    assert pages.answer_to(SIGNATURE) is None
    pages.remember(SIGNATURE, KEY)
    assert pages.answer_to(SIGNATURE) is made
    assert pages.answer_to(("/", b"", "en", "dark")) is None
    pages.drop("t")
    assert pages.answer_to(SIGNATURE) is None


async def test_a_request_of_unusual_length_is_not_remembered(pages):
    await pages.get(KEY, ["t"], counting())
    long = ("/", b"x" * LONGEST_SIGNATURE, "en", "")
    pages.remember(long, KEY)
    assert pages.answer_to(long) is None


async def test_the_longest_unused_goes_first(pages):
    build = counting()
    for number in range(MOST_KEPT):
        await pages.get(("page", str(number)), [f"t{number}"], build)
    asked = await pages.get(("page", "0"), ["t0"], build)
    await pages.get(("page", "one more"), ["t"], build)
    assert await pages.get(("page", "0"), ["t0"], build) is asked
    made = await pages.get(("page", "1"), ["t1"], build)
    assert made.body == f"page {MOST_KEPT + 2}".encode()


async def test_topics_without_end_are_forgotten(pages):
    kept = await pages.get(KEY, ["t"], counting())
    for number in range(MOST_TOPICS + 1):
        pages.drop(f"x{number}")
    assert len(pages._changes) <= MOST_TOPICS
    assert await pages.get(KEY, ["t"], counting()) is not kept


def lists(pages):
    """What is on the lists, both ways round."""
    by_topic = {(key, topic) for topic, keys in pages._keys.items() for key in keys}
    assert by_topic == {(key, topic) for key, topics in pages._topics.items() for topic in topics}
    assert all(pages._keys.values())
    return set(pages._topics)


async def test_what_leads_nowhere_leaves_nothing_behind(pages):
    async def broken():
        await asyncio.sleep(0)
        raise LookupError

    await pages.get(KEY, ["t", "pictures"], counting())
    for number in range(50):
        with pytest.raises(LookupError):
            await pages.get(("page", str(number)), [f"match:{number}", "pictures"], broken)
    assert lists(pages) == {KEY}
    assert set(pages._keys) == {"t", "pictures"}


async def test_lists_name_what_is_kept_or_being_made_and_nothing_else(pages):
    gate = asyncio.Event()

    async def slow():
        await gate.wait()
        return page(b"slow")

    making = asyncio.create_task(pages.get(("slow",), ["t", "u"], slow))
    await asyncio.sleep(0)
    assert lists(pages) == {("slow",)}
    pages.drop("t")
    assert lists(pages) == set()
    again = asyncio.create_task(pages.get(("slow",), ["t", "u"], slow))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(making, again)
    assert lists(pages) == {("slow",)} == set(pages._kept)
    for number in range(MOST_KEPT + 5):
        await pages.get(("page", str(number)), [f"t{number}", "all"], counting())
    assert lists(pages) == set(pages._kept)
    assert len(pages._keys) == MOST_KEPT + 1
    pages.drop("all")
    assert lists(pages) == set(pages._kept) == set()
