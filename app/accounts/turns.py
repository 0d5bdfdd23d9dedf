"""Turns at costly work, shared out fairly among those who ask for it.

Whoever asks names what they are: an address, an account. Each turn has a rank: one
more than that of the latest turn of any of its names, and at least that of the turn
which began last; the lowest goes first. So of three hundred turns of one account or
one address only the first stands before somebody new, whatever else they claim to be.
Source: start-time fair queueing (Goyal, Vin and Cheng, 1996), with several names a turn.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

Result = TypeVar("Result")


class Crowded(Exception):
    """Enough of this name wait already: nothing was done."""


class Turns:
    """Work in threads of which `at_once` run; `most` is how many may wait of one name,
    by the kind of name, and `in_all` how many altogether: beyond it the last goes."""

    def __init__(self, at_once: int, most: dict[str, int], in_all: int) -> None:
        self._free = at_once
        self._most = most
        self._in_all = in_all
        self._rank = 0
        self._number = count()
        self._line: list[tuple[int, int, asyncio.Future[None], tuple[str, ...]]] = []
        # By name: how many have a turn or wait for one, and the rank of the latest.
        self._asked: Counter[str] = Counter()
        self._latest: dict[str, int] = {}

    async def take(self, work: Callable[..., Result], *given: Any, **names: str) -> Result:
        """Do the work when its turn comes; raises `Crowded`. `names` by kind, as in `most`."""
        self._check(names)
        mine = tuple(f"{kind}:{name}" for kind, name in names.items())
        rank = max(self._rank, *(self._latest.get(name, -1) + 1 for name in mine))
        for name in mine:
            self._asked[name] += 1
            self._latest[name] = rank
        await self._wait(rank, mine)
        doing = asyncio.ensure_future(asyncio.to_thread(work, *given))
        # A thread cannot be called back: the turn lasts as long as it, whoever still waits.
        doing.add_done_callback(lambda _: self._leave(mine))
        return await asyncio.shield(doing)

    def _check(self, names: dict[str, str]) -> None:
        if any(self._asked[f"{kind}:{name}"] >= self._most[kind] for kind, name in names.items()):
            raise Crowded

    async def _wait(self, rank: int, mine: tuple[str, ...]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._line, (rank, next(self._number), turn, mine))
        self._go_on()
        self._send_the_last_away()
        try:
            await turn
        except Crowded:
            self._forget(mine)
            raise
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(mine)
            else:
                # The turn had come in the very moment in which it was given up.
                self._leave(mine)
            raise

    def _send_the_last_away(self) -> None:
        # Whoever comes once must not be refused because others wait many times.
        if len(self._line) > self._in_all:
            last = max(self._line)
            self._line.remove(last)
            heapq.heapify(self._line)
            if not last[2].done():
                last[2].set_exception(Crowded())

    def _go_on(self) -> None:
        while self._free and self._line:
            rank, _, turn, _ = heapq.heappop(self._line)
            if not turn.done():
                self._free -= 1
                self._rank = max(self._rank, rank)
                turn.set_result(None)

    def _leave(self, mine: tuple[str, ...]) -> None:
        self._free += 1
        self._forget(mine)
        self._go_on()

    def _forget(self, mine: tuple[str, ...]) -> None:
        for name in mine:
            self._asked[name] -= 1
            if not self._asked[name]:
                del self._asked[name], self._latest[name]
