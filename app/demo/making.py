"""Makes the demo world through the same commands as real life."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from app.accounts.passwords import hash_password
from app.accounts.sessions import Viewer
from app.accounts.signing import make_operator, make_organiser, sign_up
from app.demo.names import CLANS
from app.demo.people import CAPTAIN, ORGANISER, PLAYER, owner_of, ready_matches, viewer_of
from app.kernel import clock
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Database, Row
from app.kernel.db.tables import OutboxEntry
from app.kernel.errors import UserError
from clans.founding import ClanData, found_clan
from clans.games import GAMES
from clans.membership import invite, join
from clans.rosters import Choice, save_roster
from clans.steam_ids import BASE
from tournaments import draw, registration, setup
from tournaments.captains import confirm_report, report_score
from tournaments.plans import StageForm
from tournaments.recording import record
from tournaments.reports import GameReport, ReportedSide, Told
from tournaments.tables import Entrant, LineUpPlayer, Report, Tournament

log = structlog.get_logger()

ZONE = "Asia/Almaty"
LEAGUE = 16_900
MOST_EDITIONS = 99
SERVER_CUP = "dala-kubogy"
# One account for each language; everybody else speaks Kazakh.
LANGUAGES = {ORGANISER: "en", CAPTAIN: "ru", PLAYER: "kk"}


class Maker:
    """Fills an empty database, and holds further cups in it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def make_world(self, password: str) -> None:
        """Everybody, a finished cup, an open one, and two that are being played."""
        now = clock.now()
        hashed = await hash_password(password)
        organiser = await self._person(ORGANISER, hashed, "demo.organiser", now=now)
        async with self._db.transaction() as tx:
            await make_organiser(tx, ORGANISER, now=now)
            await make_operator(tx, ORGANISER, now=now)
        organiser = await viewer_of(organiser.account)
        clans = [
            await self._clan(index, hashed, now=now - timedelta(days=90 - index))
            for index in range(len(CLANS))
        ]
        await self._finished_cup(organiser, clans[:8], now=now - timedelta(days=6))
        await self._open_cup(organiser, clans[:9], now=now)
        await self.dota_cup(organiser, clans, 1, now=now)
        await self.server_cup(organiser, clans, 1, now=now)
        # What all that promised waits from now on, not since the days it is set in.
        await OutboxEntry.update({OutboxEntry.at: clock.now()}).where(OutboxEntry.tries == 0)

    async def dota_cup(
        self, organiser: Viewer, clans: list[Row], edition: int, *, now: datetime
    ) -> None:
        """A started Dota 2 cup whose league the stand-in OpenDota knows."""
        stage = StageForm(best_of="1", final_best_of="3", third_place=True)
        data = _data(f"Күзгі Бәйге {edition}", stage, now, league=str(LEAGUE + edition))
        await self._started(organiser, await self._cup(organiser, data, clans, now=now), now=now)

    async def server_cup(
        self, organiser: Viewer, clans: list[Row], edition: int, *, now: datetime
    ) -> None:
        """A started Counter-Strike 2 cup, Swiss by Valve's rules, on game servers."""
        stage = StageForm(format="swiss_limits", limits="3-3", rules="valve-2024")
        data = _data(f"Дала Кубогы {edition}", stage, now, game="cs2")
        await self._started(organiser, await self._cup(organiser, data, clans, now=now), now=now)

    # -- people and clans --------------------------------------------------

    async def _person(self, email: str, hashed: str, nickname: str, *, now: datetime) -> Viewer:
        language = LANGUAGES.get(email, "kk")
        async with self._db.transaction() as tx:
            account = await sign_up(tx, email, hashed, nickname, language, now=now)
        return await viewer_of(account)

    async def _clan(self, index: int, hashed: str, *, now: datetime) -> Row:
        name, tag, nicknames = CLANS[index]
        players = [
            await self._person(_email(index, number), hashed, nickname, now=now)
            for number, nickname in enumerate(nicknames.split())
        ]
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
            for game in GAMES:
                await save_roster(tx, owner, clan["id"], game, choices, now=now)
        return {"id": clan["id"], "players": [player.player for player in players]}

    # -- cups --------------------------------------------------------------

    async def _cup(
        self, organiser: Viewer, data: setup.TournamentData, clans: list[Row], *, now: datetime
    ) -> int:
        async with self._db.transaction() as tx:
            row = await setup.create_tournament(tx, organiser, data, now=now)
            await setup.publish(tx, organiser, row["id"], now=now)
        for clan in clans:
            try:
                await self._register(row["id"], clan, now=now)
            except (UserError, LookupError) as error:
                # People have changed its roster, or taken it over: the others play.
                log.info("a demo clan takes no part", clan=clan["id"], why=repr(error)[:200])
        return int(row["id"])

    async def _register(self, tournament: int, clan: Row, *, now: datetime) -> None:
        async with self._db.transaction() as tx:
            owner = await owner_of(clan["id"])
            await registration.register(tx, owner, tournament, clan["id"], clan["players"], now=now)

    async def _started(self, organiser: Viewer, tournament: int, *, now: datetime) -> None:
        async with self._db.transaction() as tx:
            await setup.close_registration(tx, organiser, tournament, now=now)
            await draw.start(tx, organiser, tournament, now=now)
        # Nobody can plan a start in the past; this one is now.
        await Tournament.update({Tournament.starts_at: now}).where(Tournament.id == tournament)

    async def _finished_cup(self, organiser: Viewer, clans: list[Row], *, now: datetime) -> None:
        stage = StageForm(best_of="1", final_best_of="3", third_place=True)
        about = "Қыркүйек айындағы сынақ кубогы."
        data = _data("Көктем Бәйгесі 2026", stage, now, size=8, about=about)
        tournament = await self._cup(organiser, data, clans, now=now)
        await self._started(organiser, tournament, now=now)
        while ready := await ready_matches(tournament):
            now += timedelta(minutes=50)
            for number, match in enumerate(ready):
                if number == 1:
                    await self._agree(match, now=now)
                else:
                    await self._play(tournament, match, now=now)

    async def _open_cup(self, organiser: Viewer, clans: list[Row], *, now: datetime) -> None:
        stage = StageForm(best_of="3", final_best_of="3")
        about = "Тіркелу ашық. Регистрация открыта. Registration is open."
        data = _data("Қысқы Бәйге 2026", stage, now + timedelta(days=9), size=32, about=about)
        await self._cup(organiser, data, clans, now=now)

    async def _agree(self, match: Row, *, now: datetime) -> None:
        """Both captains say the same."""
        wins = match["best_of"] // 2 + 1
        entrants = await Entrant.select(Entrant.id, Entrant.clan).where(
            one_of(Entrant.id, [match["entrant_a"], match["entrant_b"]])
        )
        clans = {row["id"]: row["clan"] for row in entrants}
        first, second = [await owner_of(clans[match[side]]) for side in ("entrant_a", "entrant_b")]
        async with self._db.transaction() as tx:
            await report_score(tx, first, match["id"], (str(wins), "0"), now=now)
            report = await Report.select(Report.id).where(Report.match == match["id"]).first()
            if report:
                later = now + timedelta(minutes=3)
                await confirm_report(tx, second, match["id"], report["id"], now=later)

    async def _play(self, tournament: int, match: Row, *, now: datetime) -> None:
        """A game of long ago, as OpenDota told it."""
        number = match["id"] * 10 + (match["score_a"] or 0) + (match["score_b"] or 0)
        report = GameReport(
            source="opendota",
            external_id=str(7_300_000_000 + number),
            game="dota2",
            started_at=now,
            duration=1_500 + number * 97 % 1_600,
            sides=(
                ReportedSide(steam_ids=await _steam_ids(match["entrant_a"]), score=31),
                ReportedSide(steam_ids=await _steam_ids(match["entrant_b"]), score=19),
            ),
            winner=int(number % 5 < 2),
            humans=10,
        )
        async with self._db.transaction() as tx:
            await record(tx, tournament, Told(games=(report,)), now=now)


def is_demo_cup(row: Row) -> bool:
    """Whether it is one of those that the director holds, by its league or its slug's head."""
    if row["game"] == "dota2":
        league = str(row["league_id"] or "")
        return league.isdecimal() and LEAGUE < int(league) <= LEAGUE + MOST_EDITIONS
    return bool(row["slug"].startswith(SERVER_CUP))


def _email(clan: int, number: int) -> str:
    known = {(0, 0): CAPTAIN, (0, 1): PLAYER}
    return known.get((clan, number), f"p{clan}.{number}@demo.example")


async def _steam_ids(entrant: int) -> tuple[str, ...]:
    rows = await LineUpPlayer.select(LineUpPlayer.steam_id).where(LineUpPlayer.entrant == entrant)
    return tuple(row["steam_id"] for row in rows)


def _data(
    name: str,
    stage: StageForm,
    now: datetime,
    *,
    game: str = "dota2",
    size: int = 16,
    league: str = "",
    about: str = "",
) -> setup.TournamentData:
    starts_at = (now + timedelta(minutes=10)).astimezone(ZoneInfo(ZONE))
    return setup.TournamentData(
        name=name,
        game=game,
        size_limit=str(size),
        stages=(stage,),
        starts_at=starts_at.strftime("%Y-%m-%dT%H:%M"),
        timezone=ZONE,
        league_id=league,
        about=about,
    )
