"""Keeps the demo's cups being played: games at OpenDota, matches on game servers."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from app.accounts.tables import Account
from app.demo.game_servers import GameServers
from app.demo.making import Maker, is_demo_cup
from app.demo.people import ORGANISER, demo_clans, ready_matches, viewer_of
from app.kernel import clock
from app.kernel.db.database import Database, Row
from integrations.standins.dota_games import Game
from integrations.standins.together import StandIns
from tournaments.tables import LineUpPlayer, Tournament

log = structlog.get_logger()

Play = Callable[[Row], Awaitable[bool]]
"""Whether there was anything to play."""

LAST_EDITION = 12
GAME_PAUSE = 4.0
EDITION_PAUSE = 300.0
# After so many pauses without anything to play the next cup begins beside this one.
PATIENCE = 75
EPOCH = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))


class Director:
    """Plays on for ever; when a cup is over, another one begins after a while."""

    def __init__(self, db: Database, stand_ins: StandIns) -> None:
        self._stand_ins = stand_ins
        self._maker = Maker(db)
        # Only the look of invented games hangs on it.
        self._chance = random.Random()  # noqa: S311
        # Ids only rise, also over restarts: two games with one id would be one game.
        self._last_id = 7_400_000_000
        # Games that are out and may not have been counted yet.
        self._out: set[tuple[int, int]] = set()

    async def play_for_ever(self, address: str) -> None:
        """`address` is where game servers reach this house."""
        async with GameServers(address) as servers:
            await asyncio.gather(
                self._for_ever("dota2", self._publish_one),
                self._for_ever("cs2", servers.keep_playing),
            )

    async def _for_ever(self, game: str, play: Play) -> None:
        idle, said = 0, ""
        while True:
            await asyncio.sleep(GAME_PAUSE)
            try:
                live = await self._live(game)
                if live is None or idle > PATIENCE:
                    # Over, called off, or left to people who do not go on with it.
                    await self._next_edition(game)
                    idle = 0
                else:
                    idle = 0 if await play(live) else idle + 1
                said = ""
            except Exception as error:
                # Once, and not every few seconds for as long as it lasts.
                if said != (said := repr(error)):
                    log.exception("the demo stumbled")

    async def _publish_one(self, cup: Row) -> bool:
        """One game of a Dota 2 cup has ended, if there is one to play."""
        ready = await ready_matches(cup["id"])
        waiting = [match for match in ready if _turn(match) not in self._out]
        if not waiting:
            return False
        match = self._chance.choice(waiting)
        self._out.add(_turn(match))
        self._stand_ins.publish(await self._game(match, int(cup["league_id"])))
        return True

    async def _live(self, game: str) -> Row | None:
        """The latest of our cups, while it is being played."""
        latest = (await _ours(game))[-1:]
        return next((row for row in latest if row["state"] == "running"), None)

    async def _next_edition(self, game: str) -> None:
        edition = 1 + len(await _ours(game))
        account = await Account.select(Account.id).where(Account.email == ORGANISER).first()
        if edition > LAST_EDITION or account is None:
            return
        await asyncio.sleep(EDITION_PAUSE)
        hold = self._maker.dota_cup if game == "dota2" else self._maker.server_cup
        organiser = await viewer_of(account["id"])
        await hold(organiser, await demo_clans(), edition, now=clock.now())

    def _next_id(self) -> int:
        tenths = int((clock.now() - EPOCH).total_seconds() * 10)
        self._last_id = max(self._last_id + 1, 7_400_000_000 + tenths % 900_000_000)
        return self._last_id

    async def _game(self, match: Row, league: int) -> Game:
        """An invented game between the match's line-ups; the better seed wins more often."""
        line_ups = [
            await LineUpPlayer.select(LineUpPlayer.steam_id).where(LineUpPlayer.entrant == entrant)
            for entrant in (match["entrant_a"], match["entrant_b"])
        ]
        sides = [tuple(player["steam_id"] for player in players[:5]) for players in line_ups]
        a_is_radiant, a_wins = self._chance.random() < 0.5, self._chance.random() < 0.6
        return Game(
            match_id=self._next_id(),
            radiant=sides[0] if a_is_radiant else sides[1],
            dire=sides[1] if a_is_radiant else sides[0],
            radiant_win=a_wins == a_is_radiant,
            started_at=clock.now(),
            duration=self._chance.randint(1_500, 3_100),
            league_id=league,
            late_polls=1,
        )


async def _ours(game: str) -> list[Row]:
    """The demo's own cups of a game, the oldest first, whatever became of them: people may
    hold others, with a league or without."""
    account = await Account.select(Account.id).where(Account.email == ORGANISER).first()
    if account is None:
        return []
    rows = await (
        Tournament.select()
        .where((Tournament.organiser == account["id"]) & (Tournament.game == game))
        .order_by(Tournament.id)
    )
    return [row for row in rows if is_demo_cup(row)]


def _turn(match: Row) -> tuple[int, int]:
    """Which game of which match is next."""
    return match["id"], (match["score_a"] or 0) + (match["score_b"] or 0)
