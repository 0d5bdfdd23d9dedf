"""Pushes: when something changed, what shows it is rendered for who is there, and sent.

What is sent are pieces of the pages themselves, with an attribute that tells htmx
to morph them into place. What is rendered is what the database says now, so a
late or repeated push can only ever bring the truth.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from app.kernel.db.database import Row, one_snapshot
from app.kernel.errors import NotFound
from app.kernel.live.feed import LiveMessage
from app.kernel.live.publisher import Publisher
from app.kernel.text.templating import render_fragment
from tournaments import match_queries, queries
from tournaments.pages import cards, lists
from tournaments.pages import match as match_page
from tournaments.pages import tournament as tournament_page
from tournaments.pages.outline import OOB, Outline, Piece, block, outline

Payload = dict[str, Any]
Languages = tuple[str, ...]

TOURNAMENT_BLOCKS = ("status", "facts", "entry", "body")
HOME = "home"
MOST_SHOWN = 100


class Pushes:
    """The outbox handlers of live pages."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        # What the pieces of each tournament's page showed at its last change, as long as
        # somebody reads it: every change must be compared with the one before.
        self._shown: OrderedDict[int, dict[str, Any]] = OrderedDict()

    async def matches(self, payloads: list[Payload]) -> None:
        """Some matches changed: their cards, their own pages, and the home page.

        `pages` are matches whose own page says something else, and their cards do not.
        """
        changed: dict[int, set[int]] = {}
        pages: set[int] = set()
        for payload in payloads:
            changed.setdefault(payload["tournament"], set()).update(payload["matches"])
            pages.update(payload.get("pages", ()))
        matches = sorted(pages.union(*changed.values()))
        read = await self._publisher.languages_read(
            [*map(_of_tournament, changed), *map(_of_match, matches), HOME]
        )
        with self._sent_or_forgotten():
            async with one_snapshot():
                messages = [
                    *[await self._changes(each, changed[each], read) for each in changed],
                    *[await self._match(each, read) for each in matches],
                    await self._home(read),
                ]
            await self._publisher.send(*messages)

    async def tournament(self, payloads: list[Payload]) -> None:
        """A tournament's list or state changed: its whole page, and the home page."""
        tournaments = sorted({payload["tournament"] for payload in payloads})
        read = await self._publisher.languages_read([*map(_of_tournament, tournaments), HOME])
        with self._sent_or_forgotten():
            async with one_snapshot():
                messages = [
                    *[await self._whole(each, read) for each in tournaments],
                    await self._home(read),
                ]
            await self._publisher.send(*messages)

    @contextmanager
    def _sent_or_forgotten(self) -> Iterator[None]:
        """What could not be sent was not shown: the next change is compared with nothing."""
        try:
            yield
        except BaseException:
            self._shown.clear()
            raise

    # -- a tournament's page -----------------------------------------------

    async def _changes(
        self, tournament: int, matches: set[int], read: dict[str, Languages]
    ) -> LiveMessage:
        """The cards of these matches, and every piece that says something else now."""
        topic = _of_tournament(tournament)
        before = self._shown.pop(tournament, {})
        row = await _published(tournament) if read[topic] else None
        if row is None:
            return LiveMessage(topic, {})
        now = outline(await tournament_page.what_changed(row, matches))
        self._remember(tournament, before, now)
        pieces = [piece for id_, piece in now.items() if _is_news(before, id_, piece, matches)]
        in_rounds = set[int]().union(*(piece.cards for piece in pieces))
        alone = await _cards(row, matches - in_rounds, now)
        return LiveMessage(
            topic,
            {
                locale: "".join(
                    [
                        *(cards.markup(locale, card, OOB) for card in alone),
                        *(piece.render(locale) for piece in pieces),
                    ]
                )
                for locale in read[topic]
            },
        )

    async def _whole(self, tournament: int, read: dict[str, Languages]) -> LiveMessage:
        topic = _of_tournament(tournament)
        self._shown.pop(tournament, None)
        row = await _published(tournament) if read[topic] else None
        if row is None:
            return LiveMessage(topic, {})
        shown = await tournament_page.tournament(row)
        self._remember(tournament, {}, outline(shown))
        return LiveMessage(
            topic,
            {
                locale: "".join(block(each, shown, locale) for each in TOURNAMENT_BLOCKS)
                for locale in read[topic]
            },
        )

    def _remember(self, tournament: int, before: dict[str, Any], now: Outline) -> None:
        self._shown[tournament] = before | {id_: piece.shows for id_, piece in now.items()}
        if len(self._shown) > MOST_SHOWN:
            self._shown.popitem(last=False)

    # -- other pages -------------------------------------------------------

    async def _match(self, match: int, read: dict[str, Languages]) -> LiveMessage:
        topic = _of_match(match)
        try:
            found = await match_queries.match_by_id(match) if read[topic] else None
        except NotFound:
            found = None
        if found is None:
            return LiveMessage(topic, {})
        context = await match_page.match(*found)
        return _page(topic, read[topic], "matches/show.html", ("head", "body"), context)

    async def _home(self, read: dict[str, Languages]) -> LiveMessage:
        if not read[HOME]:
            return LiveMessage(HOME, {})
        return _page(HOME, read[HOME], "home.html", ("body",), await lists.home())


def _of_tournament(tournament: int) -> str:
    return f"tournament:{tournament}"


def _of_match(match: int) -> str:
    return f"match:{match}"


async def _published(tournament: int) -> Row | None:
    """The tournament, when it has a public page."""
    try:
        row = await queries.tournament_by_id(tournament)
    except NotFound:
        return None
    return None if row["state"] == "draft" else row


def _is_news(before: dict[str, Any], id_: str, piece: Piece, matches: set[int]) -> bool:
    """Whether a piece must be sent. Of one that nobody has compared before, all is news
    but the rounds that were there already: a new one has only matches that are new."""
    if id_ in before:
        return bool(before[id_] != piece.shows)
    return piece.cards.keys() <= matches


async def _cards(tournament: Row, matches: set[int], now: Outline) -> list[cards.MatchCard]:
    """Their cards: from the rounds that were just read, of a very large stage read now."""
    known = {id_: card for piece in now.values() for id_, card in piece.cards.items()}
    read = await match_queries.matches_by_id(matches - known.keys())
    rows = cards.seen_in(tournament, read)
    entrants = await queries.entrants_by_id(queries.entrants_in(rows))
    return [
        *(known[id_] for id_ in sorted(matches & known.keys())),
        *(cards.card(each, entrants) for each in rows if each["state"] != "absent"),
    ]


def _page(
    topic: str, languages: Languages, template: str, blocks: Iterable[str], context: Payload
) -> LiveMessage:
    return LiveMessage(
        topic,
        {
            locale: "".join(
                render_fragment(locale, template, each, **context, oob=OOB) for each in blocks
            )
            for locale in languages
        },
    )
