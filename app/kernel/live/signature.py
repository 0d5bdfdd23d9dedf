"""What of a request a stranger's page is made from, and nothing else it says.

Cookies and languages without end can be invented; pages in three languages and three
themes cannot be filled up with. A request that might mean more than that, or could be
read in two ways, has no signature: the framework reads it.
"""

from functools import lru_cache

from litestar.types import HTTPScope

from app.kernel.live.page_cache import LONGEST_SIGNATURE, Signature
from app.kernel.text import i18n

CHOICES = {"language": i18n.LOCALES, "theme": ("light", "dark")}
# Who is signed in, and what is to be told once.
PERSONAL = (b"session", b"flash")


def signature_of(scope: HTTPScope) -> Signature | None:
    """None for a request that is, or may be, nobody else's."""
    cookies, languages = _all(scope, b"cookie"), _all(scope, b"accept-language")
    if len(cookies) > 1 or len(languages) > 1:
        # Of two headers one reader takes the first, another the last.
        return None
    cookie, accept = b"".join(cookies), b"".join(languages)
    if any(name in cookie for name in PERSONAL) or len(accept) > LONGEST_SIGNATURE:
        return None
    wishes = _wishes(cookie.decode("latin-1"), accept.decode("latin-1"))
    return wishes and (scope["path"], scope["query_string"], *wishes)


def _all(scope: HTTPScope, name: bytes) -> list[bytes]:
    return [value for each, value in scope["headers"] if each == name]


@lru_cache(1_024)
def _wishes(cookie: str, accept: str) -> tuple[str, str] | None:
    """The language and the theme (empty: as the system has it)."""
    chosen: dict[str, str] = {}
    for pair in cookie.split(";"):
        name, _, value = (part.strip() for part in pair.partition("="))
        if name in CHOICES:
            if name in chosen or value not in CHOICES[name]:
                return None
            chosen[name] = value
    return i18n.negotiate(chosen.get("language"), accept=accept), chosen.get("theme", "")
