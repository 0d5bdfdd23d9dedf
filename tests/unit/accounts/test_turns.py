"""Turns are fair: whoever asks often waits behind whoever asks once, and nothing is lost."""

import asyncio
import threading

import pytest

from app.accounts.turns import Crowded, Turns

MOST = {"address": 400, "account": 400}


class Work:
    """Work that ends when told to; who began it, in order, and how many at most at once."""

    def __init__(self):
        self.began = []
        self.at_once = self.most = 0
        self._may_end = threading.Semaphore(0)
        self._lock = threading.Lock()

    def __call__(self, who):
        with self._lock:
            self.began.append(who)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self._may_end.acquire(timeout=20)
        with self._lock:
            self.at_once -= 1
        return who

    def end(self, times=1):
        self._may_end.release(times)

    async def has_begun(self, times):
        async with asyncio.timeout(10):
            while len(self.began) < times:
                await asyncio.sleep(0.001)


@pytest.fixture
def work():
    return Work()


def ask(turns, work, who, address, account):
    return asyncio.create_task(turns.take(work, who, address=address, account=account))


async def settle():
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(lambda n: ("here", "alice"), id="one account at one address"),
        pytest.param(lambda n: ("here", f"a{n}"), id="an address that claims many accounts"),
        pytest.param(lambda n: (f"10.0.{n}.1", "alice"), id="an account from many addresses"),
    ],
)
async def test_a_stranger_waits_for_no_more_than_what_runs(work, named):
    turns = Turns(2, MOST, 1_000)
    flood = [ask(turns, work, "flood", *named(n)) for n in range(300)]
    await work.has_begun(2)
    stranger = ask(turns, work, "stranger", "there", "bob")
    await settle()
    work.end()
    await work.has_begun(3)
    assert work.began == ["flood", "flood", "stranger"]
    work.end(300)
    await asyncio.gather(*flood, stranger)
    assert work.most == 2


async def test_a_neighbour_at_the_same_address_waits_his_turn_and_is_served(work):
    turns = Turns(1, MOST, 1_000)
    tasks = [ask(turns, work, "flood", "here", "alice") for _ in range(5)]
    await work.has_begun(1)
    tasks.append(ask(turns, work, "neighbour", "here", "bob"))
    work.end(6)
    await asyncio.gather(*tasks)
    assert work.began == ["flood"] * 5 + ["neighbour"]


async def test_two_who_ask_often_take_turns(work):
    turns = Turns(1, MOST, 1_000)
    tasks = [ask(turns, work, "a", "10.0.0.1", "alice") for _ in range(4)]
    tasks += [ask(turns, work, "b", "10.0.0.2", "bob") for _ in range(4)]
    work.end(8)
    await asyncio.gather(*tasks)
    assert work.began == list("ababaabb") or work.began == list("abababab")


async def test_beyond_the_bound_nothing_is_done_and_it_is_said(work):
    turns = Turns(1, {"address": 3, "account": 2}, 1_000)
    first = [ask(turns, work, "a", "here", "alice") for _ in range(2)]
    await work.has_begun(1)
    with pytest.raises(Crowded):
        await turns.take(work, "a", address="elsewhere", account="alice")
    third = ask(turns, work, "b", "here", "bob")
    await settle()
    with pytest.raises(Crowded):
        await turns.take(work, "c", address="here", account="carol")
    work.end(3)
    await asyncio.gather(*first, third)
    # What was refused was not counted: there is room again.
    work.end()
    assert await turns.take(work, "a", address="here", account="alice") == "a"
    assert len(work.began) == 4


async def test_when_the_line_is_full_the_last_of_it_goes_not_who_comes_once(work):
    turns = Turns(1, MOST, 4)
    flood = [ask(turns, work, "flood", "here", "alice") for _ in range(5)]
    await work.has_begun(1)
    stranger = ask(turns, work, "stranger", "there", "bob")
    work.end(5)
    ends = await asyncio.gather(*flood, stranger, return_exceptions=True)
    assert [type(end) for end in ends] == [str] * 4 + [Crowded, str]
    assert work.began[1] == "stranger"


async def test_who_goes_away_gives_his_turn_to_the_next(work):
    turns = Turns(1, MOST, 1_000)
    running = ask(turns, work, "running", "1", "a")
    await work.has_begun(1)
    waiting, next_ = ask(turns, work, "waiting", "2", "b"), ask(turns, work, "next", "3", "c")
    await settle()
    waiting.cancel()
    # The thread goes on; its turn is over only when it ends.
    running.cancel()
    await settle()
    assert work.began == ["running"]
    work.end()
    await work.has_begun(2)
    work.end()
    assert await next_ == "next"
    assert (work.began, work.most) == (["running", "next"], 1)


async def test_a_turn_that_comes_as_it_is_given_up_is_not_lost(work):
    turns = Turns(1, MOST, 1_000)
    first = ask(turns, work, "first", "1", "a")
    await work.has_begun(1)
    second, third = ask(turns, work, "second", "2", "b"), ask(turns, work, "third", "3", "c")
    await settle()
    granted, go_on = turns._line[0][2], turns._go_on

    def and_give_up():
        go_on()
        if granted.done() and not second.done():
            second.cancel()

    turns._go_on = and_give_up
    work.end(2)
    assert await first == "first"
    assert await third == "third"
    assert second.cancelled()
    assert turns._asked == {}
    assert turns._free == 1


async def test_work_that_fails_ends_its_turn():
    turns = Turns(1, MOST, 1_000)

    def fails():
        raise ValueError("no")

    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            await turns.take(fails, address="1", account="a")
    assert (turns._asked, turns._latest) == ({}, {})
