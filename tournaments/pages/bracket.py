"""The rounds of a stage shaped for templates: a tree, a list of rounds, or a part of it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments.pages.cards import MatchCard, card
from tournaments.queries import EntrantLine

# Above this a whole tree is unreadable: one round is shown at a time.
WHOLE_TREE = 128
MATCHES_A_PAGE = 64
ORDER = ("upper", "lower", "final", "third_place")


class Chosen(NamedTuple):
    """The round somebody asked for: of which section, and which part of it."""

    section: str = ""
    round: int = 0
    part: int = 1

    @property
    def query(self) -> str:
        """As a bracket's links ask for it; nothing for what is shown unasked."""
        if not self.section:
            return ""
        part = f"&part={self.part}" if self.part > 1 else ""
        return f"?at={self.section}&round={self.round}{part}"


class RoundView(msgspec.Struct, frozen=True):
    """`state` is done, live or later; `current` is the one a phone shows.

    `count` matches are in it, `matches` are those that are shown.
    """

    number: int
    title: Message
    best_of: int
    state: str
    current: bool
    count: int
    matches: list[MatchCard]


class SectionView(msgspec.Struct, frozen=True):
    """`shape` is tree (winners of neighbours meet) or list. `part` of `parts`
    (from 1) is the piece of the round that is shown of a very large one.
    `to_come` are the numbers of rounds that may still be drawn."""

    id: str
    title: Message
    shape: str
    chips: list[RoundView]
    rounds: list[RoundView]
    part: int = 1
    parts: int = 1
    to_come: tuple[int, ...] = ()

    @property
    def lone(self) -> bool:
        """One round and never another: nothing to choose between."""
        return len(self.chips) == 1 and not self.to_come

    @property
    def columns(self) -> int:
        """How many rounds stand beside each other in the end."""
        return len(self.rounds) + len(self.to_come)


class BracketView(msgspec.Struct, frozen=True):
    """`many`: too large for a tree, so rounds are shown one by one, in parts."""

    sections: list[SectionView]
    many: bool


def bracket(
    rows: Sequence[Row],
    entrants: Mapping[int, EntrantLine],
    *,
    stage: int = 1,
    chosen: Chosen | None = None,
    most_rounds: int = 0,
) -> BracketView:
    """All sections of a stage, or, when it is too large, a part of one round of each.

    `most_rounds`: how many can be drawn, where they are drawn one by one.
    """
    many = len(rows) > WHOLE_TREE
    by_section: dict[str, list[Row]] = {}
    for row in rows:
        by_section.setdefault(row["bracket"], []).append(row)
    names = sorted(by_section, key=lambda name: (ORDER.index(name) if name in ORDER else 0, name))
    maker = _Maker(entrants, set(names), stage, chosen or Chosen(), most_rounds, many=many)
    return BracketView([maker.section(name, by_section[name]) for name in names], many)


def that_is_there(views: Sequence[BracketView], asked: Chosen) -> Chosen:
    """What was asked for where it exists, else what is shown unasked: addresses that
    somebody invents are no pages of their own."""
    for view in views:
        for section in view.sections:
            chip = next((each for each in section.chips if each.number == asked.round), None)
            if asked.section in (section.id, "") and chip:
                parts = -(-chip.count // MATCHES_A_PAGE) if view.many else 1
                return Chosen(section.id, chip.number, min(max(asked.part, 1), parts))
    return Chosen()


class _Maker:
    def __init__(
        self,
        entrants: Mapping[int, EntrantLine],
        names: set[str],
        stage: int,
        chosen: Chosen,
        most_rounds: int,
        *,
        many: bool,
    ) -> None:
        self.entrants = entrants
        self.names = names
        self.stage = stage
        self.chosen = chosen
        self.most_rounds = most_rounds
        self.many = many

    def section(self, name: str, rows: list[Row]) -> SectionView:
        id_ = f"s{self.stage}-{name.replace(':', '-')}"
        by_round: dict[int, list[Row]] = {}
        for row in rows:
            by_round.setdefault(row["round"], []).append(row)
        chosen = self.chosen if self.chosen.section in (id_, "") else Chosen()
        current = chosen.round if chosen.round in by_round else _current(by_round)
        rounds = [self._round(name, number, by_round, current) for number in sorted(by_round)]
        section = SectionView(
            id=id_,
            title=_title(name, self.names),
            shape="tree" if name == "upper" and _is_tree(rounds) else "list",
            chips=rounds,
            rounds=[each for each in rounds if each.current] if self.many else rounds,
            to_come=() if self.many else tuple(range(max(by_round) + 1, self.most_rounds + 1)),
        )
        return _piece(section, chosen.part) if self.many else section

    def _round(
        self, name: str, number: int, by_round: Mapping[int, Sequence[Row]], current: int
    ) -> RoundView:
        rows = by_round[number]
        shown = not self.many or number == current
        return RoundView(
            number=number,
            title=round_title(name, number, max(by_round), len(rows), double="lower" in self.names),
            best_of=rows[0]["best_of"],
            state=_round_state(rows),
            current=number == current,
            count=len(rows),
            matches=[card(row, self.entrants) for row in rows] if shown else [],
        )


def _piece(section: SectionView, part: int) -> SectionView:
    [shown] = section.rounds
    parts = -(-len(shown.matches) // MATCHES_A_PAGE)
    part = min(max(part, 1), parts)
    piece = shown.matches[(part - 1) * MATCHES_A_PAGE : part * MATCHES_A_PAGE]
    rounds = [msgspec.structs.replace(shown, matches=piece)]
    return msgspec.structs.replace(section, rounds=rounds, part=part, parts=parts)


def _is_tree(rounds: list[RoundView]) -> bool:
    """Whether each round has half the matches of the one before (a gauntlet has not)."""
    return len(rounds) == 1 or len(rounds[0].matches) != 1


def _title(name: str, names: set[str]) -> Message:
    if name == "upper":
        return Message(N_("Upper bracket")) if "lower" in names else Message(N_("Bracket"))
    if name.startswith("group:"):
        return Message(N_("Group {letter}: matches"), letter=letter(int(name[6:])))
    return Message(TITLES[name])


TITLES = {
    "lower": N_("Lower bracket"),
    "final": N_("Grand final"),
    "third_place": N_("Match for third place"),
    "swiss": N_("Rounds"),
    "ladder": N_("Rounds"),
}


def letter(group: int) -> str:
    """A to Z, then AA: what groups are called."""
    first, last = divmod(group - 1, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _current(by_round: Mapping[int, Sequence[Row]]) -> int:
    """The first round with something left to play, else the last."""
    for number in sorted(by_round):
        if any(row["state"] in ("ready", "waiting") for row in by_round[number]):
            return number
    return max(by_round)


def _round_state(rows: Sequence[Row]) -> str:
    if all(row["state"] in ("decided", "bye") for row in rows):
        return "done"
    open_ = any(row["state"] == "ready" and not row.get("off") for row in rows)
    return "live" if open_ else "later"


def round_title(
    bracket: str, number: int, last: int, matches: int, *, double: bool = False
) -> Message:
    """The last rounds of a tree by name, others by number."""
    if bracket == "third_place":
        return Message(N_("Match for third place"))
    if bracket == "final":
        return Message(N_("Grand final") if number == 1 else N_("Grand-final reset"))
    if bracket == "lower" and number == last:
        return Message(N_("Lower final"))
    left = last - number
    if bracket == "upper" and matches == 2**left:
        if double and left == 0:
            return Message(N_("Upper final"))
        names = (N_("Final"), N_("Semi-finals"), N_("Quarter-finals"))
        if not double and left < len(names):
            return Message(names[left])
    return Message(N_("Round {number}"), number=number)
