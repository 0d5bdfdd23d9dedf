"""One request as handlers see it: who visits, in which language, with what form."""

import base64
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from app.accounts import demo_accounts
from app.accounts.passwords import Asker
from app.accounts.permissions import NeedsSignIn, at_the_door, may
from app.accounts.sessions import LASTS, Viewer, exchange, find_viewer
from app.kernel import clock
from app.kernel.db.database import Transaction, one_snapshot
from app.kernel.errors import N_, Forbidden, Message, TooOften, UserError
from app.kernel.http import web
from app.kernel.http.head import STREAMS
from app.kernel.http.one_snapshot import reading_of
from app.kernel.http.ratelimit import RateLimit, household, neighbourhood
from app.kernel.http.security import csrf_matches, csrf_token
from app.kernel.live.page_cache import Page
from app.kernel.live.page_cache import page as whole
from app.kernel.live.public_page import Parts, PublicPage
from app.kernel.live.signature import signature_of
from app.kernel.operation import alerts
from app.kernel.text import i18n, templating

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
YEAR = 365 * 24 * 3600
HANDED_SECONDS = 120
# A sentence and what is filled in, as the cookie `flash` carries them.
Flash = tuple[str, dict[str, str | int | float | None]]


class Visit:
    """What a handler is given instead of the bare request."""

    def __init__(self, request: web.AnyRequest, house: web.House) -> None:
        self.request = request
        self.house = house
        self.now: datetime = clock.now()
        self.viewer: Viewer | None = None
        self.form = web.Form()
        self.alerts: list[Message] = []
        self.warnings: list[Message] = []
        self._cookies: list[Cookie] = []
        self._csrf_secret = ""

    # -- who and how -------------------------------------------------------

    @property
    def me(self) -> Viewer:
        """The viewer of a route that needs one."""
        if self.viewer is None:
            raise NeedsSignIn
        return self.viewer

    @property
    def action(self) -> str:
        """What the route is for, as `permissions.route` was told."""
        return str(self.request.route_handler.opt["action"])

    @property
    def locale(self) -> str:
        cookies = self.request.cookies
        return i18n.negotiate(
            self.viewer.language if self.viewer else None,
            cookies.get("language"),
            accept=self.request.headers.get("accept-language", ""),
        )

    @property
    def _theme(self) -> str | None:
        """Light or dark as chosen; None follows the system."""
        theme = self.request.cookies.get("theme")
        return theme if theme in ("light", "dark") else None

    @property
    def path(self) -> str:
        query = self.request.scope["query_string"].decode()
        return self.request.scope["path"] + (f"?{query}" if query else "")

    @property
    def address(self) -> str:
        """The visitor's IP address as the server saw it, as counted by rate limits."""
        return household(self._host)

    @property
    def neighbourhood(self) -> str:
        """The households around it that may all be one visitor's."""
        return neighbourhood(self._host)

    @property
    def _host(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def is_local(self) -> bool:
        """Whether the visitor is in a network that the operator does not limit."""
        return self._host in self.house.local

    async def may_try(self, limit: RateLimit) -> bool:
        """Count one try of the viewer's, or of their network; whether it was not too many."""
        return self.is_local or await limit.spend(self.house.redis, self._counted_as(limit))

    async def spend(self, limit: RateLimit, field: str) -> None:
        """Count one try; `TooOften` beside `field` when it was too many."""
        if not await self.may_try(limit):
            wait = await limit.refusal(self.house.redis, self._counted_as(limit))
            raise TooOften({field: wait})

    @asynccontextmanager
    async def counting(self, field: str, *limits: RateLimit) -> AsyncIterator[None]:
        """Count what the block makes; what it refuses to make is not counted."""
        for limit in limits:
            await self.spend(limit, field)
        try:
            yield
        except UserError:
            for limit in limits:
                await self.give_back(limit)
            raise

    async def give_back(self, limit: RateLimit) -> None:
        """The try turned out to be none, or an honest one."""
        if not self.is_local:
            await limit.give_back(self.house.redis, self._counted_as(limit))

    def _counted_as(self, limit: RateLimit) -> str:
        return self.address if limit.by_network else str(self.me.account)

    def asker(self, account: str, field: str = "password") -> Asker:
        """On whose behalf a password is hashed; `account` is whose it is said to be."""
        return Asker(self.address, account, field)

    @property
    def site(self) -> str:
        """The address of this site for others to reach it by, without a slash at the end:
        as the operator has set it, else as the visitor has reached it."""
        return web.site_address(self.request, self.house.settings)

    @property
    def request_id(self) -> str:
        return str(self.request.scope.get("state", {}).get("request_id", ""))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """All or nothing. After a command that was refused, its form's page only reads."""
        try:
            async with self.house.db.transaction(self.request_id) as tx:
                yield tx
        except UserError:
            await reading_of(self.request.scope).begin()
            raise

    # -- answers -----------------------------------------------------------

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response[bytes]:
        """A page made for this visitor."""
        flash = self._take_flash()
        context = self._chrome() | {"flash": flash} | context
        body = templating.render(self.locale, template, **context)
        return self._with_cookies(web.html(self.request, body, status))

    async def public_page(
        self,
        page: PublicPage,
        personal: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]] | None = None,
    ) -> Response[bytes]:
        """A page anyone may see: whole and kept for strangers, kept in parts for members.

        `personal` makes of the page's reading what only a signed-in visitor sees
        (its names are None for strangers: use `mine`).
        """
        flash = self._take_flash()
        if self.viewer is None and flash is None:
            return await self._strangers_page(page)
        # A member who is told "done" here has just changed something, and must see it.
        # Nobody else can: a cookie is quickly invented, and a page from nothing is dear.
        fresh = self.viewer is not None and flash is not None
        parts = await self.house.press.parts(page, self.locale, fresh=fresh)
        page.allow(parts.context)
        mine = None
        if personal and self.viewer:
            async with one_snapshot():
                mine = await personal(parts.context)
        body = self._around(page, parts, flash=flash, mine=mine)
        return self._with_cookies(web.html(self.request, body))

    async def _strangers_page(self, page: PublicPage) -> Response[bytes]:
        async def build() -> Page:
            parts = await self.house.press.parts(page, self.locale)
            page.allow(parts.context)
            return whole(self._around(page, parts, flash=None, mine=None).encode())

        key = ("page", self.locale, self._theme or "", page.address)
        kept = await self.house.pages.get(key, page.topics, build)
        signature = signature_of(self.request.scope)
        # An invented query gets the page it means, and no place of its own.
        if signature and self.path == page.address and signature[2:] == key[1:3]:
            self.house.pages.remember(signature, key)
        return self._with_cookies(web.public(self.request, kept))

    def _around(self, page: PublicPage, parts: Parts, **context: Any) -> str:
        everything = self._chrome() | {"path": page.address} | parts.context | context
        return templating.render_around(
            self.locale, page.template, parts.blocks, since=parts.since, **everything
        )

    def see_other(self, path: str, done: Message | None = None) -> Response[bytes]:
        """Go to `path`, where `done` is said once."""
        if done:
            raw = msgspec.json.encode([done.text, done.params])
            self.set_cookie("flash", base64.urlsafe_b64encode(raw).decode(), seconds=60)
        return self._with_cookies(web.see_other(path))

    def hand_over(self, what: str, secret: str) -> None:
        """A secret for the next page that asks for `what`: it is kept nowhere else."""
        raw = msgspec.json.encode([what, secret])
        self.set_cookie(self._once, base64.urlsafe_b64encode(raw).decode(), seconds=HANDED_SECONDS)

    def handed(self, what: str) -> str:
        """The secret handed over to this page, or nothing; only once.

        A cookie can hold anything: whoever shows it compares it with its hash first.
        """
        try:
            raw = base64.urlsafe_b64decode(self.request.cookies.get(self._once, ""))
            meant, secret = msgspec.json.decode(raw, type=tuple[str, str])
        except (ValueError, RecursionError):
            return ""
        if meant != what:
            return ""
        self.set_cookie(self._once, "", seconds=0)
        return secret

    @property
    def _once(self) -> str:
        return self.guarded("once")

    # -- cookies -----------------------------------------------------------

    def sign_in(self, token: str) -> None:
        self.set_cookie(self._session_cookie, token, seconds=int(LASTS.total_seconds()))
        # A new secret with the new identity, so an old form token dies with the old one.
        self._cookies.append(self._cookie("csrf", "", 0))

    def sign_out(self) -> None:
        self.set_cookie(self._session_cookie, "", seconds=0)

    def guarded(self, name: str) -> str:
        """A cookie's name that no neighbouring site can plant."""
        # `__Host-` needs https; a LAN party has none.
        return f"__Host-{name}" if self.house.settings.secure else name

    def set_cookie(self, name: str, value: str, *, seconds: int = YEAR) -> None:
        self._cookies.append(self._cookie(name, value, seconds))

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=name,
            value=value,
            max_age=seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self.house.settings.secure,
        )

    @property
    def _session_cookie(self) -> str:
        return self.guarded("session")

    def _with_cookies(self, response: Response[bytes]) -> Response[bytes]:
        for cookie in self._cookies:
            response.set_cookie(cookie)
        return response

    def _take_flash(self) -> Message | None:
        if not (raw := self.request.cookies.get("flash")):
            return None
        self.set_cookie("flash", "", seconds=0)
        try:
            text, params = msgspec.json.decode(base64.urlsafe_b64decode(raw), type=Flash)
            said = Message(text, **params)
            # A cookie can hold anything: only our own sentences are said, and whole ones.
            if not i18n.language("kk").knows(text):
                return None
            for locale in i18n.LOCALES:
                i18n.language(locale).message(said)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return None
        return said

    # -- the way in --------------------------------------------------------

    async def enter(self) -> None:
        """Find the viewer, check the route's rule, and read and check the form."""
        await self._find_viewer()
        at_the_door(self.request.route_handler.opt, self.viewer)
        if may(self.viewer, "provider.see"):
            self.alerts = await alerts.standing(self.house.redis)
            if self.house.settings.is_public and await demo_accounts.are_left():
                self.warnings = [demo_accounts.LEFT]
        web.check_address(self.request)
        if self.request.method not in SAFE_METHODS:
            self.form = await web.form_of(self.request)
            self._check_csrf()
        await self._exchange_outgrown()
        if self.request.method in SAFE_METHODS and not self._has_own_way_to_read():
            await reading_of(self.request.scope).begin()

    def _has_own_way_to_read(self) -> bool:
        opt = self.request.route_handler.opt
        return "snapshot" in opt or bool(opt.get("writes"))

    async def _find_viewer(self) -> None:
        if token := self.request.cookies.get(self._session_cookie):
            self.viewer = await find_viewer(token, now=self.now)
            self._csrf_secret = token
        if self.viewer is None:
            self._csrf_secret = self.request.cookies.get("csrf", "")

    async def _exchange_outgrown(self) -> None:
        """The one thing that any page may write: a new token after a right was given.

        A stream's answer brings no cookie, so it is left to the next page.
        """
        if self.viewer is None or not self.viewer.outgrown:
            return
        if self.request.scope["path"].startswith(STREAMS):
            return
        token = await exchange(self.viewer.session, self._csrf_secret)
        if token is None:
            # Another page of this browser was first: it has brought the new token.
            return
        self.sign_in(token)
        self._csrf_secret = token

    def _check_csrf(self) -> None:
        if self.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden(N_("This form was sent from another site."))
        token = self.form.get("csrf")
        if not self._csrf_secret or not csrf_matches(token, self._csrf_secret):
            raise Forbidden(
                N_("This form has expired. Go back, reload the page, and send it again.")
            )

    def csrf(self) -> str:
        """A token for a form on this page; makes the visitor's secret when needed."""
        if not self._csrf_secret:
            self._csrf_secret = secrets.token_urlsafe(24)
            self.set_cookie("csrf", self._csrf_secret, seconds=24 * 3600)
        return csrf_token(self._csrf_secret)

    def _chrome(self) -> dict[str, Any]:
        """What base.html needs on every page."""
        return {
            "viewer": self.viewer,
            "may": partial(may, self.viewer),
            "path": self.path,
            "theme": self._theme,
            "csrf": self.csrf,
            "form": self.form,
            "alerts": self.alerts,
            "asleep": self.house.pulse.asleep,
            "warnings": self.warnings,
            "errors": {},
            "oob": "",
        }


# What a handler asks for: `async def page(visit: Guest)`.
Guest = NamedDependency[Visit]
