"""Rows shaped for templates: match cards and lists of them. No queries here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from jinja2 import Environment, pass_environment
from markupsafe import Markup

from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from app.kernel.text import templating
from tournaments.queries import EntrantLine, MatchRow


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
    """`state`: waiting, ready, live, reported, disputed, final, walkover, bye or off (its
    tournament is cancelled); of a decided match also provisional (one voice) or contested
    (somebody says otherwise).
    """

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
    live: tuple[int, int] | None = None


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
        is_final=row["winner_to"] is None and row["bracket"] in ("upper", "final"),
        sides=(_side(row, 0, entrants), _side(row, 1, entrants)),
        source=row["source"],
        decided_at=row["decided_at"],
        tournament=tournament,
        timezone=timezone,
        live=row.get("live"),
    )


def seen_in(tournament: Row, rows: list[Row]) -> list[Row]:
    """The rows, with what their tournament's state makes of them."""
    return [row | {"off": True} for row in rows] if tournament["state"] == "cancelled" else rows


def state_of(row: Row) -> str:
    """The word the page shows for the match."""
    if row.get("off") and row["state"] in ("ready", "waiting"):
        return "off"
    if row["state"] == "ready":
        return str(row["flag"] or "ready")
    if row["state"] == "decided" and row["flag"]:
        return "contested" if row["flag"] == "disputed" else "provisional"
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
        lost=decided and row["winner"] not in (side, None),
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


# A bracket of 64 in three languages is 189; the longest unused goes.
MOST_KEPT = 8_000


@lru_cache(maxsize=MOST_KEPT)
def markup(locale: str, shown: MatchCard, oob: str = "") -> Markup:
    """A card as a bracket shows it: made once for each thing it can say."""
    macros: Any = templating.environment(locale).get_template("macros/match.html").module
    return Markup(macros.card(shown, oob))  # noqa: S704  Jinja has just escaped it


@pass_environment
def _kept_card(environment: Environment, shown: MatchCard) -> Markup:
    return markup(str(environment.globals["locale"]), shown)


templating.offer(kept_card=_kept_card)
