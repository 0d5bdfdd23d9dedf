"""FACEIT's webhooks: something has happened to a match, so ask for it.

FACEIT signs nothing; it sends a header that the operator has typed into its form.
The message has no score and may come late, twice, or never: the match itself is
asked for, and the polls go on beside.
"""

import hmac
from datetime import datetime
from hashlib import sha256

import structlog
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from app.accounts.permissions import route
from app.kernel import clock
from app.kernel.http.web import AnyRequest, House
from app.kernel.operation.settings import Settings
from integrations.base import Delivery
from integrations.faceit.reading import MATCH_ID, NAME, UUID, Webhook, read_webhook
from integrations.following import ask_at_once, followed_in
from integrations.inbox import Inbox, was_delivered
from integrations.provider import Follow
from tournaments.fitness import tournaments_in

LARGEST = 64 * 1024
LONGEST_ID = 60

# After these the match, or a part of it, is there to be read.
TELLING = {
    "match_status_finished",
    "match_status_cancelled",
    "match_status_aborted",
    "match_demo_ready",
}

log = structlog.get_logger()


@post(
    "/webhooks/faceit",
    opt=route("site.tell"),
    request_max_body_size=LARGEST,
    status_code=200,
)
async def webhook(request: AnyRequest, house: NamedDependency[House]) -> Response[bytes]:
    """200 at once, also for what is nobody's here; 403 without the secret."""
    if not _is_faceit(request, house.settings):
        return _answer(403)
    try:
        body = await request.body()
    except HTTPException as error:
        return _answer(error.status_code)
    event = read_webhook(body)
    if event is None:
        return _answer(400)
    await take(house, event, body, now=clock.now())
    return _answer(200)


def _answer(status: int) -> Response[bytes]:
    return Response(b"", status_code=status, media_type="text/plain")


def _is_faceit(request: AnyRequest, settings: Settings) -> bool:
    """Whether it knows the secret; where none is set nobody does."""
    secret = settings.faceit_webhook_secret.encode()
    given = request.headers.get(settings.faceit_webhook_header, "").encode("latin-1")
    return bool(secret) and hmac.compare_digest(given, secret)


async def take(house: House, event: Webhook, body: bytes, *, now: datetime) -> None:
    """Keep what is told of a match of ours, and ask for the match."""
    match = event.payload.id if event.payload else None
    if not match or not MATCH_ID.fullmatch(match) or not (event.event or "").startswith("match_"):
        return
    tournaments = await _tournaments(event, match)
    part = _part(event, body)
    if not tournaments or await was_delivered(NAME, match, part):
        return
    # The order matters: a repeat after a crash in between finds it undelivered.
    if event.event in TELLING:
        for tournament in tournaments:
            await ask_at_once(NAME, Follow(kind="game", ref=match), tournament, now=now)
    delivery = Delivery(subject=match, part=part, body=body)
    await Inbox(house.db).land(NAME, delivery, tournaments[0], now=now)
    log.info("a webhook arrived", provider=NAME, subject=match, told=event.event)


async def _tournaments(event: Webhook, match: str) -> list[int]:
    """Those that are played in its competition, or have asked for this match."""
    entity = event.payload.entity if event.payload else None
    competition = entity.id if entity and entity.id else ""
    played = await tournaments_in(competition) if UUID.fullmatch(competition) else []
    return played or await followed_in(NAME, Follow(kind="game", ref=match))


def _part(event: Webhook, body: bytes) -> str:
    """What tells this message from others; a repeated one has the same."""
    if event.event_id and len(event.event_id) <= LONGEST_ID and event.event_id.isprintable():
        return event.event_id
    return sha256(body).hexdigest()[:LONGEST_ID]


HANDLERS = [webhook]
