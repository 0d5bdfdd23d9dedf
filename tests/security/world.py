"""One row of every state, and everybody who could lay hands on it.

Clan 1 is everybody's target: it has a plain member, a captain and an owner. Clan 4 plays
against it, clan 9 plays nowhere. The rival organises a cup with the very same clans.
"""

from datetime import timedelta

import msgspec

from app.accounts.sessions import Viewer
from app.accounts.tables import Account
from app.kernel import clock
from app.kernel.db.database import Database
from app.kernel.http.tokens import hash_of
from clans.tables import Invite, Member, Roster, RosterPlayer
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.tables import Subject
from tests.factories import ClanOf, Cup, clan, cup_data, game, held, person
from tournaments import captains, removals, rulings, setup, stages
from tournaments.plans import StageForm
from tournaments.tables import Entrant, Match, Notice, Report

WHO = (
    "stranger",
    "nobody",
    "member",
    "captain",
    "owner",
    "opponent",
    "outsider",
    "rival",
    "organiser",
    "operator",
)
FINAL_AFTER_GROUP = (
    StageForm(format="round_robin", advance="2"),
    StageForm(prefix="s2_", format="single_elimination"),
)


class World:
    """The people by name, the cups by state, and the ids of what is in them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.people: dict[str, Viewer] = {}
        self.clans: dict[int, ClanOf] = {}
        self.cups: dict[str, Cup] = {}
        self.ids: dict[str, int] = {}
        self.tokens: dict[str, str] = {}

    async def build(self) -> "World":
        await self._people()
        await self._clans()
        await self._cups()
        await self._play()
        await self._notices()
        await self._servers()
        return self

    def slug(self, state: str) -> str:
        return self.cups[state].slug

    def __getitem__(self, name: str) -> int:
        return self.ids[name]

    async def _people(self) -> None:
        for name in ("nobody", "member", "captain", "operator"):
            self.people[name] = await person(name)
        for name in ("organiser", "rival"):
            self.people[name] = await person(name, organiser=True)
        operator = self.people["operator"].account
        await Account.update({Account.operator: True}).where(Account.id == operator)

    async def _clans(self) -> None:
        for number in (1, 2, 3, 4, 9):
            each = self.clans[number] = await clan(number)
            await _roster(each, "cs2")
        self.people |= {
            "owner": self.clans[1].captain,
            "opponent": self.clans[4].captain,
            "outsider": self.clans[9].captain,
        }
        now, week = clock.now(), timedelta(days=7)
        for name, role in (("member", "player"), ("captain", "captain")):
            player = self.people[name].player
            await Member.insert(
                Member(clan=self.clans[1].id, player=player, role=role, joined_at=now)
            )
        for name, expires, uses in (
            ("valid", now + week, 5),
            ("used", now + week, 0),
            ("expired", now - week, 5),
        ):
            self.tokens[name] = f"invite-{name}"
            await Invite.insert(
                Invite(
                    clan=self.clans[1].id,
                    token_hash=hash_of(self.tokens[name]),
                    created_by=self.people["owner"].player,
                    created_at=now,
                    expires_at=expires,
                    uses_left=uses,
                )
            )

    # -- cups ------------------------------------------------------------------

    async def _cup(self, name, numbers=(1, 2, 3, 4), *, by="organiser", start=True, **changes):
        each = [self.clans[number] for number in numbers]
        changes = {"size_limit": "8", "name": f"The {name} cup"} | changes
        made = await held(self.db, self.people[by], each, start=start, **changes)
        self.cups[name] = made
        for entrant in await Entrant.select().where(Entrant.tournament == made.id):
            number = next(n for n, each in self.clans.items() if each.id == entrant["clan"])
            self.ids[f"{name} {number}"] = entrant["id"]
        for match in await made.matches():
            self.ids[f"{name} {match['key']}"] = match["id"]
        self.ids[name] = made.id
        return made

    async def _cups(self) -> None:
        async with self.db.transaction() as tx:
            data = cup_data(name="The draft cup")
            row = await setup.create_tournament(tx, self.people["organiser"], data, now=clock.now())
        self.cups["draft"] = Cup(row["id"], row["slug"], self.people["organiser"], [])
        self.ids["draft"] = row["id"]
        await self._cup("open", start=False)
        closed = await self._cup("closed", start=False)
        async with self.db.transaction() as tx:
            await setup.close_registration(tx, closed.organiser, closed.id, now=clock.now())
        for name in ("running", "left", "cancelled"):
            await self._cup(name)
        for name in ("quarrel", "finished"):
            await self._cup(name, (1, 4))
        await self._cup("foreign", by="rival")
        await self._cup("ladder", format="ladder")
        for name in ("group", "playoffs"):
            await self._cup(name, stages=FINAL_AFTER_GROUP)
        await self._cup("shooters", game="cs2")
        await self._cup("their shooters", by="rival", game="cs2")

    # -- what is going on in them ------------------------------------------------

    async def say(self, who: str, match: str, score: tuple[str, str]) -> None:
        async with self.db.transaction() as tx:
            await captains.report_score(
                tx, self.people[who], self.ids[match], score, now=clock.now()
            )

    async def rule(self, match: int, by: str = "organiser", side: int = 0) -> None:
        ruling = rulings.Ruling("walkover_b" if side else "walkover_a", ("", ""), "absent", "")
        async with self.db.transaction() as tx:
            await rulings.rule(tx, self.people[by], match, ruling, now=clock.now())

    async def _play(self) -> None:
        organiser = self.people["organiser"]
        for name in ("running", "foreign"):
            await self.rule(self.ids[f"{name} U1.2"], self.cups[name].organiser.nickname)
            await self.say("opponent", f"{name} U1.1", ("1", "0"))
            report = await Report.select().where(Report.match == self.ids[f"{name} U1.1"]).first()
            self.ids[f"{name} report"] = report["id"]
        await self.say("owner", "quarrel U1.1", ("1", "0"))
        await self.say("opponent", "quarrel U1.1", ("0", "1"))
        await self.say("owner", "finished U1.1", ("1", "0"))
        await self.say("opponent", "finished U1.1", ("1", "0"))
        async with self.db.transaction() as tx:
            await removals.remove(
                tx,
                organiser,
                self.ids["left"],
                self.ids["left 4"],
                "disqualified",
                "smurf",
                now=clock.now(),
            )
            await setup.cancel(tx, organiser, self.ids["cancelled"], now=clock.now())
        for name in ("group", "playoffs"):
            for match in await self.cups[name].matches():
                side = 0 if match["entrant_a"] < match["entrant_b"] else 1
                await self.rule(match["id"], side=side)
        async with self.db.transaction() as tx:
            await stages.start_next(tx, organiser, self.ids["playoffs"], [], now=clock.now())
        final = await (
            Match.select()
            .where((Match.stage.tournament == self.ids["playoffs"]) & (Match.stage.number == 2))
            .first()
        )
        self.ids["playoffs final"] = final["id"]

    async def _notices(self) -> None:
        for number, name in enumerate(("running", "foreign")):
            notice = await notice_about_a_game(self.db, self.cups[name], number)
            self.ids[f"{name} notice"] = notice["id"]
        quarrel = await Notice.select().where(Notice.tournament == self.ids["quarrel"]).first()
        self.ids["quarrel notice"] = quarrel["id"]
        settled = await notice_about_a_game(self.db, self.cups["running"], 2)
        await Notice.update({Notice.settled_at: clock.now()}).where(Notice.id == settled["id"])
        self.ids["settled notice"] = settled["id"]

    async def _servers(self) -> None:
        for name in ("shooters", "their shooters"):
            made = self.cups[name]
            self.ids[f"{name} link"] = (await made.link(self.ids[f"{name} U1.1"])).link["id"]
            self.ids[f"{name} test"] = (await made.link()).link["id"]


async def _roster(each: ClanOf, game: str) -> None:
    row = await Roster.insert(Roster(clan=each.id, game=game)).returning(Roster.id)
    await RosterPlayer.insert(
        *(
            RosterPlayer(roster=row[0]["id"], player=player, steam_id=steam_id)
            for player, steam_id in zip(each.players, each.steam_ids, strict=True)
        )
    )


async def notice_about_a_game(db: Database, made: Cup, number: int = 1) -> dict:
    """The notice that says of a delivered game that nobody knows whose it was."""
    one, *_, four = made.clans
    played = game(number, one, four, anonymous=True)
    subject, inbox = str(played.match_id), Inbox(db)
    delivery = Delivery(subject=subject, body=msgspec.json.encode(played.as_json()))
    await inbox.land("opendota", delivery, made.id, now=clock.now())
    row = await Subject.select().where(Subject.external_id == subject).first()
    await inbox.work(row["id"], now=clock.now())
    return await Notice.select().where(Notice.external_id == subject).first()
