"""Kept pages: the same bytes until something on them changes."""

import pytest

from app.kernel.live.page_cache import LONGEST_SIGNATURE, PageCache

SIGNATURE = (b"/", b"", b"", b"en")


@pytest.fixture
def pages():
    made = PageCache()
    made.open()
    return made


def counting():
    calls = []

    async def build():
        calls.append(1)
        return f"page {len(calls)}".encode()

    return build


async def test_a_page_is_built_once_until_its_topic_changes(pages):
    build = counting()
    first = await pages.get("k", ["t"], build)
    assert await pages.get("k", ["t"], build) is first
    pages.drop("other")
    assert await pages.get("k", ["t"], build) is first
    pages.drop("t")
    again = await pages.get("k", ["t"], build)
    assert again.body == b"page 2"
    assert again.etag != first.etag


async def test_a_page_that_changed_while_it_was_built_is_not_kept(pages):
    async def build():
        pages.drop("t")
        return b"old"

    await pages.get("k", ["t"], build)
    assert (await pages.get("k", ["t"], counting())).body == b"page 1"


async def test_while_the_feed_is_down_nothing_is_kept(pages):
    build = counting()
    await pages.get("k", ["t"], build)
    pages.close()
    await pages.get("k", ["t"], build)
    assert (await pages.get("k", ["t"], build)).body == b"page 3"


async def test_a_known_request_is_answered_with_the_page_and_only_while_it_is_kept(pages):
    made = await pages.get("k", ["t"], counting())
    assert pages.answer_to(SIGNATURE) is None
    pages.remember(SIGNATURE, "k")
    assert pages.answer_to(SIGNATURE) is made
    assert pages.answer_to((b"/", b"", b"session=x", b"en")) is None
    pages.drop("t")
    assert pages.answer_to(SIGNATURE) is None


async def test_a_request_of_unusual_length_is_not_remembered(pages):
    await pages.get("k", ["t"], counting())
    long = (b"/", b"", b"x" * LONGEST_SIGNATURE, b"en")
    pages.remember(long, "k")
    assert pages.answer_to(long) is None
