"""The web application, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from app.accounts.permissions import NeedsSignIn, at_the_raw_door, is_for_machines
from app.accounts.routes import HANDLERS as ACCOUNT_HANDLERS
from app.accounts.steam_profile_routes import HANDLERS as PROFILE_HANDLERS
from app.accounts.steam_routes import HANDLERS as STEAM_HANDLERS
from app.accounts.visit import Visit
from app.files import static_file
from app.health import HANDLERS as HEALTH_HANDLERS
from app.health import Readiness
from app.kernel.db.database import Database
from app.kernel.errors import N_, Message, NotFound, UserError
from app.kernel.http import outbound
from app.kernel.http.head import HeadToo
from app.kernel.http.host import HostRead
from app.kernel.http.in_turn import InTurn
from app.kernel.http.one_snapshot import OneSnapshot
from app.kernel.http.open_streams import OpenStreams
from app.kernel.http.security import BROKEN, Secured
from app.kernel.http.web import House, check_address, see_other
from app.kernel.live import feed
from app.kernel.live.hub import Hub
from app.kernel.live.kept import KeptFirst
from app.kernel.live.page_cache import PageCache
from app.kernel.live.public_page import Press
from app.kernel.live.readers import Readers
from app.kernel.operation.away import is_away
from app.kernel.operation.pulse import Pulse
from app.kernel.operation.settings import Settings
from app.kernel.operation.supervision import Make, Supervisor
from app.media import picture
from clans.routes import HANDLERS as CLAN_HANDLERS
from integrations import late_sources, registry
from integrations.routes import HANDLERS as INTEGRATION_HANDLERS
from tournaments.routes import HANDLERS as TOURNAMENT_HANDLERS

AnyRequest = Request[Any, Any, Any]
LARGEST_FORM = 256 * 1024
FEED_SECONDS = 10
RETRY_AFTER = 60
# What Litestar says when the body ends before it is whole.
CUT_OFF = "client disconnected prematurely"
SAID_OF = {
    400: Message(N_("This request could not be read. Go back, reload the page, and try again.")),
    413: Message(N_("This form is too large.")),
}
AWAY = Message(
    N_("The database does not answer just now; nothing was half done. Try again in a minute.")
)

log = structlog.get_logger()


class Site:
    """One web process: the application, its hub and its page cache."""

    def __init__(self, settings: Settings, db: Database, redis: Any) -> None:
        registry.introduce(settings)
        late_sources.introduce()
        self.hub = Hub()
        self.pages = PageCache()
        self.http = outbound.client()
        press = Press(self.pages, self.hub)
        self.local = settings.local_networks
        self.pulse = Pulse(redis, self._noted, self.pages.forget)
        self.house = House(
            settings, db, redis, self.hub, self.pages, press, self.http, self.pulse, self.local
        )
        self.feed = feed.Feed(redis, self.hub, self.pages.drop, self.pages.open, self.pages.close)
        self.readers = Readers(redis, self.hub)
        self.readiness = Readiness(redis)
        self.litestar = routes()
        self.streams = OpenStreams(OneSnapshot(self._routed), self.local)
        # A form that is still being sent, or waits for its turn, has no right of way yet.
        orderly = InTurn(KeptFirst(self.streams, self.pages), largest=LARGEST_FORM)
        self.app: ASGIApp = Secured(HostRead(HeadToo(orderly)), secure=settings.secure)

    @asynccontextmanager
    async def live(self, background: Supervisor) -> AsyncIterator[None]:
        """Listen to the feed and ping the streams."""
        works: dict[str, Make] = {
            "feed": self.feed.run,
            "readers": self.readers.run,
            "pings": self.hub.ping_for_ever,
            "pulse": self.pulse.watch,
        }
        async with background.keeping(works):
            await self._first_feed()
            try:
                yield
            finally:
                self.hub.close()
                await self.http.aclose()

    def _noted(self) -> None:
        """Every page says something else now: none is kept, and open ones fetch themselves."""
        self.pages.forget()
        self.hub.note("-asleep" if self.pulse.asleep else "")

    async def _first_feed(self) -> None:
        """Wait for Redis a little; without it pages are served, only not live and not kept."""
        try:
            await asyncio.wait_for(self.feed.ready.wait(), timeout=FEED_SECONDS)
        except TimeoutError:
            log.warning("pages are not live yet: Redis does not answer")

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["baige_site"] = self  # type: ignore[typeddict-unknown-key]
        await self.litestar(scope, receive, send)

    async def enter(self, request: AnyRequest) -> None:
        """Before any handler: who asks, and for what that can be there."""
        if request.route_handler.opt.get("raw"):
            at_the_raw_door(request.route_handler.opt)
            check_address(request)
            return
        visit = Visit(request, self.house)
        request.scope["baige_visit"] = visit  # type: ignore[typeddict-unknown-key]
        await visit.enter()

    # -- errors ------------------------------------------------------------

    def user_error(self, request: AnyRequest, error: UserError) -> Response[bytes]:
        return self._error_page(request, error.status, error.message)

    def http_error(self, request: AnyRequest, error: HTTPException) -> Response[bytes]:
        if error.detail == CUT_OFF:
            return self._cut_off(request)
        if error.status_code >= 500:
            return self.defect(request, error)
        message = SAID_OF.get(error.status_code, NotFound().message)
        return self._error_page(request, error.status_code, message)

    def _cut_off(self, request: AnyRequest) -> Response[bytes]:
        """The visitor left while sending: nobody's mistake, and nobody to read an answer."""
        log.info(
            "a client left in the middle of a request",
            request=request.scope.get("state", {}).get("request_id"),
            method=request.method,
            path=request.scope["path"],
        )
        return Response(b"", status_code=400, media_type="text/plain")

    def _away(self, request: AnyRequest, error: Exception) -> Response[bytes]:
        """The database is away: no mistake, and soon over. Machines send again by themselves."""
        log.warning(
            "a request met a database that is away",
            request=request.scope.get("state", {}).get("request_id"),
            method=request.method,
            path=request.scope["path"],
            why=str(error),
        )
        if is_for_machines(request.route_handler.opt):
            response = Response(b"", status_code=503, media_type="text/plain")
        else:
            response = self._error_page(request, 503, AWAY)
        response.headers["retry-after"] = str(RETRY_AFTER)
        return response

    def defect(self, request: AnyRequest, error: Exception) -> Response[bytes]:
        if is_away(error):
            return self._away(request, error)
        log.error(
            "defect",
            request=request.scope.get("state", {}).get("request_id"),
            method=request.method,
            path=request.scope["path"],
            exc_info=error,
        )
        return self._error_page(request, 500, Message(BROKEN))

    def _error_page(self, request: AnyRequest, status: int, message: Message) -> Response[bytes]:
        visit = request.scope.get("baige_visit") or Visit(request, self.house)
        assert isinstance(visit, Visit)
        return visit.page(
            "error.html",
            status=status,
            status_code=status,
            message=message,
            request_id=visit.request_id,
        )


def _visit(request: AnyRequest) -> Visit:
    visit: Visit = request.scope["baige_visit"]  # type: ignore[typeddict-item]
    return visit


def _send_to_sign_in(request: AnyRequest, _: NeedsSignIn) -> Response[bytes]:
    back = _visit(request).path if request.method == "GET" else "/desk"
    return see_other(f"/sign-in?next={quote(back)}")


def _site(request: AnyRequest) -> Site:
    site: Site = request.scope["baige_site"]  # type: ignore[typeddict-item]
    return site


def _house(request: AnyRequest) -> House:
    return _site(request).house


def _readiness(request: AnyRequest) -> Readiness:
    return _site(request).readiness


async def _enter(request: AnyRequest) -> None:
    await _site(request).enter(request)


@cache
def routes() -> Litestar:
    """All routes, registered once a process; the site a request is for stands in its scope."""
    return Litestar(
        route_handlers=[
            static_file,
            *HEALTH_HANDLERS,
            picture,
            *ACCOUNT_HANDLERS,
            *STEAM_HANDLERS,
            *PROFILE_HANDLERS,
            *CLAN_HANDLERS,
            *TOURNAMENT_HANDLERS,
            *INTEGRATION_HANDLERS,
        ],
        dependencies={
            "visit": Provide(_visit, sync_to_thread=False),
            # For routes that no person visits (webhooks, game servers).
            "house": Provide(_house, sync_to_thread=False),
            "readiness": Provide(_readiness, sync_to_thread=False),
        },
        before_request=_enter,
        exception_handlers={
            NeedsSignIn: _send_to_sign_in,
            UserError: lambda request, error: _site(request).user_error(request, error),
            HTTPException: lambda request, error: _site(request).http_error(request, error),
            Exception: lambda request, error: _site(request).defect(request, error),
        },
        request_max_body_size=LARGEST_FORM,
        openapi_config=None,
        logging_config=None,
    )
