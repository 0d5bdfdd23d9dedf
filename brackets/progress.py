"""Entrants moving through a graph.

Only the match and those it feeds are touched. A slot that nobody will ever
fill is EMPTY; whoever meets it goes on by itself, and so does whoever meets an
entrant that was removed. A reset that is not needed is absent.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from math import inf
from typing import NamedTuple

from brackets.graph import EMPTY, NOWHERE, UNKNOWN, Graph
from brackets.model import Outcome, State

NEVER = inf


class Pending(NamedTuple):
    """An outcome waiting for its match; `between` are the seeds it was played by, if known."""

    outcome: Outcome
    between: tuple[int, int] | None = None


class Progress:
    """Who is in which slot, and every outcome; arrays over the graph's matches."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.removed: Mapping[int, float] = {}
        self.pending: dict[str, Pending] = {}
        self.seeds: list[int] = []
        self.outcomes: list[Outcome | None] = []
        self.given: list[bool] = []
        self.byes: list[bool] = []
        self.absent: list[bool] = []
        self.open = 0
        self.ready: set[int] = set()
        self.changed: set[int] = set()
        self.extend()

    def copy(self, graph: Graph, removed: Mapping[int, float]) -> "Progress":
        """Another one alike over a copy of the graph, and what has left it."""
        other = copy(self)
        for lane, value in vars(self).items():
            setattr(other, lane, copy(value))
        other.graph, other.removed = graph, removed
        return other

    def begin(self, removed: Mapping[int, float], pending: dict[str, Pending]) -> None:
        """Let what is known already happen, as matches become ready for it.

        `removed` says when each of them left, as numbers that grow.
        """
        self.removed = removed
        self.pending = pending
        self.settle(sorted(self.ready))

    def extend(self) -> None:
        """Take in the matches the graph has gained."""
        first = len(self.outcomes)
        more = len(self.graph) - first
        self.seeds += self.graph.first[2 * first :]
        self.outcomes += [None] * more
        self.given += [False] * more
        self.byes += [False] * more
        self.absent += [False] * more
        self.open += more
        self.settle(range(first, first + more))

    def cut(self, length: int) -> None:
        """Forget the matches from `length` on; none of them feeds one before."""
        for match in range(length, len(self.outcomes)):
            self.open -= self.state(match) in ("waiting", "ready")
        self.ready = {match for match in self.ready if match < length}
        self.changed = {match for match in self.changed if match < length}
        for lane in (self.outcomes, self.given, self.byes, self.absent):
            del lane[length:]
        del self.seeds[2 * length :]

    # -- reading -----------------------------------------------------------

    def state(self, match: int) -> State:
        if self.byes[match]:
            return "bye"
        if self.outcomes[match] is not None:
            return "decided"
        return "ready" if match in self.ready else "waiting"

    def winner_and_loser(self, match: int) -> tuple[int, int]:
        """Seeds; UNKNOWN before the end, EMPTY where nobody goes on."""
        a, b = self.seeds[2 * match], self.seeds[2 * match + 1]
        if self.byes[match]:
            return max(a, b), EMPTY
        outcome = self.outcomes[match]
        if outcome is None:
            return UNKNOWN, UNKNOWN
        if outcome.winner is None:
            return EMPTY, EMPTY
        return (a, b) if outcome.winner == 0 else (b, a)

    # -- going on ----------------------------------------------------------

    def record(self, match: int, outcome: Outcome) -> None:
        self._close(match, outcome)
        self.settle(self._move_on(match))

    def settle(self, matches: Iterable[int]) -> None:
        """Let each match that nobody needs to play pass its entrants on."""
        waiting = list(matches)[::-1]
        while waiting:
            match = waiting.pop()
            if self._settled(match):
                waiting += self._move_on(match)

    def _settled(self, match: int) -> bool:
        a, b = self.seeds[2 * match], self.seeds[2 * match + 1]
        if UNKNOWN in (a, b) or self.byes[match] or self.outcomes[match] is not None:
            return False
        if EMPTY in (a, b):
            self.byes[match] = True
            self.open -= 1
            self.changed.add(match)
            return True
        if outcome := self._foregone(match, (a, b)):
            self._close(match, outcome)
            return True
        self.ready.add(match)
        self.changed.add(match)
        return False

    def _foregone(self, match: int, seeds: tuple[int, int]) -> Outcome | None:
        """The outcome that is known before play: a stored one, or by removal."""
        stored = self.pending.get(self.graph.ids[match]) if self.pending else None
        if stored and stored.between in (None, seeds):
            del self.pending[self.graph.ids[match]]
            return stored.outcome
        left = [self.removed.get(seed, NEVER) for seed in seeds] if self.removed else [NEVER] * 2
        if left == [NEVER, NEVER]:
            return None
        self.given[match] = True
        # Of two who have left, the later one was still there to take the match.
        return Outcome(0 if left[0] > left[1] else 1, "forfeit")

    def _close(self, match: int, outcome: Outcome) -> None:
        self.outcomes[match] = outcome
        self.ready.discard(match)
        self.open -= 1
        self.changed.add(match)

    def _move_on(self, match: int) -> list[int]:
        """Fill the slots that this match feeds; the matches they belong to."""
        winner, loser = self.winner_and_loser(match)
        graph = self.graph
        to_winner, to_loser = graph.winner_to[match], graph.loser_to[match]
        if to_winner != NOWHERE and to_winner // 2 == graph.reset and not self._lower_won(match):
            self.absent[graph.reset] = True
            self.open -= 1
            self.changed.add(graph.reset)
            return []
        fed = []
        for slot, seed in ((to_winner, winner), (to_loser, loser)):
            if slot != NOWHERE:
                self.seeds[slot] = seed
                self.changed.add(slot // 2)
                fed.append(slot // 2)
        return fed

    def _lower_won(self, final: int) -> bool:
        outcome = self.outcomes[final]
        return outcome is not None and outcome.winner == 1

    # -- going back --------------------------------------------------------

    def resting_on(self, match: int) -> set[int]:
        """Later matches whose stored outcome rests on this one."""
        found: set[int] = set()
        seen: set[int] = set()
        waiting = [match]
        while waiting:
            each = waiting.pop()
            for later in self._later(each):
                if later not in seen and self.state(later) in ("decided", "bye"):
                    seen.add(later)
                    waiting.append(later)
                    if self.outcomes[later] is not None and not self.given[later]:
                        found.add(later)
        return found

    def _later(self, match: int) -> set[int]:
        slots = (self.graph.winner_to[match], self.graph.loser_to[match])
        return {slot // 2 for slot in slots if slot != NOWHERE}

    def reopen(self, match: int) -> None:
        """Take an outcome back, and whatever followed from it by itself."""
        waiting = [match]
        while waiting:
            each = waiting.pop()
            self._open_again(each)
            for later in self._call_back(each):
                if self.byes[later] or self.given[later]:
                    waiting.append(later)

    def _open_again(self, match: int) -> None:
        self.outcomes[match] = None
        self.given[match] = self.byes[match] = False
        self.open += 1
        self.changed.add(match)
        if UNKNOWN not in self.seeds[2 * match : 2 * match + 2]:
            self.ready.add(match)

    def _call_back(self, match: int) -> set[int]:
        """Empty the slots that this match has filled; the matches they belong to."""
        later = self._later(match)
        if self.graph.reset in later and self.absent[self.graph.reset]:
            self.absent[self.graph.reset] = False
            self.open += 1
            self.changed.add(self.graph.reset)
            return set()
        for slot in (self.graph.winner_to[match], self.graph.loser_to[match]):
            if slot != NOWHERE:
                self.seeds[slot] = UNKNOWN
                self.ready.discard(slot // 2)
                self.changed.add(slot // 2)
        return later
