"""Rows shaped for templates: match cards, brackets, lists. No queries here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from app.kernel.db import Row
from app.kernel.errors import N_, Message
from tournaments.queries import EntrantLine, MatchRow

# Above this a whole tree is unreadable: one round is shown at a time.
WHOLE_TREE = 128
MATCHES_A_PAGE = 64


class SideView(msgspec.Struct, frozen=True):
    """One side of a match card. `placeholder` stands where no name is known yet."""

    entrant: int | None
    clan: int | None
    slug: str | None
    name: str | None
    tag: str | None
    seed: int | None
    score: str
    won: bool
    lost: bool
    placeholder: Message | None


class MatchCard(msgspec.Struct, frozen=True):
    """`state`: waiting, ready, live, reported, disputed, final, walkover or bye."""

    id: int
    number: int
    key: str
    best_of: int
    state: str
    is_final: bool
    sides: tuple[SideView, SideView]
    source: str | None
    decided_at: datetime | None
    tournament: str = ""
    timezone: str = "UTC"


class RoundView(msgspec.Struct, frozen=True):
    """`state` is done, live or later; `current` is the one a phone shows."""

    number: int
    title: Message
    best_of: int
    state: str
    current: bool
    matches: list[MatchCard]


class SectionView(msgspec.Struct, frozen=True):
    id: str
    title: Message
    chips: list[RoundView]
    rounds: list[RoundView]


class BracketView(msgspec.Struct, frozen=True):
    """`many`: too large for a tree, so rounds are shown one by one, in parts.

    `part` of `parts` (from 1) is the piece of the round that is shown.
    """

    sections: list[SectionView]
    many: bool
    part: int
    parts: int


def card(
    row: Row,
    entrants: Mapping[int, EntrantLine],
    *,
    tournament: str = "",
    timezone: str = "UTC",
) -> MatchCard:
    """The card of one match row."""
    return MatchCard(
        id=row["id"],
        number=row["number"],
        key=row["key"],
        best_of=row["best_of"],
        state=state_of(row),
        is_final=row["winner_to"] is None and row["bracket"] != "third_place",
        sides=(_side(row, 0, entrants), _side(row, 1, entrants)),
        source=row["source"],
        decided_at=row["decided_at"],
        tournament=tournament,
        timezone=timezone,
    )


def state_of(row: Row) -> str:
    """The word the page shows for the match."""
    if row["state"] == "ready":
        return str(row["flag"] or "ready")
    if row["state"] == "decided":
        return "final" if row["outcome"] == "played" else "walkover"
    return str(row["state"])


def _side(row: Row, side: int, entrants: Mapping[int, EntrantLine]) -> SideView:
    entrant = entrants.get(row["entrant_a" if side == 0 else "entrant_b"] or 0)
    decided = row["state"] == "decided"
    return SideView(
        entrant=entrant.id if entrant else None,
        clan=entrant.clan if entrant else None,
        slug=entrant.slug if entrant else None,
        name=entrant.name if entrant else None,
        tag=entrant.tag if entrant else None,
        seed=entrant.seed if entrant else None,
        score=_score(row, side),
        won=decided and row["winner"] == side,
        lost=decided and row["winner"] != side,
        placeholder=None if entrant else _placeholder(row, side),
    )


def _score(row: Row, side: int) -> str:
    if row["state"] == "decided" and row["outcome"] != "played":
        return "W" if row["winner"] == side else "–"
    score = row["score_a" if side == 0 else "score_b"]
    return "" if score is None else str(score)


def _placeholder(row: Row, side: int) -> Message:
    kind, _, number = str(row["source_a" if side == 0 else "source_b"]).partition(" ")
    if kind == "bye" or row["state"] == "bye":
        return Message(N_("Bye"))
    if kind == "winner" and number != "0":
        return Message(N_("Winner of M{number}"), number=number)
    if kind == "loser" and number != "0":
        return Message(N_("Loser of M{number}"), number=number)
    return Message(N_("To be decided"))


def lines(rows: Iterable[MatchRow], entrants: Mapping[int, EntrantLine]) -> list[MatchCard]:
    """Cards of matches from several tournaments."""
    return [
        card(each.row, entrants, tournament=each.tournament, timezone=each.timezone)
        for each in rows
    ]


def bracket(
    rows: Sequence[Row],
    entrants: Mapping[int, EntrantLine],
    *,
    chosen: int | None = None,
    part: int = 1,
) -> BracketView:
    """The whole bracket, or, when it is too large for a tree, a part of the chosen round."""
    many = len(rows) > WHOLE_TREE
    upper_rows = [row for row in rows if row["bracket"] == "upper"]
    upper = _section("upper", Message(N_("Bracket")), upper_rows, entrants, chosen, many=many)
    parts = 1
    if many:
        [shown] = upper.rounds
        parts = -(-len(shown.matches) // MATCHES_A_PAGE)
        part = min(max(part, 1), parts)
        piece = shown.matches[(part - 1) * MATCHES_A_PAGE : part * MATCHES_A_PAGE]
        upper = msgspec.structs.replace(
            upper, rounds=[msgspec.structs.replace(shown, matches=piece)]
        )
    sections = [upper]
    if third := [row for row in rows if row["bracket"] == "third_place"]:
        sections.append(
            _section("third", Message(N_("Match for third place")), third, entrants, 1, many=False)
        )
    return BracketView(sections=sections, many=many, part=part, parts=parts)


def _section(
    id_: str,
    title: Message,
    rows: Sequence[Row],
    entrants: Mapping[int, EntrantLine],
    chosen: int | None,
    *,
    many: bool,
) -> SectionView:
    by_round: dict[int, list[Row]] = {}
    for row in rows:
        by_round.setdefault(row["round"], []).append(row)
    numbers = sorted(by_round)
    current = chosen if chosen in by_round else _current(by_round)
    rounds = [
        RoundView(
            number=number,
            title=round_title(number, numbers[-1]) if id_ == "upper" else title,
            best_of=by_round[number][0]["best_of"],
            state=_round_state(by_round[number]),
            current=number == current,
            matches=[card(row, entrants) for row in by_round[number]]
            if not many or number == current
            else [],
        )
        for number in numbers
    ]
    return SectionView(
        id=id_,
        title=title,
        chips=rounds,
        rounds=[each for each in rounds if each.current] if many else rounds,
    )


def _current(by_round: Mapping[int, Sequence[Row]]) -> int:
    """The first round with something left to play, else the last."""
    for number in sorted(by_round):
        if any(row["state"] in ("ready", "waiting") for row in by_round[number]):
            return number
    return max(by_round)


def _round_state(rows: Sequence[Row]) -> str:
    if all(row["state"] in ("decided", "bye") for row in rows):
        return "done"
    return "live" if any(row["state"] == "ready" for row in rows) else "later"


def round_title(number: int, last: int) -> Message:
    """Final, semi-finals and quarter-finals by name, earlier rounds by number."""
    names = (N_("Final"), N_("Semi-finals"), N_("Quarter-finals"))
    if last - number < len(names):
        return Message(names[last - number])
    return Message(N_("Round {number}"), number=number)
