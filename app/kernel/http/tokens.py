"""Random words that open something for whoever holds them; only their hash is kept.

A long random word needs no slow hash: nobody can try them all. Whoever reads the
database can open nothing with what stands there.
"""

import hmac
import secrets
from hashlib import sha256

LENGTH_OF_HASH = 64


def new_token(size: int = 32) -> str:
    """`size` random bytes in letters that need no quotes in addresses and consoles."""
    return secrets.token_urlsafe(size)


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def matches(token: str, kept: str) -> bool:
    """Whether `kept` is the token's hash; as slow for a wrong one as for the right one."""
    return hmac.compare_digest(hash_of(token), kept)
