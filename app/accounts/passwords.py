"""Passwords: argon2id, never in the event loop.

Parameters follow OWASP ASVS 5.0 appendix C: 19 MiB, two passes, one lane.
"""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.guessing import is_guessable
from app.accounts.turns import Crowded, Turns
from app.kernel.errors import N_, Message, TooOften

Result = TypeVar("Result")

CROWDED = N_("Too many passwords are being checked just now. Wait a few seconds and try again.")

SHORTEST, LONGEST = 10, 200
# A nickname of two letters is in every other password, and gives none away.
SHORTEST_CLUE = 4
# The hash of an account that has no password: nothing matches it.
NONE = ""
# Each hash takes 19 MiB and a core for a moment: no more than two at once.
AT_ONCE = 2
# How many hashes may be under way or waited for, by address, by account and in all.
# One address sends at most four forms at once (kernel.http.in_turn), all of a LAN too.
MOST = {"address": 16, "account": 6}
MOST_IN_ALL = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Asker(NamedTuple):
    """Who wants a password hashed: turns are shared out among addresses and accounts.

    `field` is beside which they are told if too many wait already.
    """

    address: str
    account: str
    field: str = "password"


# A command of the operator's, or a test.
HERE = Asker("here", "here")


def _turns() -> Turns:
    # One for each running loop: none can serve two.
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        _by_loop[loop] = Turns(AT_ONCE, MOST, MOST_IN_ALL)
    return _by_loop[loop]


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


async def hash_password(password: str, asker: Asker = HERE) -> str:
    """The hash to keep; `TooOften` when the asker has too many under way."""
    return await _in_turn(asker, _hasher.hash, password)


async def verify(password_hash: str | None, password: str, asker: Asker = HERE) -> bool:
    """Whether it is the password; `TooOften` as above. Without a hash the same work is done
    for nothing, so that the time taken does not tell whether an account exists or has a
    password."""
    right = await _in_turn(asker, _verify, password_hash or NONE, password)
    return right and bool(password_hash)


async def _in_turn(asker: Asker, work: Callable[..., Result], *given: str) -> Result:
    try:
        return await _turns().take(work, *given, address=asker.address, account=asker.account)
    except Crowded:
        raise TooOften({asker.field: Message(CROWDED)}) from None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _nobody(), password)
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
