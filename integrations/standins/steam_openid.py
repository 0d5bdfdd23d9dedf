"""A stand-in for Steam's OpenID: signs in whoever is named, and vouches for it once.

GET  /openid/login   checkid_setup: a page with a button for each of `world.people`,
                     or straight back when `?as=` or `world.always` names one
POST /openid/login   check_authentication: true for an unchanged assertion, once

Shapes: OpenID Authentication 2.0 and a recorded callback; the texts of nonces
and signatures are invented. Faults befall check_authentication.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from litestar import Litestar, Request, Response, get, post

from app.kernel import clock
from integrations.standins.control import control
from integrations.standins.misbehaving import FAULTS, Misbehaving, respond

PATH = "/openid/login"
NS = "http://specs.openid.net/auth/2.0"
SIGNED = "signed,op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle"
YES = f"ns:{NS}\nis_valid:true\n".encode()
NO = f"ns:{NS}\nis_valid:false\n".encode()

_Request = Request[Any, Any, Any]


class Always(msgspec.Struct):
    """Whom to sign in without asking; nobody when empty."""

    steam_id: str = ""


class World(Misbehaving):
    """Who can sign in, and what was vouched for. `asked` are the forms we were sent,
    `cookies` what came with them."""

    KINDS: ClassVar[Mapping[str, tuple[int, bytes] | None]] = {
        **FAULTS,
        "invalid": (200, NO),
        "no_ns": (200, b"is_valid:true\n"),
        "other_ns": (200, b"ns:http://openid.net/signon/1.1\nis_valid:true\n"),
        "yes_500": (500, YES),
        "yes_302": (302, YES),
        "yes_in_html": (200, b"<html>\n" + YES + b"</html>\n"),
        "yes_and_no": (200, YES + b"is_valid:false\n"),
        "yes_somewhere": (200, f"ns:{NS}\nerror:is_valid:true\n".encode()),
    }

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        super().__init__(now)
        self.people: list[str] = ["76561197960435530"]
        self.always = ""
        self.asked: list[dict[str, str]] = []
        self.cookies: list[str] = []
        self._secret = secrets.token_bytes(20)
        self._vouched: set[str] = set()

    def assertion(self, endpoint: str, return_to: str, steam_id: str) -> dict[str, str]:
        """A signed answer to checkid_setup, as the query of the way back."""
        who = f"{endpoint.removesuffix('/login')}/id/{steam_id}"
        said = {
            "ns": NS,
            "mode": "id_res",
            "op_endpoint": endpoint,
            "claimed_id": who,
            "identity": who,
            "return_to": return_to,
            "response_nonce": f"{self._now():%Y-%m-%dT%H:%M:%SZ}{secrets.token_hex(17)}",
            "assoc_handle": "1234567890",
            "signed": SIGNED,
        }
        said["sig"] = self._signature(said)
        return {f"openid.{name}": value for name, value in said.items()}

    def check(self, form: Mapping[str, str]) -> bytes:
        """Whether we said this, unchanged and for the first time."""
        said = {name.removeprefix("openid."): value for name, value in form.items()}
        self.asked.append(dict(form))
        nonce = said.get("response_nonce", "")
        right = hmac.compare_digest(said.get("sig", "").encode(), self._signature(said).encode())
        if not right or nonce in self._vouched or said.get("mode") != "check_authentication":
            return NO
        self._vouched.add(nonce)
        return YES

    def _signature(self, said: Mapping[str, str]) -> str:
        signed = said.get("signed", "").split(",")
        text = "".join(f"{name}:{said.get(name, '')}\n" for name in signed)
        return base64.b64encode(hmac.digest(self._secret, text.encode(), hashlib.sha1)).decode()


def application(world: World) -> Litestar:
    """The stand-in as an ASGI application; who signs in is in `world`."""

    @get(PATH)
    async def login(request: _Request) -> Response[bytes]:
        asked = dict(request.query_params)
        who = asked.pop("as", "") or world.always
        world.calls["login"] += not who
        return _back(world, request, asked, who) if who else respond(200, _page(world, asked))

    @post(PATH)
    async def check(request: _Request) -> Response[bytes]:
        form = {name: str(value) for name, value in (await request.form()).items()}
        world.cookies.append(request.headers.get("cookie", ""))
        answer = await world.answer("/check_authentication", lambda: (200, world.check(form)))
        if answer.media_type != "text/html":
            answer.media_type = "text/plain;charset=utf-8"
        # Steam's web servers give everybody one.
        answer.set_cookie("browserid", secrets.token_hex(9))
        return answer

    def always(order: Always) -> None:
        world.always = order.steam_id

    return Litestar(
        [login, check, control(world, {"always": (Always, always)})],
        openapi_config=None,
        logging_config=None,
    )


def _back(world: World, request: _Request, asked: dict[str, str], who: str) -> Response[bytes]:
    """Back to whoever asked, with the answer in the query."""
    return_to = asked.get("openid.return_to", "")
    said = {"openid.ns": NS, "openid.mode": "cancel"}
    if who != "cancel":
        endpoint = str(request.base_url).rstrip("/") + PATH
        said = world.assertion(endpoint, return_to, who)
    joint = "&" if "?" in return_to else "?"
    return Response(
        b"", status_code=302, headers={"location": f"{return_to}{joint}{urlencode(said)}"}
    )


def _page(world: World, asked: dict[str, str]) -> bytes:
    """The page that asks: a button for each person, and one to turn back."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
    )
    buttons = "".join(
        f'<p><button name="as" value="{escape(who)}">Sign in as {escape(who)}</button></p>'
        for who in world.people
    )
    return (
        '<!doctype html><html lang="en"><link rel="icon" href="data:,">'
        "<title>Stand-in Steam</title>"
        f'<h1>Stand-in Steam</h1><form action="{PATH}">{hidden}{buttons}'
        '<p><button name="as" value="cancel">Cancel</button></p></form></html>'
    ).encode()
