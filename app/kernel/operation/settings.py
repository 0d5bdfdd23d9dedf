"""Every setting, read once from the environment.

A name `BAIGE_X` may also be given as `BAIGE_X_FILE`, the path of a file that
holds the value (the way secrets are mounted by container platforms).
"""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from app.kernel.http.networks import Networks


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator can choose; the README's table explains each.

    `poll_seconds` is the shortest pause between two polls of one league, and
    `drain_seconds` how long everybody is still served after SIGTERM, in seconds. `url`
    is the address people type, without a trailing slash; when it starts with https,
    cookies are Secure and `__Host-` prefixed. `lan` names the networks whose visitors are
    not limited for being many; see `Networks.named`.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("var")
    database_url: str = ""
    redis_url: str = ""
    url: str = ""
    opendota_url: str = "https://api.opendota.com/api"
    opendota_key: str = ""
    steam_url: str = "https://api.steampowered.com"
    steam_key: str = ""
    steam_openid_url: str = "https://steamcommunity.com/openid/login"
    faceit_url: str = "https://open.faceit.com/data/v4"
    faceit_key: str = ""
    faceit_webhook_header: str = "X-Baige-Secret"
    faceit_webhook_secret: str = ""
    poll_seconds: float = 60.0
    drain_seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 3.0
    log_level: str = "info"
    lan: str = ""

    @property
    def database(self) -> str:
        """The database address: SQLite under the data folder unless one is given."""
        return self.database_url or f"sqlite:///{self.data_dir / 'baige.db'}"

    @property
    def public_url(self) -> str:
        return (self.url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def local_networks(self) -> Networks:
        return Networks.named(self.lan)

    @property
    def is_public(self) -> bool:
        """Whether others than this machine can reach the site, as far as settings tell."""
        named = urlsplit(self.url).hostname
        return not all(_is_loopback(host) for host in (self.host, named) if host)

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; a bad value names the variable that holds it."""
    given = {
        field: value
        for field in Settings.__struct_fields__
        if (value := _value(environ, f"BAIGE_{field.upper()}")) is not None
    }
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_decode)
        Networks.named(settings.lan)
    except msgspec.ValidationError as error:
        raise SystemExit(f"baige: a setting is wrong: {_named(str(error))}") from None
    except ValueError as error:
        raise SystemExit(f"baige: a setting is wrong: BAIGE_LAN: {error}") from None
    return settings


def _named(error: str) -> str:
    """msgspec's words, with the variable instead of the field: `$.port` is BAIGE_PORT."""
    return re.sub(r"`\$\.(\w+)`", lambda found: f"BAIGE_{found[1].upper()}", error)


def _value(environ: Mapping[str, str], name: str) -> str | None:
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SystemExit(f"baige: {name}_FILE cannot be read: {error}") from None
    return environ.get(name) or None


def _decode(kind: type, value: object) -> object:
    return Path(str(value)) if kind is Path else value
