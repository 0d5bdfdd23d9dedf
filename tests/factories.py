"""Invented people, clans and cups, made quickly."""

from datetime import datetime, timedelta

import msgspec

from app.accounts.sessions import Viewer
from app.accounts.tables import Account, Player
from app.kernel import clock
from app.kernel.db.database import Database
from clans.steam_ids import BASE
from clans.tables import Clan, Member, Roster, RosterPlayer
from integrations.matchzy.config import console_line
from integrations.matchzy.links import Made, make_link
from integrations.standins.opendota import Game
from tournaments import draw, registration, setup
from tournaments.plans import StageForm
from tournaments.reports import GameReport, ReportedSide
from tournaments.tables import Entrant, Match

STAGE_FIELDS = StageForm.__struct_fields__
SOON = timedelta(hours=2)


async def person(nickname: str, *, organiser: bool = False) -> Viewer:
    now = clock.now()
    player = await Player.insert(
        Player(nickname=nickname, nickname_key=nickname.lower(), created_at=now)
    ).returning(Player.id)
    email = f"{nickname.lower()}@example.com"
    account = await Account.insert(
        Account(
            player=player[0]["id"],
            email=email,
            password_hash="x",
            language="en",
            organiser=organiser,
            created_at=now,
        )
    ).returning(Account.id)
    return Viewer(
        account=account[0]["id"],
        player=player[0]["id"],
        nickname=nickname,
        email=email,
        language="en",
        is_organiser=organiser,
        session=0,
    )


class ClanOf:
    """A clan with its captain and five players who have Steam ids."""

    def __init__(self, id_: int, number: int, captain: Viewer, players: list[int]) -> None:
        self.id = id_
        self.number = number
        self.captain = captain
        self.players = players
        self.steam_ids = steam_ids(number)


def steam_ids(number: int) -> tuple[str, ...]:
    return tuple(str(BASE + 900_000_000 + number * 10 + place) for place in range(5))


async def clan(number: int, game: str = "dota2") -> ClanOf:
    now = clock.now()
    captain = await person(f"captain{number}")
    rows = await Player.insert(
        *(
            Player(nickname=f"p{number}x{place}", nickname_key=f"p{number}x{place}", created_at=now)
            for place in range(1, 5)
        )
    ).returning(Player.id)
    players = [captain.player, *(row["id"] for row in rows)]
    made = await Clan.insert(
        Clan(
            name=f"Clan {number}",
            name_key=f"cian{number}",
            tag=f"C{number}",
            tag_key=f"c{number}",
            slug=f"clan-{number}",
            game=game,
            languages="kk",
            about="",
            founded_at=now,
        )
    ).returning(Clan.id)
    clan_id = made[0]["id"]
    await Member.insert(
        *(
            Member(clan=clan_id, player=player, role="player" if place else "owner", joined_at=now)
            for place, player in enumerate(players)
        )
    )
    roster = await Roster.insert(Roster(clan=clan_id, game=game)).returning(Roster.id)
    await RosterPlayer.insert(
        *(
            RosterPlayer(roster=roster[0]["id"], player=player, steam_id=steam_id)
            for player, steam_id in zip(players, steam_ids(number), strict=True)
        )
    )
    return ClanOf(clan_id, number, captain, players)


def cup_data(**changes: object) -> setup.TournamentData:
    """The organiser's form; changes that are fields of a stage go to its only stage."""
    of_stage = {name: changes.pop(name) for name in list(changes) if name in STAGE_FIELDS}
    values = {
        "name": "Test Cup",
        "game": "dota2",
        "size_limit": "16",
        "stages": (StageForm(**of_stage),),
        "starts_at": (clock.now() + SOON).strftime("%Y-%m-%dT%H:%M"),
        "timezone": "UTC",
        "league_id": "",
        "about": "",
    }
    return setup.TournamentData(**(values | changes))  # type: ignore[arg-type]


def typed(data: setup.TournamentData) -> dict[str, str]:
    """The form as a browser sends it: what was filled in."""
    return {
        name: value
        for name, value in msgspec.structs.asdict(data).items()
        if value and isinstance(value, str)
    }


class Cup:
    """A tournament with its organiser and clans; clan 1 has seed 1."""

    def __init__(self, id_: int, slug: str, organiser: Viewer, clans: list[ClanOf]) -> None:
        self.id = id_
        self.slug = slug
        self.organiser = organiser
        self.clans = clans
        self._links: dict[int | None, Made] = {}

    async def link(self, match: int | None = None, *, now: datetime | None = None) -> Made:
        """The link of a match (or of the server test) as whoever made it keeps it."""
        if match not in self._links:
            self._links[match] = await make_link(self.id, match, now=now or clock.now())
        return self._links[match]

    async def line(self, site: str, match: int | None = None) -> str:
        """The line for a game server's console."""
        link, secret = await self.link(match)
        return console_line(site, link["id"], secret)

    async def match(self, key: str) -> dict:
        row = (
            await Match.select()
            .where((Match.stage.tournament == self.id) & (Match.key == key))
            .first()
        )
        assert row is not None
        return row

    async def matches(self) -> list[dict]:
        return await Match.select().where(Match.stage.tournament == self.id).order_by(Match.id)


async def cup(db: Database, clans: int, *, start: bool = True, **changes: object) -> Cup:
    """A cup whose clans registered in order; started unless told otherwise."""
    organiser = await person("organiser", organiser=True)
    game = str(changes.get("game", "dota2"))
    made = [await clan(number, game) for number in range(1, clans + 1)]
    return await held(db, organiser, made, start=start, **changes)


async def another_cup(db: Database, first: Cup, *, start: bool = True, **changes: object) -> Cup:
    """A second cup of the same people."""
    return await held(db, first.organiser, first.clans, start=start, **changes)


async def held(
    db: Database, organiser: Viewer, made: list[ClanOf], *, start: bool, **changes: object
) -> Cup:
    clans = len(made)
    now = clock.now()
    async with db.transaction() as tx:
        data = cup_data(**({"size_limit": str(max(clans, 2))} | changes))
        row = await setup.create_tournament(tx, organiser, data, now=now)
        await setup.publish(tx, organiser, row["id"], now=now)
        for number, each in enumerate(made):
            moment = now + timedelta(milliseconds=number)
            await registration.register(
                tx, each.captain, row["id"], each.id, each.players, now=moment
            )
        if start:
            await setup.close_registration(tx, organiser, row["id"], now=now)
            await draw.start(tx, organiser, row["id"], now=now)
    return Cup(row["id"], row["slug"], organiser, made)


async def large_cup(db: Database, entrants: int, **changes: object) -> Cup:
    """A started cup of many entrants without players, for races and loads."""
    organiser = await person("organiser", organiser=True)
    now = clock.now()
    for first in range(1, entrants + 1, 200):
        await Clan.insert(
            *(
                Clan(
                    name=f"Clan {n}",
                    name_key=f"k{n}",
                    tag=f"{n}",
                    tag_key=f"t{n}",
                    slug=f"clan-{n}",
                    game="dota2",
                    languages="kk",
                    about="",
                    founded_at=now,
                )
                for n in range(first, min(first + 200, entrants + 1))
            )
        )
    ids = [row["id"] for row in await Clan.select(Clan.id).order_by(Clan.id)]
    async with db.transaction() as tx:
        data = cup_data(**({"size_limit": str(entrants)} | changes))
        row = await setup.create_tournament(tx, organiser, data, now=now)
        for first in range(0, entrants, 200):
            await Entrant.insert(
                *(
                    Entrant(
                        tournament=row["id"],
                        clan=id_,
                        name=f"Clan {id_}",
                        tag=str(id_),
                        state="registered",
                        registered_at=now,
                    )
                    for id_ in ids[first : first + 200]
                )
            )
        await setup.publish(tx, organiser, row["id"], now=now)
        await setup.close_registration(tx, organiser, row["id"], now=now)
        await draw.start(tx, organiser, row["id"], now=now)
    return Cup(row["id"], row["slug"], organiser, [])


def report(
    number: int,
    won_by: ClanOf,
    lost_by: ClanOf,
    *,
    started_at: datetime | None = None,
    **changes: object,
) -> GameReport:
    """A game that the first clan won as Radiant."""
    values = {
        "source": "opendota",
        "external_id": str(7_000_000_000 + number),
        "game": "dota2",
        "started_at": started_at or clock.now(),
        "duration": 2_400,
        "sides": (
            ReportedSide(steam_ids=won_by.steam_ids, score=30),
            ReportedSide(steam_ids=lost_by.steam_ids, score=20),
        ),
        "winner": 0,
        "humans": 10,
        "organised": True,
    }
    return GameReport(**(values | changes))  # type: ignore[arg-type]


def game(number: int, won_by: ClanOf, lost_by: ClanOf, **changes: object) -> Game:
    """The same, as the stand-in publishes it."""
    values = {
        "match_id": 7_000_000_000 + number,
        "radiant": won_by.steam_ids,
        "dire": lost_by.steam_ids,
        "radiant_win": True,
        "started_at": clock.now(),
    }
    return Game(**(values | changes))  # type: ignore[arg-type]
