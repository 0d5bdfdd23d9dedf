"""All stand-ins at once, on loopback: for the demo, for tests, and for who develops.

Dota 2 games are known to OpenDota and Steam alike; game servers are not here, for
they call us (see `game_server`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from app.kernel import clock
from app.kernel.operation.settings import Settings
from integrations.standins import faceit, opendota, steam, steam_openid, steam_world
from integrations.standins.dota_games import Game
from integrations.standins.misbehaving import Misbehaving
from integrations.standins.serving import Running, WhenAsked, serve

# Keys that only these stand-ins take; they open nothing anywhere else.
OPENDOTA_KEY = "00000000-0000-4000-8000-000000000000"
FACEIT_KEY = "a-key-of-the-stand-in"
WEBHOOK_SECRET = "a-secret-of-the-stand-in"  # noqa: S105


class StandIns:
    """The worlds of all providers, by `now`; `ports` fixes where each is served (0: any)."""

    def __init__(
        self, now: Callable[[], datetime] = clock.now, ports: tuple[int, ...] = ()
    ) -> None:
        self.opendota = opendota.World(now)
        self.steam = steam_world.World(now, self.opendota.games)
        self.steam_openid = steam_openid.World(now)
        self.faceit = faceit.World(now)
        self._ports = ports or (0, 0, 0, 0)

    @property
    def worlds(self) -> dict[str, Misbehaving]:
        """Each world by the name of what it stands in for."""
        return {
            "opendota": self.opendota,
            "steam": self.steam,
            "faceit": self.faceit,
            "steam_openid": self.steam_openid,
        }

    def publish(self, game: Game) -> None:
        """A Dota 2 game: both providers know it."""
        self.opendota.publish(game)

    @asynccontextmanager
    async def served(self, given: Settings) -> AsyncIterator[Settings]:
        """Serve them while the block runs; the settings that ask them.

        An address that is given stays. Steam is asked only with a key, as in life;
        `self.steam.key` is the one that works.
        """
        applications = {
            "opendota": (lambda: opendota.application(self.opendota), opendota.PATH),
            "steam": (lambda: steam.application(self.steam), ""),
            "faceit": (lambda: faceit.application(self.faceit), faceit.PATH),
            "steam_openid": (
                lambda: steam_openid.application(self.steam_openid),
                steam_openid.PATH,
            ),
        }
        served: list[Running] = []
        try:
            urls = {}
            for port, (name, (make, path)) in zip(self._ports, applications.items(), strict=True):
                served.append(await serve(WhenAsked(make), port=port, path=path))
                urls[f"{name}_url"] = served[-1].base_url
            plain = Settings()
            asked = {
                name: url
                for name, url in urls.items()
                if getattr(given, name) == getattr(plain, name)
            }
            yield msgspec.structs.replace(
                given,
                **asked,
                faceit_key=given.faceit_key or FACEIT_KEY,
                faceit_webhook_secret=given.faceit_webhook_secret or WEBHOOK_SECRET,
            )
        finally:
            # Each needs a moment to end: all of them the same one.
            await asyncio.gather(*(each.stop() for each in served))
