"""A tournament's page in pieces: what a push compares, so that it sends only what changed.

A piece is an element with an id of its own that is not a card (cards are pushed by
their match). What it shows is compared with what it showed when it was last pushed.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import Markup

from app.kernel.text.templating import environment, render_fragment
from tournaments.pages.bracket import SectionView
from tournaments.pages.cards import MatchCard
from tournaments.pages.tables import TableView

Context = dict[str, Any]
PAGE = "tournaments/show.html"
OOB = Markup(' hx-swap-oob="outerMorph"')


class Piece(NamedTuple):
    """`shows` is what it says, in no language; `render` writes it in one, to be morphed in.

    `cards` are the matches in it by id, where it is a round.
    """

    shows: Any
    render: Callable[[str], str]
    cards: Mapping[int, MatchCard] = MappingProxyType({})


Outline = dict[str, Piece]


def outline(shown: Context) -> Outline:
    """The pieces of a page, by id, in the order of the page."""
    found = _head(shown)
    for stage in shown["stages"]:
        found[f"challenge-{stage['number']}"] = Piece(
            stage["challenges"], partial(_macro, "bracket", "challenge", stage, shown["t"])
        )
        for table in stage["tables"]:
            found |= _rows(table, shown["t"]["slug"])
        for section in stage["bracket"].sections if stage["bracket"] else ():
            found |= _rounds(section)
    return found


def _head(shown: Context) -> Outline:
    row = shown["t"]
    said = [row["name"], row["state"], row["size_limit"], shown["taken"]]
    return {
        "t-status": Piece(
            [*said, shown["played"], shown["total"]], partial(block, "status", shown)
        ),
        "t-entry": Piece(row["state"], partial(block, "entry", shown)),
        "t-late": Piece(shown["late"], partial(block, "late", shown)),
        "t-podium": Piece(shown["podium"], partial(block, "podium", shown)),
        "t-sources": Piece(shown["sources"], partial(block, "sources", shown)),
    }


def _rows(table: TableView, slug: str) -> Outline:
    """By place: a row that moves is two rows that say something else."""
    return {
        f"{table.id}-{place}": Piece(row, partial(_row, table, place, slug))
        for place, row in enumerate(table.rows, start=1)
    }


def _rounds(section: SectionView) -> Outline:
    found: Outline = {}
    for round_ in section.rounds:
        matches = {card.id: card for card in round_.matches}
        chip, turn, whole = (
            partial(_macro, "bracket", name, section, round_) for name in ("chip", "turn", "round")
        )
        found[f"{section.id}-r{round_.number}"] = Piece([*matches, round_.best_of], whole, matches)
        if not section.lone:
            found[f"{section.id}-c{round_.number}"] = Piece(round_.state, chip)
            # After its round, in which it stands too: of both it is the newer.
            found[f"{section.id}-t{round_.number}"] = Piece(len(section.chips), turn)
    for number in section.to_come:
        for kind in ("chip", "round"):
            empty = partial(_macro, "bracket", f"{kind}_to_come", section, number)
            found[f"{section.id}-{kind[0]}{number}"] = Piece(None, empty)
    return found


def _row(table: TableView, place: int, slug: str, locale: str) -> str:
    # A row that stands alone is no markup a browser reads.
    return f"<table><tbody>{_macro('table', 'row', table, place, slug, locale)}</tbody></table>"


def _macro(file: str, name: str, *args: Any) -> str:
    *given, locale = args
    macros: Any = environment(locale).get_template(f"macros/{file}.html").module
    return str(getattr(macros, name)(*given, oob=OOB))


def block(name: str, shown: Context, locale: str) -> str:
    """A block of the page itself, to be morphed in."""
    return render_fragment(locale, PAGE, name, **shown, oob=OOB)
