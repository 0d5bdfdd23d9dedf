"""What each public page shows, read once and shaped; used by routes and live pushes."""

from typing import Any

import msgspec

from app.accounts.tables import Account
from app.kernel.db import Row
from app.kernel.errors import Message
from tournaments import queries, views
from tournaments.tables import Entrant, Match

Context = dict[str, Any]


async def home() -> Context:
    """The front page: what is played now, what was, and where one can enter."""
    now = await queries.matches_now(8)
    recent = await queries.recent_results(8)
    entrants = await queries.entrants_by_id(_entrants_of([each.row for each in (*now, *recent)]))
    running, _ = await queries.list_tournaments("running")
    entering, _ = await queries.list_tournaments("open")
    return {
        "now": views.lines(now, entrants),
        "recent": views.lines(recent, entrants),
        "running": running[:6],
        "entering": entering[:6],
    }


async def matches() -> Context:
    """Everything being played now, and the latest results."""
    now = await queries.matches_now(60)
    recent = await queries.recent_results(40)
    entrants = await queries.entrants_by_id(_entrants_of([each.row for each in (*now, *recent)]))
    return {"now": views.lines(now, entrants), "recent": views.lines(recent, entrants)}


async def tournament(row: Row, chosen: int | None = None, part: int = 1) -> Context:
    """A tournament's public page; `chosen` and `part` are the round somebody asked for."""
    entrants = await queries.entrants_of(row["id"])
    rows = await queries.matches_of(row["id"])
    by_id = {entrant.id: entrant for entrant in entrants}
    shown = views.bracket(rows, by_id, chosen=chosen, part=part) if rows else None
    return {
        **await status(row),
        "organiser": await organiser_name(row),
        "entrants": entrants,
        "bracket": shown,
        "now": [views.card(each, by_id) for each in rows if each["state"] == "ready"][:6],
        "podium": _podium(row, rows, by_id),
    }


async def status(row: Row) -> Context:
    """The line under a tournament's name; counted, not loaded, for it is pushed often."""
    mine = Match.stage.tournament == row["id"]
    return {
        "t": row,
        "taken": await Entrant.count().where(Entrant.tournament == row["id"]),
        "played": await Match.count().where(mine & (Match.state == "decided")),
        "total": await Match.count().where(mine & (Match.state != "bye")),
    }


async def organiser_name(row: Row) -> str:
    found = await (
        Account.select(Account.player.nickname.as_alias("nickname"))
        .where(Account.id == row["organiser"])
        .first()
    )
    return str(found["nickname"]) if found else ""


def _podium(
    row: Row, rows: list[Row], entrants: dict[int, queries.EntrantLine]
) -> list[tuple[int, queries.EntrantLine]]:
    """Places 1 to 3 as far as they are decided."""
    if row["state"] != "finished":
        return []
    last = [each for each in rows if each["winner_to"] is None]
    final = next((each for each in last if each["bracket"] != "third_place"), None)
    third = next((each for each in last if each["bracket"] == "third_place"), None)
    places = []
    if final:
        places += [(1, _who(final, True)), (2, _who(final, False))]
    if third:
        places.append((3, _who(third, True)))
    return [(place, entrants[who]) for place, who in places if who in entrants]


def _who(match: Row, won: bool) -> int:
    if match["winner"] is None:
        return 0
    side = match["winner"] if won else 1 - match["winner"]
    return match["entrant_a" if side == 0 else "entrant_b"] or 0


async def match(row: Row, tournament: Row) -> Context:
    """A match's public page."""
    entrants = await queries.entrants_by_id(_entrants_of([row]))
    events = await queries.events_of(row["id"])
    return {
        "m": views.card(
            row, entrants, tournament=tournament["name"], timezone=tournament["timezone"]
        ),
        "t": tournament,
        "round_title": await _round_title(row),
        "games": await queries.games_of(row["id"]),
        "events": [_event(each) for each in events],
        "line_ups": await queries.line_ups(_entrants_of([row])),
        "result": await queries.result_of(row["id"]),
        "claims": [_claim(each) for each in await queries.claims_of(row["id"])],
        "goes_to": await _goes_to(row),
    }


async def _round_title(row: Row) -> Message:
    if row["bracket"] == "third_place":
        return Message("Match for third place")
    last = (
        await Match.select(Match.round)
        .where((Match.stage == row["stage"]) & (Match.bracket == row["bracket"]))
        .order_by(Match.round, ascending=False)
        .first()
    )
    return views.round_title(row["round"], last["round"] if last else row["round"])


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
    return {"id": row["external_id"], "state": row["state"], "reason": reason}


def message_of(text: str, params: str | None) -> Message:
    """A stored message, ready to be translated."""
    return Message(text, **(msgspec.json.decode(params) if params else {}))


def _entrants_of(rows: list[Row]) -> list[int]:
    found = {row[side] for row in rows for side in ("entrant_a", "entrant_b")}
    return sorted(each for each in found if each is not None)


async def clan(clan_id: int) -> Context:
    """A clan's matches and tournaments."""
    rows = await queries.matches_of_clan(clan_id)
    entrants = await queries.entrants_by_id(_entrants_of([each.row for each in rows]))
    return {
        "matches": views.lines(rows, entrants),
        "tournaments": await queries.titles_of_clan(clan_id),
    }
