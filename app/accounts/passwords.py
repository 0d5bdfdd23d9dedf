"""Passwords: argon2id, never in the event loop.

Parameters follow OWASP ASVS 5.0 appendix C: 19 MiB, two passes, one lane.
"""

import asyncio
from functools import cache
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.guessing import is_guessable
from app.kernel.errors import N_, Message

SHORTEST, LONGEST = 10, 200
# A nickname of two letters is in every other password, and gives none away.
SHORTEST_CLUE = 4
# The hash of an account that has no password: nothing matches it.
NONE = ""
# Each hash takes 19 MiB and a core for a moment: no more than two at once.
AT_ONCE = 2

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _turn() -> asyncio.Semaphore:
    # One for each running loop: a semaphore cannot serve two.
    loop = asyncio.get_running_loop()
    if loop not in _turns:
        _turns[loop] = asyncio.Semaphore(AT_ONCE)
    return _turns[loop]


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def hash_password(password: str) -> str:
    async with _turn():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash the same work is done for nothing,
    so that the time taken does not tell whether an account exists or has a password."""
    async with _turn():
        right = await asyncio.to_thread(_verify, password_hash or _nobody(), password)
    return right and bool(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")


def wrong_password(password: str, *personal: str) -> Message | None:
    """What is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return Message(N_("Use at least {shortest} characters."), shortest=SHORTEST)
    if len(password) > LONGEST:
        return Message(N_("Use at most {longest} characters."), longest=LONGEST)
    lower = password.casefold()
    known = [word.casefold() for word in personal if len(word) >= SHORTEST_CLUE]
    if any(word in lower for word in known) or is_guessable(password):
        return Message(N_("This is too easy to guess. Use a few unrelated words."))
    return None
