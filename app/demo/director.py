"""Makes the demo world, then keeps its live cup being played.

Everything goes through the same commands as real life; only the games come
from a stand-in OpenDota, which the director tells what to publish.
"""

import asyncio
import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from app.accounts.passwords import hash_password
from app.accounts.sessions import Viewer
from app.accounts.signing import make_organiser, sign_up
from app.accounts.tables import Account
from app.demo.names import CLANS
from app.demo.people import CAPTAIN, ORGANISER, demo_clans, ready_matches, viewer_of
from app.kernel import clock
from app.kernel.db import Database, Row
from clans.founding import ClanData, found_clan
from clans.membership import invite, join
from clans.rosters import Choice, save_roster
from clans.steam_ids import BASE
from clans.tables import Clan
from integrations.standins.opendota import Game, World
from tournaments import draw, registration, setup
from tournaments.captains import confirm_report, report_score
from tournaments.plans import StageForm
from tournaments.recording import record
from tournaments.reports import GameReport, ReportedSide, Told
from tournaments.tables import Entrant, LineUpPlayer, Report, Tournament

log = structlog.get_logger()

ZONE = "Asia/Almaty"
LEAGUE = 16_900
LAST_EDITION = 20
GAME_PAUSE = 4.0
EDITION_PAUSE = 45.0
EPOCH = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))


class Director:
    """Seeds the demo world, then keeps its live cup being played."""

    def __init__(self, db: Database, world: World) -> None:
        self._db = db
        self._world = world
        # Only the look of invented games hangs on it.
        self._chance = random.Random()  # noqa: S311
        self._viewers: dict[int, Viewer] = {}
        # Games that are out and may not have been counted yet.
        self._out: set[tuple[int, int]] = set()

    # -- making the world --------------------------------------------------

    async def make_world(self, password: str) -> None:
        """Fill an empty database."""
        now = clock.now()
        hashed = await hash_password(password)
        organiser = await self._person(ORGANISER, hashed, "demo.organiser", now=now)
        async with self._db.transaction() as tx:
            await make_organiser(tx, ORGANISER, now=now)
        clans = [
            await self._clan(index, hashed, now=now - timedelta(days=90 - index))
            for index in range(len(CLANS))
        ]
        await self._finished_cup(organiser, clans[:8], now=now - timedelta(days=6))
        await self._open_cup(organiser, clans[:9], now=now)
        await self._live_cup(organiser, clans, 1, now=now)

    async def _person(self, email: str, hashed: str, nickname: str, *, now: datetime) -> Viewer:
        async with self._db.transaction() as tx:
            account = await sign_up(tx, email, hashed, nickname, "kk", now=now)
        return await viewer_of(account)

    async def _clan(self, index: int, hashed: str, *, now: datetime) -> Row:
        name, tag, nicknames = CLANS[index]
        players = []
        for number, nickname in enumerate(nicknames.split()):
            email = CAPTAIN if index == number == 0 else f"p{index}.{number}@demo.example"
            players.append(await self._person(email, hashed, nickname, now=now))
        owner = players[0]
        async with self._db.transaction() as tx:
            data = ClanData(name, tag, "dota2", ["kk", "ru"], "")
            clan = await found_clan(tx, owner, data, now=now)
            token = await invite(tx, owner, clan["id"], now=now)
            for player in players[1:]:
                await join(tx, player, token, now=now)
            choices = [
                Choice(player.player, True, str(BASE + 340_000_000 + index * 100 + number))
                for number, player in enumerate(players)
            ]
            await save_roster(tx, owner, clan["id"], "dota2", choices, now=now)
        self._viewers[clan["id"]] = owner
        return {"id": clan["id"], "players": [player.player for player in players]}

    async def _cup(
        self, organiser: Viewer, data: setup.TournamentData, clans: list[Row], *, now: datetime
    ) -> int:
        async with self._db.transaction() as tx:
            row = await setup.create_tournament(tx, organiser, data, now=now)
            await setup.publish(tx, organiser, row["id"], now=now)
            for clan in clans:
                await registration.register(
                    tx,
                    await self._owner(clan["id"]),
                    row["id"],
                    clan["id"],
                    clan["players"],
                    now=now,
                )
        return int(row["id"])

    async def _start(self, organiser: Viewer, tournament: int, *, now: datetime) -> None:
        async with self._db.transaction() as tx:
            await setup.close_registration(tx, organiser, tournament, now=now)
            await draw.start(tx, organiser, tournament, now=now)

    async def _finished_cup(self, organiser: Viewer, clans: list[Row], *, now: datetime) -> None:
        about = "Қыркүйек айындағы сынақ кубогы."
        data = _cup_data("Көктем Бәйгесі 2026", 8, "", now, about=about, third_place=True)
        tournament = await self._cup(organiser, data, clans, now=now)
        await self._start(organiser, tournament, now=now)
        while ready := await ready_matches(tournament):
            now += timedelta(minutes=50)
            for number, match in enumerate(ready):
                if number == 1:
                    await self._agree(match, now=now)
                else:
                    await self._record(tournament, match, now=now)

    async def _agree(self, match: Row, *, now: datetime) -> None:
        """Both captains say the same."""
        wins = match["best_of"] // 2 + 1
        entrants = await Entrant.select(Entrant.id, Entrant.clan).where(
            Entrant.id.is_in([match["entrant_a"], match["entrant_b"]])
        )
        clans = {row["id"]: row["clan"] for row in entrants}
        first = await self._owner(clans[match["entrant_a"]])
        second = await self._owner(clans[match["entrant_b"]])
        async with self._db.transaction() as tx:
            await report_score(tx, first, match["id"], (str(wins), "0"), now=now)
            report = await Report.select(Report.id).where(Report.match == match["id"]).first()
            if report:
                await confirm_report(
                    tx, second, match["id"], report["id"], now=now + timedelta(minutes=3)
                )

    async def _record(self, tournament: int, match: Row, *, now: datetime) -> None:
        game = await self._game(match, now=now)
        report = GameReport(
            source="opendota",
            external_id=str(game.match_id),
            game="dota2",
            started_at=game.started_at,
            duration=game.duration,
            sides=(
                ReportedSide(steam_ids=game.radiant, score=self._chance.randint(18, 40)),
                ReportedSide(steam_ids=game.dire, score=self._chance.randint(8, 30)),
            ),
            winner=0 if game.radiant_win else 1,
            humans=10,
            organised=True,
        )
        async with self._db.transaction() as tx:
            await record(tx, tournament, Told(games=(report,)), now=now)

    async def _open_cup(self, organiser: Viewer, clans: list[Row], *, now: datetime) -> None:
        about = "Тіркелу ашық. Регистрация открыта. Registration is open."
        data = _cup_data(
            "Қысқы Бәйге 2026", 32, "", now + timedelta(days=9), about=about, best_of="3"
        )
        await self._cup(organiser, data, clans, now=now)

    async def _live_cup(
        self, organiser: Viewer, clans: list[Row], edition: int, *, now: datetime
    ) -> None:
        league = str(LEAGUE + edition)
        data = _cup_data(f"Күзгі Бәйге {edition}", 16, league, now, third_place=True)
        tournament = await self._cup(organiser, data, clans, now=now)
        await self._start(organiser, tournament, now=now)

    # -- playing -----------------------------------------------------------

    async def play_for_ever(self, address: str) -> None:  # noqa: ARG002
        """Let games end every few seconds; when a cup is over, begin another."""
        while True:
            await asyncio.sleep(GAME_PAUSE)
            try:
                await self._play_one()
            except Exception:
                log.exception("the demo stumbled")

    async def _play_one(self) -> None:
        live = await (
            Tournament.select()
            .where((Tournament.state == "running") & Tournament.league_id.is_not_null())
            .order_by(Tournament.id)
            .first()
        )
        if live is None:
            await self._next_edition()
            return
        waiting = [
            match for match in await ready_matches(live["id"]) if _turn(match) not in self._out
        ]
        if waiting:
            match = self._chance.choice(waiting)
            self._out.add(_turn(match))
            game = await self._game(match, now=clock.now())
            game.league_id = int(live["league_id"])
            game.late_polls = 1
            self._world.publish(game)

    async def _next_edition(self) -> None:
        edition = 1 + await Tournament.count().where(Tournament.league_id.is_not_null())
        if edition > LAST_EDITION:
            return
        await asyncio.sleep(EDITION_PAUSE)
        account = await Account.select(Account.id).where(Account.email == ORGANISER).first()
        if account is None:
            return
        clans = await demo_clans()
        await self._live_cup(await viewer_of(account["id"]), clans, edition, now=clock.now())

    async def _game(self, match: Row, *, now: datetime) -> Game:
        """An invented game between the match's line-ups; the better seed wins more often."""
        line_ups = [
            await LineUpPlayer.select(LineUpPlayer.steam_id).where(LineUpPlayer.entrant == entrant)
            for entrant in (match["entrant_a"], match["entrant_b"])
        ]
        sides = [tuple(player["steam_id"] for player in players[:5]) for players in line_ups]
        a_is_radiant, a_wins = self._chance.random() < 0.5, self._chance.random() < 0.6
        return Game(
            match_id=7_400_000_000
            + int((clock.now() - EPOCH).total_seconds() * 10) % 900_000_000
            + self._chance.randint(0, 9),
            radiant=sides[0] if a_is_radiant else sides[1],
            dire=sides[1] if a_is_radiant else sides[0],
            radiant_win=a_wins == a_is_radiant,
            started_at=now,
            duration=self._chance.randint(1_500, 3_100),
        )

    async def _owner(self, clan: int) -> Viewer:
        if clan not in self._viewers:
            row = await Clan.raw(
                "SELECT account.id FROM account JOIN member ON member.player = account.player "
                "WHERE member.clan = {} AND member.role = 'owner' AND member.left_at IS NULL",
                clan,
            )
            self._viewers[clan] = await viewer_of(row[0]["id"])
        return self._viewers[clan]


def _turn(match: Row) -> tuple[int, int]:
    """Which game of which match is next."""
    return match["id"], (match["score_a"] or 0) + (match["score_b"] or 0)


def _cup_data(
    name: str,
    size: int,
    league: str,
    now: datetime,
    *,
    about: str = "",
    best_of: str = "1",
    third_place: bool = False,
) -> setup.TournamentData:
    starts_at = (now + timedelta(minutes=10)).astimezone(ZoneInfo(ZONE))
    return setup.TournamentData(
        name=name,
        game="dota2",
        size_limit=str(size),
        stages=(StageForm(best_of=best_of, final_best_of="3", third_place=third_place),),
        starts_at=starts_at.strftime("%Y-%m-%dT%H:%M"),
        timezone=ZONE,
        league_id=league,
        about=about,
    )
