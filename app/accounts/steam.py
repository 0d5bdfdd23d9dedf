"""Steam vouches for a visitor: sign-in by OpenID 2.0, refused unless every check holds.

Steam shares no secret with us, so it is asked about every answer (OpenID
Authentication 2.0, section 11.4.2), at the endpoint of our settings and never
at one the answer names.
"""

from datetime import datetime

import httpx
import msgspec
import redis.asyncio

from app.accounts.once import Once, Unavailable, first_time
from app.accounts.openid import (
    Fields,
    Refused,
    check_identity,
    check_mode,
    check_nonce,
    check_return,
    check_signed,
    confirms,
    read_answer,
    require,
)
from app.kernel.errors import N_
from app.kernel.http.outbound import NoAnswer, fetch
from app.kernel.operation.settings import Settings

SECONDS_AT_STEAM = 15 * 60
SECONDS_TO_SIGN_UP = 10 * 60
ANSWER_SECONDS = 10.0
# Longer than a nonce is young enough, on either side of our clock.
NONCE_KEPT_SECONDS = 15 * 60


class Journey(msgspec.Struct, frozen=True):
    """Why a visitor went to Steam: to get to `next`, or for `account` to be linked."""

    next: str
    account: int | None = None


class Proof(msgspec.Struct, frozen=True):
    """Steam has vouched for a visitor who has no account yet."""

    steam_id: str
    next: str


JOURNEYS = Once(Journey, "steam:journey", seconds=SECONDS_AT_STEAM)
PROOFS = Once(Proof, "steam:proof", seconds=SECONDS_TO_SIGN_UP)


async def ask(http: httpx.AsyncClient, endpoint: str, fields: Fields) -> None:
    """Ask Steam whether it said this; it says yes only once."""
    form = {f"openid.{name}": value for name, value in fields.items()}
    form["openid.mode"] = "check_authentication"
    # A kept connection may be closing just now, and an answer is spent by asking.
    headers = {"accept": "*/*", "connection": "close"}
    try:
        answer = await fetch(http, endpoint, form=form, headers=headers, seconds=ANSWER_SECONDS)
    except NoAnswer:
        raise Unavailable(N_("Steam does not answer just now. Try again in a minute.")) from None
    require(confirms(answer.status, answer.body), f"check_authentication {answer.status}")


async def verify(
    query: bytes,
    state: str,
    settings: Settings,
    client: redis.asyncio.Redis,
    http: httpx.AsyncClient,
    *,
    now: datetime,
) -> tuple[str, Journey]:
    """The Steam id of whoever came back in the browser that holds `state`.

    Raises `Refused`, `Cancelled` or `Unavailable`. What can be seen without
    asking is seen first; nonce and journey are spent before Steam is asked, so
    of two who come at once one is refused.
    """
    fields, stated = read_answer(query)
    check_mode(fields)
    steam_id = check_identity(fields, settings.steam_openid_url)
    check_return(fields, settings, state, stated)
    check_signed(fields)
    check_nonce(fields, now)
    nonce = fields["response_nonce"]
    fresh = await first_time(client, "steam:nonce", nonce, seconds=NONCE_KEPT_SECONDS)
    require(fresh, "response_nonce was used")
    journey = await JOURNEYS.take(client, state)
    if journey is None:
        raise Refused("the journey is over")
    await ask(http, settings.steam_openid_url, fields)
    return steam_id, journey
