"""Sixty-four matches' players: they play what is ready, each cup in its own place."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import httpx

from integrations.standins.dota_games import Game
from integrations.standins.faceit import Match as Played
from integrations.standins.faceit import Team, Webhook, match_id, send
from integrations.standins.game_server import Faults, GameServer
from integrations.standins.game_server_events import Outcome
from integrations.standins.together import WEBHOOK_SECRET, StandIns
from tests.factories import Cup
from tournaments.tables import Match

LONGEST, SHORTEST = 50, 25


class Players:
    """`truth` says which side won each match, as it really was."""

    def __init__(self, day: Any, stand_ins: StandIns, site: str, chance: random.Random) -> None:
        self.truth: dict[int, int] = {}
        self._day = day
        self._stand_ins = stand_ins
        self._site = site
        self._chance = chance
        self._until: dict[int, Any] = {}
        self._ids = iter(range(8_100_000_001, 8_200_000_000))

    async def play(self, cup: Cup, place: str) -> None:
        """Begin what has become ready, and end what has been played long enough."""
        for match in await cup.matches():
            if match["state"] != "ready" or match["id"] in self.truth:
                continue
            ends = self._until.setdefault(
                match["id"],
                self._day.now + timedelta(minutes=self._chance.randint(SHORTEST, LONGEST)),
            )
            if self._day.now >= ends:
                self.truth[match["id"]] = self._chance.choice([0, 1])
                await getattr(self, f"_end_at_{place}")(cup, match)

    async def _end_at_opendota(self, cup: Cup, match: dict[str, Any]) -> None:
        sides = await self._sides(cup, match)
        a_is_radiant = self._chance.random() < 0.5
        self._stand_ins.publish(
            Game(
                match_id=next(self._ids),
                radiant=sides[0] if a_is_radiant else sides[1],
                dire=sides[1] if a_is_radiant else sides[0],
                radiant_win=(self.truth[match["id"]] == 0) == a_is_radiant,
                started_at=self._day.now - timedelta(minutes=SHORTEST),
                available_at=self._day.now + timedelta(minutes=self._chance.randint(1, 9)),
                league_id=77,
            )
        )

    async def _end_at_faceit(self, cup: Cup, match: dict[str, Any]) -> None:
        first, second = await self._sides(cup, match)
        won = self.truth[match["id"]]
        played = Played(
            match_id=match_id(str(match["id"])),
            competition=cup.championship,
            first=Team(name="a", steam_ids=first),
            second=Team(name="b", steam_ids=second),
            winner=won,
            finished_at=self._day.now,
            maps=(("de_nuke", 13, 8) if won == 0 else ("de_nuke", 9, 13),),
            rounds_as_score=self._chance.random() < 0.5,
            late_stats=self._chance.randint(0, 2),
        )
        self._stand_ins.faceit.publish(played)
        # A third of the webhooks is lost, a third comes twice.
        for _ in range(self._chance.randint(0, 2)):
            url = f"{self._site}/webhooks/faceit"
            await send(Webhook(url=url, secret=WEBHOOK_SECRET, match_id=played.match_id), played)

    async def _end_at_server(self, cup: Cup, match: dict[str, Any]) -> None:
        await cup.link(match["id"], now=self._day.now)
        line = await cup.line(self._site, match["id"])
        won = self.truth[match["id"]]
        lost = self._chance.sample(["series_end", "going_live", "series_start"], 2)
        faults = Faults(lost=tuple(lost), twice=self._chance.random() < 0.5, together=True)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            server = GameServer(http)
            assert await server.type(line), server.log
            score = (13, 7) if won == 0 else (5, 13)
            await server.play(Outcome(maps=(score,), seed=match["id"]), faults)

    async def _sides(self, cup: Cup, match: dict[str, Any]) -> list[tuple[str, ...]]:
        return [cup.line_ups[match[side]] for side in ("entrant_a", "entrant_b")]


async def decided(cup: Cup) -> int:
    return await Match.count().where(
        (Match.stage.tournament == cup.id) & (Match.state == "decided")
    )


async def a_moment() -> None:
    await asyncio.sleep(0)
