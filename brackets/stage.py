"""A stage in play: outcomes go in; matches, rounds and places come out."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy

from brackets.errors import (
    AlreadyDecided,
    BadOutcome,
    BadSpec,
    HasSuccessors,
    NotReady,
    UnknownMatch,
)
from brackets.formats import Format
from brackets.graph import EMPTY, NOWHERE, Graph
from brackets.model import Match, Outcome, Placements, Slot, Spec
from brackets.outcomes import check_outcome, counts, meeting
from brackets.progress import Pending, Progress
from brackets.round import Round
from brackets.standings import Standing, placements, standings
from brackets.table import Meeting

Pairings = Mapping[int, Sequence[tuple[int, int]]]


class Stage:
    """The state of one stage: what `spec`, outcomes, removals and pairings make of it.

    `removed` maps the seeds that have left, in the order of leaving, to the last
    round each was paired in (which matters where rounds are paired one by one).
    `pairings` are rounds that somebody has paired by hand instead of the engine.
    """

    def __init__(
        self,
        spec: Spec,
        format_: Format,
        *,
        removed: Mapping[int, int] | None = None,
        pairings: Pairings | None = None,
        pending: dict[str, Pending] | None = None,
    ) -> None:
        self.spec = spec
        self.format = format_
        self.graph: Graph = format_.plan(spec)
        self.removed = dict(removed or {})
        self.pairings = dict(pairings or {})
        self.rounds: list[Round] = []
        self._numbers: list[int] = []
        self._progress = Progress(self.graph)
        # Numbers are those of the draw, whatever happened since.
        self._number()
        self._left = {seed: order for order, seed in enumerate(self.removed)}
        self._progress.begin(self._left, pending or {})
        self._grow()
        # What found no match has fallen: it must not come back when one appears later.
        self._progress.pending = {}
        self._progress.changed.clear()

    def copy(self) -> "Stage":
        """Another one alike, which goes its own way. Takes time in proportion to its
        size, a small part of folding it anew."""
        other = copy(self)
        other.removed, other.pairings = dict(self.removed), dict(self.pairings)
        other.rounds, other._numbers = list(self.rounds), list(self._numbers)
        other._left = dict(self._left)
        # Only formats that pair round by round ever change their graph.
        other.graph = self.graph.copy() if self.format.pair else self.graph
        other._progress = self._progress.copy(other.graph, other._left)
        return other

    # -- reading -----------------------------------------------------------

    @property
    def matches(self) -> Iterator[Match]:
        """Every match there is, in play order, those decided by the draw included."""
        absent = self._progress.absent
        return (self._view(match) for match in range(len(self.graph)) if not absent[match])

    @property
    def ready(self) -> list[Match]:
        """What can be played now."""
        return [self._view(match) for match in sorted(self._progress.ready)]

    @property
    def ready_ids(self) -> list[str]:
        """The ids of what can be played now: `ready` without the views."""
        return [self.graph.ids[match] for match in sorted(self._progress.ready)]

    @property
    def complete(self) -> bool:
        return self._progress.open == 0

    @property
    def entrants(self) -> range:
        return range(1, self.spec.entrants + 1)

    @property
    def active(self) -> list[int]:
        """The entrants that have not left."""
        return [seed for seed in self.entrants if seed not in self.removed]

    @property
    def meetings(self) -> list[Meeting]:
        """What a table counts: every decided match, byes included."""
        return [meeting(view) for view in self.matches if counts(view)]

    @property
    def standings(self) -> list[Standing]:
        """Everybody as it stands now, best first, with the reasons."""
        return standings(self)

    @property
    def placements(self) -> Placements:
        """Final places as far as they are known; nobody who left has one."""
        return placements(self)

    @property
    def champion(self) -> int | None:
        """Who has won all of it; nobody where several win: of groups, or without a final."""
        if not self.complete or len(self.graph.groups) > 1 or self._has_no_end:
            return None
        return next((seeds[0] for place, seeds in self.placements if place == 1), None)

    @property
    def _has_no_end(self) -> bool:
        options = self.spec.options
        return self.spec.format == "double_elimination" and options.grand_final == "none"

    def match(self, id_: str) -> Match:
        return self._view(self._index(id_))

    def find(self, id_: str) -> Match | None:
        """The match, or None when it does not exist (any more)."""
        match = self.graph.index.get(id_)
        return None if match is None or self._progress.absent[match] else self._view(match)

    # -- changing ----------------------------------------------------------

    def apply(self, id_: str, outcome: Outcome) -> list[str]:
        """Enter an outcome; the ids of the matches that look different now.

        The same outcome again changes nothing. Raises `NotReady`,
        `AlreadyDecided` or `BadOutcome`.
        """
        match = self._index(id_)
        check_outcome(outcome, draws=self.format.draws)
        progress = self._progress
        if progress.outcomes[match] == outcome and not progress.given[match]:
            return []
        if progress.outcomes[match] is not None:
            raise AlreadyDecided(f"{id_} has another outcome")
        if match not in progress.ready:
            raise NotReady(f"{id_} cannot be played yet")
        progress.record(match, outcome)
        self._grow()
        return self._changed()

    def amend(self, id_: str, outcome: Outcome) -> list[str]:
        """Replace an outcome by one with the same winner; nobody moves."""
        match = self._index(id_)
        check_outcome(outcome, draws=self.format.draws)
        standing = self._progress.outcomes[match]
        if standing is None or standing.winner != outcome.winner or self._progress.given[match]:
            raise BadOutcome(f"{id_} was not won by slot {outcome.winner}")
        if standing.drawn != outcome.drawn:
            raise BadOutcome(f"{id_} was {'drawn' if standing.drawn else 'lost by both'}")
        self._progress.outcomes[match] = outcome
        return [id_]

    def affected(self, id_: str) -> list[str]:
        """Later matches whose outcome rests on this one, latest first."""
        match = self._index(id_)
        found = self._progress.resting_on(match)
        if self.format.pair:
            later = self._end_of_round(self.graph.rounds[match])
            found |= {
                each
                for each in range(later, len(self.graph))
                if self._progress.outcomes[each] is not None and not self._progress.given[each]
            }
        return [self.graph.ids[each] for each in sorted(found, reverse=True)]

    def undo(self, id_: str, *, cascade: bool = False) -> list[str]:
        """Take an outcome back; with `cascade` also those that rest on it.

        Returns the ids that look different now; some of them may not exist any
        more. Raises `NotReady` when there is no outcome (or it follows from a
        removal), `HasSuccessors` when others rest on it.
        """
        match = self._index(id_)
        if self._progress.outcomes[match] is None or self._progress.given[match]:
            raise NotReady(f"{id_} has no outcome to undo")
        later = self.affected(id_)
        if later and not cascade:
            raise HasSuccessors(later)
        gone = self._cut_after(self.graph.rounds[match]) if self.format.pair else []
        for each in (*later, id_):
            if each in self.graph.index:
                self._progress.reopen(self.graph.index[each])
        self._progress.settle([match])
        self._grow()
        return [*self._changed(), *(each for each in gone if each not in self.graph.index)]

    def remove(self, seed: int) -> list[str]:
        """Take an entrant out: its open matches are forfeited, later ones too.

        What it has played stands (in a round robin the option `removed` may void
        it); it takes no place. The ids of the matches that look different now.
        """
        if seed not in self.entrants:
            raise BadSpec(f"there is no seed {seed}")
        if seed in self.removed:
            return []
        self.removed[seed] = len(self.rounds)
        self._left[seed] = len(self._left)
        self._progress.settle(
            match
            for match in sorted(self._progress.ready)
            if seed in self._progress.seeds[2 * match : 2 * match + 2]
        )
        self._grow()
        return self._changed()

    # -- inside ------------------------------------------------------------

    def _index(self, id_: str) -> int:
        match = self.graph.index.get(id_)
        if match is None or self._progress.absent[match]:
            raise UnknownMatch(f"there is no match {id_!r}")
        return match

    def _changed(self) -> list[str]:
        changed = [self.graph.ids[match] for match in sorted(self._progress.changed)]
        self._progress.changed.clear()
        return changed

    def _grow(self) -> None:
        """Pair the next round as soon as the last one is over."""
        pair = self.format.pair
        while pair and self._progress.open == 0:
            number = len(self.rounds) + 1
            by_hand = self.pairings.get(number)
            made = pair(self, by_hand)
            if made is None:
                break
            self.rounds.append(made)
            self._add(made, number)

    def _add(self, made: Round, number: int) -> None:
        pairs = [*made.pairs, *([(made.bye, EMPTY)] if made.bye else [])]
        for position, (a, b) in enumerate(pairs, start=1):
            length = made.best_of[position - 1] if b != EMPTY else 1
            match = self.graph.add(
                f"S{number}.{position}", self.format.bracket, number, position, length
            )
            self.graph.put(match, a, b)
        self._progress.extend()
        self._number()

    def _end_of_round(self, number: int) -> int:
        return next(
            (each for each, round_ in enumerate(self.graph.rounds) if round_ > number),
            len(self.graph),
        )

    def _cut_after(self, number: int) -> list[str]:
        length = self._end_of_round(number)
        self._progress.cut(length)
        del self.rounds[number:], self._numbers[length:]
        return self.graph.cut(length)

    def _number(self) -> None:
        last = max(self._numbers, default=0)
        for match in range(len(self._numbers), len(self.graph)):
            # A bye also where the one who goes through it is yet to come.
            bye = EMPTY in self._progress.seeds[2 * match : 2 * match + 2]
            last += not bye
            self._numbers.append(0 if bye else last)

    def _view(self, match: int) -> Match:
        graph, progress = self.graph, self._progress
        winner, loser = progress.winner_and_loser(match)
        return Match(
            id=graph.ids[match],
            bracket=graph.brackets[match],
            round=graph.rounds[match],
            position=graph.positions[match],
            number=self._numbers[match],
            best_of=graph.best_of[match],
            slots=(self._slot(2 * match), self._slot(2 * match + 1)),
            state=progress.state(match),
            outcome=progress.outcomes[match],
            winner=winner if winner > 0 else None,
            loser=loser if loser > 0 else None,
            winner_to=self._target(graph.winner_to[match]),
            loser_to=self._target(graph.loser_to[match]),
            head_start=graph.head_start.get(match, (0, 0)),
            given=progress.given[match],
        )

    def _target(self, slot: int) -> tuple[str, int] | None:
        if slot == NOWHERE or self._progress.absent[slot // 2]:
            return None
        return self.graph.ids[slot // 2], slot % 2

    def _slot(self, slot: int) -> Slot:
        seed = self._progress.seeds[slot]
        return Slot(seed if seed > 0 else None, self.graph.source(slot), seed == EMPTY)
