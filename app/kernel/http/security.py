"""What every response carries, and how forged requests are told apart."""

import hmac
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

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

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                names = {name for name, _ in given}
                given += [header for header in self._headers if header[0] not in names]
                given.append((b"x-request-id", request_id.encode()))
                message["headers"] = given
            await send(message)

        await self._app(scope, receive, send_secured)


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
