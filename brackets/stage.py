"""A stage in play: outcomes go in, entrants move through the graph.

`apply` and `undo` touch only the match and those it feeds. A slot that nobody
will ever fill is EMPTY; whoever meets it goes on by itself.
"""

from collections.abc import Iterator

from brackets.errors import AlreadyDecided, BadOutcome, HasSuccessors, NotReady, UnknownMatch
from brackets.graph import EMPTY, NOWHERE, UNKNOWN, Graph
from brackets.model import Match, Outcome, Slot, Spec, State
from brackets.placements import Placements, placements


class Stage:
    """The state of one stage: its graph, who is where, and every outcome."""

    def __init__(self, spec: Spec, graph: Graph) -> None:
        self.spec = spec
        self.graph = graph
        self._seeds = list(graph.first)
        self._outcomes: list[Outcome | None] = [None] * len(graph)
        self._byes = [False] * len(graph)
        self._open = len(graph)
        for match in range(len(graph)):
            self._settle(match, set())
        self._numbers = self._number()

    # -- reading -----------------------------------------------------------

    @property
    def matches(self) -> Iterator[Match]:
        """Every match in play order, those decided by the draw included."""
        return (self._view(match) for match in range(len(self.graph)))

    @property
    def ready(self) -> list[Match]:
        """What can be played now."""
        return [
            self._view(match) for match in range(len(self.graph)) if self._state(match) == "ready"
        ]

    @property
    def complete(self) -> bool:
        return self._open == 0

    @property
    def placements(self) -> Placements:
        """`[first place of the tie group, its seeds]`, of all who are out (and the winner)."""
        return placements(self.matches, max(self.graph.rounds))

    @property
    def champion(self) -> int | None:
        return next((seeds[0] for place, seeds in self.placements if place == 1), None)

    def match(self, id_: str) -> Match:
        return self._view(self._index(id_))

    # -- changing ----------------------------------------------------------

    def apply(self, id_: str, outcome: Outcome) -> list[str]:
        """Enter an outcome; the ids of the matches that look different now.

        The same outcome again changes nothing. Raises `NotReady`,
        `AlreadyDecided` or `BadOutcome`.
        """
        match = self._index(id_)
        _check(outcome)
        if self._outcomes[match] == outcome:
            return []
        if self._outcomes[match] is not None:
            raise AlreadyDecided(f"{id_} has another outcome")
        if self._state(match) != "ready":
            raise NotReady(f"{id_} cannot be played yet")
        self._outcomes[match] = outcome
        self._open -= 1
        changed = {match}
        self._move_on(match, changed)
        return self._ids(changed)

    def amend(self, id_: str, outcome: Outcome) -> list[str]:
        """Replace an outcome by one with the same winner; nobody moves."""
        match = self._index(id_)
        _check(outcome)
        standing = self._outcomes[match]
        if standing is None or standing.winner != outcome.winner:
            raise BadOutcome(f"{id_} was not won by slot {outcome.winner}")
        self._outcomes[match] = outcome
        return [id_]

    def affected(self, id_: str) -> list[str]:
        """Later decided matches that rest on this one, latest first."""
        found: set[int] = set()
        self._collect(self._index(id_), found)
        return [self.graph.ids[match] for match in sorted(found, reverse=True)]

    def undo(self, id_: str, *, cascade: bool = False) -> list[str]:
        """Take an outcome back; with `cascade` also those that rest on it.

        Returns the ids that look different now. Raises `NotReady` when there
        is no outcome, `HasSuccessors` when others rest on it.
        """
        match = self._index(id_)
        if self._outcomes[match] is None:
            raise NotReady(f"{id_} has no outcome to undo")
        later = self.affected(id_)
        if later and not cascade:
            raise HasSuccessors(later)
        changed: set[int] = set()
        for each in (*later, id_):
            self._undo_one(self.graph.index[each], changed)
        return self._ids(changed)

    # -- inside ------------------------------------------------------------

    def _index(self, id_: str) -> int:
        try:
            return self.graph.index[id_]
        except KeyError:
            raise UnknownMatch(f"there is no match {id_!r}") from None

    def _ids(self, matches: set[int]) -> list[str]:
        return [self.graph.ids[match] for match in sorted(matches)]

    def _state(self, match: int) -> State:
        if self._byes[match]:
            return "bye"
        if self._outcomes[match] is not None:
            return "decided"
        a, b = self._seeds[2 * match], self._seeds[2 * match + 1]
        return "waiting" if UNKNOWN in (a, b) else "ready"

    def _winner_and_loser(self, match: int) -> tuple[int, int]:
        """Seeds, or EMPTY where nobody goes on."""
        a, b = self._seeds[2 * match], self._seeds[2 * match + 1]
        if self._byes[match]:
            return max(a, b), EMPTY
        outcome = self._outcomes[match]
        if outcome is None:
            return UNKNOWN, UNKNOWN
        if outcome.winner is None:
            return EMPTY, EMPTY
        return (a, b) if outcome.winner == 0 else (b, a)

    def _move_on(self, match: int, changed: set[int]) -> None:
        winner, loser = self._winner_and_loser(match)
        self._fill(self.graph.winner_to[match], winner, changed)
        self._fill(self.graph.loser_to[match], loser, changed)

    def _fill(self, slot: int, seed: int, changed: set[int]) -> None:
        if slot != NOWHERE:
            self._seeds[slot] = seed
            changed.add(slot // 2)
            self._settle(slot // 2, changed)

    def _settle(self, match: int, changed: set[int]) -> None:
        """Let a match that nobody needs to play pass its entrant on."""
        a, b = self._seeds[2 * match], self._seeds[2 * match + 1]
        if EMPTY in (a, b) and UNKNOWN not in (a, b) and not self._byes[match]:
            self._byes[match] = True
            self._open -= 1
            self._move_on(match, changed)

    def _collect(self, match: int, found: set[int]) -> None:
        for slot in (self.graph.winner_to[match], self.graph.loser_to[match]):
            later = slot // 2
            if slot == NOWHERE or later in found:
                continue
            if self._outcomes[later] is not None:
                found.add(later)
            if self._outcomes[later] is not None or self._byes[later]:
                self._collect(later, found)

    def _undo_one(self, match: int, changed: set[int]) -> None:
        self._outcomes[match] = None
        self._open += 1
        changed.add(match)
        self._call_back(match, changed)

    def _call_back(self, match: int, changed: set[int]) -> None:
        for slot in (self.graph.winner_to[match], self.graph.loser_to[match]):
            if slot == NOWHERE:
                continue
            later = slot // 2
            self._seeds[slot] = UNKNOWN
            changed.add(later)
            if self._byes[later]:
                self._byes[later] = False
                self._open += 1
                self._call_back(later, changed)

    def _number(self) -> list[int]:
        numbers, last = [], 0
        for bye in self._byes:
            last += not bye
            numbers.append(0 if bye else last)
        return numbers

    def _view(self, match: int) -> Match:
        graph = self.graph
        winner, loser = self._winner_and_loser(match)
        return Match(
            id=graph.ids[match],
            bracket=graph.brackets[match],
            round=graph.rounds[match],
            position=graph.positions[match],
            number=self._numbers[match],
            best_of=graph.best_of[match],
            slots=(self._slot(2 * match), self._slot(2 * match + 1)),
            state=self._state(match),
            outcome=self._outcomes[match],
            winner=winner if winner > 0 else None,
            loser=loser if loser > 0 else None,
            winner_to=graph.target(graph.winner_to[match]),
            loser_to=graph.target(graph.loser_to[match]),
        )

    def _slot(self, slot: int) -> Slot:
        seed = self._seeds[slot]
        return Slot(seed if seed > 0 else None, self.graph.source(slot), seed == EMPTY)


def _check(outcome: Outcome) -> None:
    if (outcome.winner is None) != (outcome.kind == "double_forfeit"):
        raise BadOutcome("exactly a double forfeit has no winner")
    if outcome.kind == "played" and outcome.score is not None and outcome.winner is not None:
        won, lost = outcome.score[outcome.winner], outcome.score[1 - outcome.winner]
        if min(outcome.score) < 0 or won <= lost:
            raise BadOutcome(f"the winner cannot have {won} against {lost}")
