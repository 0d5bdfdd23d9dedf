"""Pushes: when something changed, each block that shows it is sent once a language.

The blocks are those of the pages themselves, with an attribute that tells
htmx to morph them into place. What is rendered is what the database says now,
so a late or repeated push can only ever bring the truth.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from markupsafe import Markup

from app.kernel.errors import NotFound
from app.kernel.text import i18n
from app.kernel.text.templating import environment, render_fragment
from tournaments import match_queries, queries
from tournaments.pages import cards, lists
from tournaments.pages import match as match_page
from tournaments.pages import tournament as tournament_page
from tournaments.pages.tables import TableView

Payload = dict[str, Any]
Send = Callable[[str, dict[str, str]], Awaitable[None]]

TOURNAMENT_BLOCKS = ("status", "facts", "entry", "body")
OOB = Markup(' hx-swap-oob="outerMorph"')


class Pushes:
    """The outbox handlers of live pages; `send` takes a topic and markup by language."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def matches(self, payloads: list[Payload]) -> None:
        """Some matches changed: their cards, their own pages, and the home page."""
        changed: dict[int, set[int]] = {}
        for payload in payloads:
            changed.setdefault(payload["tournament"], set()).update(payload["matches"])
        for tournament, matches in changed.items():
            await self._tournament_cards(tournament, matches)
            for match in sorted(matches):
                await self._match(match)
        await self._home()

    async def tournament(self, payloads: list[Payload]) -> None:
        """A tournament's list or state changed: its whole page, and the home page."""
        for tournament in sorted({payload["tournament"] for payload in payloads}):
            await self._tournament_body(tournament)
        await self._home()

    async def _tournament_cards(self, tournament: int, changed: set[int]) -> None:
        try:
            row = await queries.tournament_by_id(tournament)
        except NotFound:
            return
        if row["state"] != "running":
            await self._tournament_body(tournament)
        context = await tournament_page.status(row)
        rows = await match_queries.matches_by_id(changed)
        entrants = await queries.entrants_by_id(
            each[side] for each in rows for side in ("entrant_a", "entrant_b")
        )
        shown = [cards.card(each, entrants) for each in rows if each["state"] != "absent"]
        tables = await tournament_page.tables_with(row, {each["stage"] for each in rows})
        await self._send(
            f"tournament:{tournament}",
            {
                locale: _cards(locale, shown)
                + _tables(locale, tables, row["slug"])
                + _block(locale, "tournaments/show.html", "status", context)
                for locale in i18n.LOCALES
            },
        )

    async def _tournament_body(self, tournament: int) -> None:
        try:
            row = await queries.tournament_by_id(tournament)
        except NotFound:
            return
        if row["state"] != "draft":
            context = await tournament_page.tournament(row) | {"mine": None}
            await self._send(
                f"tournament:{tournament}",
                {
                    locale: "".join(
                        _block(locale, "tournaments/show.html", each, context)
                        for each in TOURNAMENT_BLOCKS
                    )
                    for locale in i18n.LOCALES
                },
            )

    async def _match(self, match: int) -> None:
        try:
            row, tournament = await match_queries.match_by_id(match)
        except NotFound:
            return
        context = await match_page.match(row, tournament)
        page = "matches/show.html"
        await self._send(
            f"match:{match}",
            {
                locale: _block(locale, page, "head", context)
                + _block(locale, page, "body", context)
                for locale in i18n.LOCALES
            },
        )

    async def _home(self) -> None:
        context = await lists.home()
        await self._send_block("home", "home.html", "body", context)

    async def _send_block(self, topic: str, template: str, block: str, context: Payload) -> None:
        await self._send(
            topic, {locale: _block(locale, template, block, context) for locale in i18n.LOCALES}
        )


def _block(locale: str, template: str, block: str, context: Payload) -> str:
    return render_fragment(locale, template, block, **context, oob=OOB)


def _tables(locale: str, tables: list[TableView], slug: str) -> str:
    macros = environment(locale).get_template("macros/table.html").module
    needs = f"/tournaments/{slug}/needs"
    return "".join(str(macros.table(each, OOB, needs)) for each in tables)  # type: ignore[attr-defined]


def _cards(locale: str, cards: list[cards.MatchCard]) -> str:
    macros = environment(locale).get_template("macros/match.html").module
    return "".join(str(macros.card(card, OOB)) for card in cards)  # type: ignore[attr-defined]
