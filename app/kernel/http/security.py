"""What every response carries, and how forged requests are told apart."""

import hmac
import secrets
from hashlib import sha256
from urllib.parse import quote, urlsplit

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.errors import N_
from app.kernel.http import plain
from app.kernel.text import i18n

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = "max-age=31536000"
ASCII = "".join(map(chr, range(128)))
BROKEN = N_("Something broke on our side. Nothing you sent was half done.")

log = structlog.get_logger()


class Secured:
    """An ASGI application with safe headers and an id on every request."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        headers = HEADERS | ({"strict-transport-security": HSTS} if secure else {})
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        if not scope["query_string"].isascii():
            # No address holds such bytes; quoted as they should be, everybody can read them.
            scope["query_string"] = quote(scope["query_string"], safe=ASCII).encode()
        started = False

        async def send_secured(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                given = list(message["headers"])
                names = {name for name, _ in given}
                given += [header for header in self._headers if header[0] not in names]
                given.append((b"x-request-id", request_id.encode()))
                message["headers"] = given
            await send(message)

        try:
            await self._app(scope, receive, send_secured)
        except Exception as error:
            log.error(
                "defect that no page could tell",
                request=request_id,
                method=scope["method"],
                path=scope["path"],
                exc_info=error,
            )
            if started:
                # Half an answer is out: only cutting the line says that it is no whole one.
                raise
            await _plain_words(request_id, send_secured)


async def _plain_words(request_id: str, send: Send) -> None:
    """The last resort, when even the page that tells of an error has failed."""
    body = f"{_broken()}\n\n{request_id}\n".encode()
    await plain.answer(send, 500, body)


def _broken() -> str:
    """That it is our fault, in every language: what the visitor speaks may be what failed."""
    try:
        return "\n".join(i18n.language(each).gettext(BROKEN) for each in i18n.LOCALES)
    except Exception:
        return BROKEN


def csrf_token(secret: str) -> str:
    """A token for forms, masked anew each time (pages are compressed: BREACH)."""
    digest = sha256(f"csrf:{secret}".encode()).digest()
    mask = secrets.token_bytes(len(digest))
    return (mask + bytes(a ^ b for a, b in zip(mask, digest, strict=True))).hex()


def csrf_matches(token: str, secret: str) -> bool:
    """Whether a form's token was made from this secret."""
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return False
    digest = sha256(f"csrf:{secret}".encode()).digest()
    half = len(digest)
    unmasked = bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=False))
    return len(raw) == 2 * half and hmac.compare_digest(unmasked, digest)


def local_path(target: str | None, default: str = "/") -> str:
    """`target` when it is a path on this site, else `default` (no open redirects)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(letter) < 32 for letter in target):
        return default
    return target
