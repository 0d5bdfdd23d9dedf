"""OpenID 2.0 to the letter: what we ask of Steam, and each check of what comes back.

Source: OpenID Authentication 2.0, sections 9 to 11. Nothing here waits or
remembers; `steam.verify` puts it together.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from app.kernel.errors import N_, UserError
from app.kernel.operation.settings import Settings

NS = "http://specs.openid.net/auth/2.0"
SELECT = f"{NS}/identifier_select"
CALLBACK = "/sign-in/steam/callback"
# What an answer must have under its signature, and what else it must have.
SIGNED = {
    "signed",
    "op_endpoint",
    "claimed_id",
    "identity",
    "return_to",
    "response_nonce",
    "assoc_handle",
}
NEEDED = SIGNED | {"ns", "mode", "sig"}
MOST_FIELDS = 40
NONCE_AGE = timedelta(minutes=5)
_NONCE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)[!-~]{0,235}")
_LINE = re.compile(r"([a-z_.]+):(.*)")

Fields = dict[str, str]


class Refused(UserError):
    """Not believed. The visitor learns little; `reason` is for the log."""

    status = 403

    def __init__(self, reason: str) -> None:
        super().__init__(N_("Steam did not confirm this sign-in. Please start again."))
        self.reason = reason


class Cancelled(UserError):
    """The visitor turned back at Steam, or Steam could not go on."""

    status = 200


def require(holds: bool, reason: str) -> None:
    if not holds:
        raise Refused(reason)


# -- the way there -----------------------------------------------------------


def return_to(settings: Settings, state: str) -> str:
    """Our own address, from the settings: a Host header can say anything."""
    return f"{settings.public_url}{CALLBACK}?{urlencode({'state': state})}"


def login_address(settings: Settings, state: str) -> str:
    """Where Steam asks the visitor, and sends them back with its answer."""
    asked = {
        "ns": NS,
        "mode": "checkid_setup",
        "return_to": return_to(settings, state),
        "realm": settings.public_url,
        "identity": SELECT,
        "claimed_id": SELECT,
    }
    query = urlencode({f"openid.{name}": value for name, value in asked.items()})
    return f"{settings.steam_openid_url}?{query}"


# -- the way back ------------------------------------------------------------


def read_answer(query: bytes) -> tuple[Fields, str]:
    """The `openid.*` fields of a raw query (each once) and its `state`."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Refused("unreadable") from None
    given = dict(pairs)
    require(len(given) == len(pairs), "a key twice")
    fields = {
        name.removeprefix("openid."): value
        for name, value in given.items()
        if name.startswith("openid.")
    }
    return fields, given.get("state", "")


def check_mode(fields: Fields) -> None:
    require(fields.get("ns") == NS, "ns")
    if fields.get("mode") in ("cancel", "error"):
        raise Cancelled(N_("You turned back at Steam; nothing has changed."))
    require(fields.get("mode") == "id_res", "mode")
    require(all(name in fields for name in NEEDED), "a key is missing")


def check_identity(fields: Fields, endpoint: str) -> str:
    """The SteamID64, when endpoint and identity are Steam's."""
    require(fields["op_endpoint"] == endpoint, "op_endpoint")
    require(fields["claimed_id"] == fields["identity"], "identity")
    found = id_pattern(endpoint).fullmatch(fields["claimed_id"])
    if found is None:
        raise Refused("claimed_id")
    return found[1]


def id_pattern(endpoint: str) -> re.Pattern[str]:
    """What an identity of this provider looks like, to the letter."""
    parts = urlsplit(endpoint)
    return re.compile(
        re.escape(f"{parts.scheme}://{parts.netloc}/openid/id/") + r"(7656119[0-9]{10})"
    )


def check_return(fields: Fields, settings: Settings, state: str, stated: str) -> None:
    """The answer belongs to a journey that this very browser began."""
    require(bool(state), "no journey")
    ours = return_to(settings, state).encode()
    require(hmac.compare_digest(fields["return_to"].encode(), ours), "return_to")
    require(hmac.compare_digest(stated.encode(), state.encode()), "state")


def check_signed(fields: Fields) -> None:
    """What we rely on is under the signature, and nothing is that is not there."""
    signed = fields["signed"].split(",")
    require(set(signed) >= SIGNED, "signed lacks a field")
    require(len(set(signed)) == len(signed) and all(name in fields for name in signed), "signed")


def check_nonce(fields: Fields, now: datetime) -> None:
    found = _NONCE.fullmatch(fields["response_nonce"])
    if found is None:
        raise Refused("response_nonce")
    try:
        said = datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("response_nonce") from None
    require(abs(now - said) <= NONCE_AGE, "response_nonce is not of now")


def confirms(status: int, body: bytes) -> bool:
    """Whether an answer is the provider's yes: lines `key:value` and nothing else."""
    try:
        lines = body.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        return False
    found = [_LINE.fullmatch(line) for line in lines]
    said = {each[1]: each[2] for each in found if each}
    whole = len(said) == len(lines)
    return status == 200 and whole and said.get("ns") == NS and said.get("is_valid") == "true"
