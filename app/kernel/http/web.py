"""What a request handler works with: forms in, pages and redirects out."""

import gzip
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import redis.asyncio
from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.exceptions import ClientException

from app.kernel.db.database import Database
from app.kernel.errors import NotFound
from app.kernel.http.networks import Networks
from app.kernel.live.hub import Hub
from app.kernel.live.page_cache import Page, PageCache
from app.kernel.live.public_page import Press
from app.kernel.operation.pulse import Pulse
from app.kernel.operation.settings import Settings

HTML = "text/html"
WORTH_COMPRESSING = 1_000
LARGEST_ID = 2**31 - 1
IN_ADDRESSES = "/?#%:;,@&=+$!*'()~"
VARY = "Cookie, Accept-Language, Accept-Encoding"

NOBODY = Networks()

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class House:
    """The services of one web process, made once at its start."""

    settings: Settings
    db: Database
    redis: redis.asyncio.Redis
    hub: Hub
    pages: PageCache
    press: Press
    http: httpx.AsyncClient
    pulse: Pulse
    local: Networks = NOBODY


class Form:
    """What was typed, every value as text; it goes back to the page on an error."""

    def __init__(self, values: dict[str, list[str]] | None = None) -> None:
        self._values = values or {}

    @classmethod
    def of(cls, data: FormMultiDict) -> "Form":
        """`ValueError` for what is no text."""
        values: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, str):
                # Half a letter (a lone surrogate) can neither be kept nor sent back.
                (name + value).encode()
                # PostgreSQL keeps no NUL in text, and nobody types one.
                values.setdefault(name, []).append(value.replace("\0", ""))
        return cls(values)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return self._values.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        """All values of a field (checkboxes)."""
        return self._values.get(name, [])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def with_defaults(self, **values: Any) -> "Form":
        """These values where nothing was typed (an edit form's first showing)."""
        if self._values:
            return self
        return Form({name: _texts(value) for name, value in values.items()})


async def form_of(request: AnyRequest) -> Form:
    """What was sent; `ClientException` for what is no text."""
    try:
        return Form.of(await request.form())
    except (ValueError, LookupError):
        # A part may name a charset of its own: none there is, or not that of its bytes.
        raise ClientException from None


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def site_address(request: AnyRequest, settings: Settings) -> str:
    """What to call this site where the operator has not said: as it was reached just now.

    For addresses shown to, or used by, the very one who sent the request.
    """
    return settings.url.rstrip("/") or str(request.base_url).rstrip("/")


def check_address(request: AnyRequest) -> None:
    """`NotFound` for numbers and letters no row can have: the database takes them for errors."""
    for value in request.path_params.values():
        if (isinstance(value, int) and not 0 <= value <= LARGEST_ID) or "\0" in str(value):
            raise NotFound


def accepts_gzip(request: AnyRequest) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def html(request: AnyRequest, body: str, status: int = 200) -> Response[bytes]:
    """A page for this visitor alone: never stored."""
    raw = body.encode()
    headers = {"cache-control": "no-store", "vary": VARY}
    if len(raw) > WORTH_COMPRESSING and accepts_gzip(request):
        raw = gzip.compress(raw, 1, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(raw, status_code=status, headers=headers, media_type=HTML)


def public(request: AnyRequest, page: Page) -> Response[bytes]:
    """A page that is the same bytes for everyone; 304 when the browser has it."""
    headers = {"etag": page.etag, "cache-control": "private, no-cache", "vary": VARY}
    if request.headers.get("if-none-match") == page.etag:
        return Response(b"", status_code=304, headers=headers, media_type=HTML)
    if not accepts_gzip(request):
        return Response(page.body, headers=headers, media_type=HTML)
    headers["content-encoding"] = "gzip"
    return Response(page.gzipped, headers=headers, media_type=HTML)


def see_other(path: str) -> Response[bytes]:
    """After a form: go and GET `path`."""
    return Response(
        b"",
        status_code=303,
        # A header holds Latin letters only; what is quoted already stays as it is.
        headers={"location": quote(path, safe=IN_ADDRESSES), "cache-control": "no-store"},
        media_type=HTML,
    )
