"""What the page of one match shows, read once and shaped; for routes and live pushes."""

from typing import Any

import brackets
from app.kernel.db.database import Row
from app.kernel.errors import Message
from brackets.explaining import why_opponents
from tournaments import match_queries, queries, wording
from tournaments.departures import Departure, departures_of
from tournaments.evidence import games_of, reports_of, series_of, verdict_on
from tournaments.live_games import live_games
from tournaments.pages import cards
from tournaments.pages.bracket import round_title
from tournaments.pages.late import late_of_match
from tournaments.pages.proof import proof
from tournaments.play import folded, spec_of
from tournaments.sources import Claiming, claimable, source_of
from tournaments.tables import Match, Stage
from tournaments.wording import message_of

Context = dict[str, Any]


async def match(row: Row, tournament: Row) -> Context:
    """A match's public page."""
    entrants = await queries.entrants_by_id(queries.entrants_in([row]))
    events = await match_queries.events_of(row["id"])
    [seen] = cards.seen_in(tournament, [row])
    return {
        "m": cards.card(
            seen, entrants, tournament=tournament["name"], timezone=tournament["timezone"]
        ),
        "t": tournament,
        "round_title": await _round_title(row),
        "why": await _why(row),
        "events": [_event(each) for each in events],
        "line_ups": await queries.line_ups(queries.entrants_in([row])),
        **await _proof(row),
        "claims": [_claim(each) for each in await match_queries.claims_of(row["id"])],
        "gone": await _gone(row, tournament),
        "goes_to": await _goes_to(row),
        "late": await late_of_match(row, tournament),
        "claiming": _claiming(tournament),
    }


async def _gone(row: Row, tournament: Row) -> list[tuple[int, Departure]]:
    """The sides whose leaving gave the match away."""
    if row["source"] != "removal":
        return []
    gone = await departures_of(tournament["id"])
    sides = enumerate((row["entrant_a"], row["entrant_b"]))
    left = [(side, gone[entrant]) for side, entrant in sides if entrant in gone]
    return [(side, departure) for side, departure in left if departure.stage == row["stage"]]


async def _proof(row: Row) -> Context:
    """The result, and everything it rests on."""
    result = await match_queries.result_of(row["id"])
    drawn = await Stage.select(Stage.spec).where(Stage.id == row["stage"]).first()
    draws = drawn is not None and brackets.format_of(spec_of(drawn)).draws
    shown = proof(
        row,
        await games_of(row),
        await series_of(row),
        await reports_of(row),
        result,
        await verdict_on(row, draws=draws),
        (await live_games([row["id"]])).get(row["id"]),
    )
    return {"result": result, "proof": shown}


async def _round_title(row: Row) -> Message:
    rounds = await Match.select(Match.bracket, Match.round).where(
        (Match.stage == row["stage"]) & (Match.state != "absent")
    )
    same = [each["round"] for each in rounds if each["bracket"] == row["bracket"]]
    double = any(each["bracket"] == "lower" for each in rounds)
    return round_title(
        row["bracket"], row["round"], max(same), same.count(row["round"]), double=double
    )


async def _why(row: Row) -> list[Message]:
    """Why these two meet."""
    drawn = await Stage.select().where(Stage.id == row["stage"]).first()
    if drawn is None or row["state"] == "absent":
        return []
    if row["bracket"] not in ("swiss", "ladder"):
        sources = wording.of_sources(row)
        if sources or row["state"] == "waiting":
            return sources
    state = await folded(drawn)
    return [wording.reason(each) for each in why_opponents(state, row["key"])]


def _claiming(tournament: Row) -> Claiming | None:
    source = claimable(tournament["game"])
    return source.claiming if source else None


async def _goes_to(row: Row) -> Row | None:
    """The match its winner plays next."""
    if row["winner_to"] is None:
        return None
    found: Row | None = await (
        Match.select(Match.id, Match.number)
        .where((Match.stage == row["stage"]) & (Match.key == row["winner_to"]))
        .first()
    )
    return found


def _event(row: Row) -> Context:
    return {
        "at": row["at"],
        "kind": row["kind"],
        "message": message_of(row["text"], row["params"]),
        "url": row["url"],
    }


def _claim(row: Row) -> Context:
    reason = message_of(row["reason"], row["reason_params"]) if row["reason"] else None
    return {
        "id": row["external_id"],
        "provider": source_of(row["provider"]).title,
        "state": row["state"],
        "reason": reason,
    }
