"""A stand-in FACEIT's webhooks: at least once, in no order, and signed by nothing."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from integrations.standins.faceit_matches import Match, Team, uuid


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send what. `late` seconds later, `times` times; a repeat says that it is one."""

    url: str
    secret: str
    match_id: str
    event: str = "match_status_finished"
    header: str = "X-Baige-Secret"
    late: float = 0.0
    times: int = 1


def envelope(event: str, match: Match, *, event_id: str = "", retry: int = 0) -> dict[str, Any]:
    """The message. It has no score, and its `teams` are a list."""
    return {
        "transaction_id": str(uuid4()),
        "event": event,
        "event_id": event_id or str(uuid4()),
        "third_party_id": uuid("organizer"),
        "app_id": uuid("app"),
        "timestamp": _iso(match.finished_at),
        "retry_count": retry,
        "version": 1,
        "payload": {
            "id": match.match_id,
            "organizer_id": uuid("organizer"),
            "region": "EU",
            "game": "cs2",
            "version": 43,
            "entity": {"id": match.competition, "name": "Steppe Open", "type": match.kind},
            "teams": [_team(each) for each in (match.first, match.second) if each],
            "created_at": _iso(match.started_at or match.finished_at),
            "updated_at": _iso(match.finished_at),
            "started_at": _iso(match.started_at or match.finished_at),
            "finished_at": _iso(match.finished_at),
        },
    }


async def send(webhook: Webhook, match: Match) -> list[int]:
    """The statuses that came back. To reorder events, send the later one first."""
    await asyncio.sleep(webhook.late)
    event_id, statuses = str(uuid4()), []
    async with httpx.AsyncClient(trust_env=False) as http:
        for retry in range(webhook.times):
            body = envelope(webhook.event, match, event_id=event_id, retry=retry)
            answer = await http.post(
                webhook.url, json=body, headers={webhook.header: webhook.secret}
            )
            statuses.append(answer.status_code)
    return statuses


def _team(team: Team) -> dict[str, Any]:
    roster = [{"id": uuid(each), "game_id": each, "game_skill_level": 7} for each in team.steam_ids]
    return {
        "id": team.id,
        "name": team.name,
        "type": "premade" if team.premade else "",
        "roster": roster,
        "substitutions": 0,
        "substitutes": None,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
