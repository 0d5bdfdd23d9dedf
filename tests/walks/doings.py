"""Everything that can be done in a tournament, with what a form would say: mostly sensible."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.walks.worlds import Cast
from tournaments.tables import Entrant, Match, Notice, Report, Tournament

Row = dict[str, Any]

ODD = (
    "", " ", "0", "-1", "1", "99", "999999999", "2147483648", "9" * 300, "٣", "1e3", "NaN",
    "a" * 5_000, "Қазақша ұран 🏆", "\u202eevil", "<script>", "'; DROP TABLE match; --", "{name}",
    "%s", "\x00", "on",
)  # fmt: skip
STEPS = ("publish", "close", "start", "start", "next", "next", "next", "stage-back")
SEEDS = ("seeds", "seeds/lot", "seeds/rating", "seeds/list", "seeds/apart")
EDITED = {
    "name": "Edited",
    "game": "dota2",
    "size_limit": "8",
    "starts_at": "2090-01-01T10:00",
    "timezone": "UTC",
    "format": "swiss",
    "rounds": "2",
}


@dataclass
class Doing:
    """Who does what; without `fields` somebody only looks."""

    who: str
    path: str
    fields: dict[str, Any] | None = field(default_factory=dict)


class Doings:
    """What there is just now, and by chance something to do with it."""

    def __init__(self, cast: Cast, chance: Random) -> None:
        self._cast = cast
        self._chance = chance

    async def any(self) -> Doing:
        self._cups = await Tournament.select().order_by(Tournament.id)
        self._entrants = await Entrant.select().order_by(Entrant.id)
        self._matches = await Match.select(
            *Match.all_columns(), Match.stage.tournament.as_alias("tournament")
        ).order_by(Match.id)
        kinds = {
            self._step: 14,
            self._seed: 4,
            self._rule: 30,
            self._say: 16,
            self._leave: 14,
            self._let_back: 6,
            self._enter: 6,
            self._other: 6,
            self._look: 12,
        }
        return await self._chance.choices(list(kinds), list(kinds.values()))[0]()

    # -- picking -----------------------------------------------------------

    def _cup(self) -> Row:
        # The first is the one of many formats.
        return self._cups[0] if self._chance.random() < 0.85 else self._cups[-1]

    def _of(self, cup: Row) -> list[Row]:
        return [each for each in self._entrants if each["tournament"] == cup["id"]]

    def _entrant(self, cup: Row) -> Row | None:
        some = self._of(cup) if self._chance.random() < 0.93 else self._entrants
        return self._chance.choice(some) if some else None

    def _match(self) -> Row | None:
        mine = [each for each in self._matches if each["tournament"] == self._cup()["id"]]
        ready = [each for each in mine if each["state"] == "ready"]
        some = ready if ready and self._chance.random() < 0.7 else mine or self._matches
        return self._chance.choice(some) if some else None

    def _organiser_of(self, tournament: int) -> str:
        return "organiser" if tournament == self._cups[0]["id"] else "rival"

    def _captain_of(self, entrant: int | None) -> str:
        clan = next((each["clan"] for each in self._entrants if each["id"] == entrant), 0)
        return self._cast.captains.get(clan, "nobody")

    def _some(self, ids: Iterable[int], most: int) -> list[str]:
        known = list(ids)
        size = min(len(known), self._chance.randint(0, most))
        return [str(each) for each in self._chance.sample(known, size)]

    # -- the organiser's ---------------------------------------------------

    async def _step(self) -> Doing:
        cup = self._cup()
        verb = self._chance.choice(STEPS) if self._chance.random() < 0.97 else "cancel"
        chosen = self._some((each["id"] for each in self._of(cup)), 3)
        fields = {"settle": chosen} if verb == "next" else {}
        return Doing(self._organiser_of(cup["id"]), f"/tournaments/{cup['slug']}/{verb}", fields)

    async def _seed(self) -> Doing:
        cup, verb = self._cup(), self._chance.choice(SEEDS)
        mine = self._of(cup)
        order = self._chance.sample(range(1, len(mine) + 1), len(mine))
        place = self._chance.choice(("", "Astana", "Oral"))
        fields: dict[str, Any] = {
            "seeds": {f"seed_{e['id']}": str(n) for e, n in zip(mine, order, strict=True)},
            "seeds/lot": {"lot": self._chance.choice(("", "our lot", *ODD))},
            "seeds/list": {"list": "\n".join(each["name"] for each in mine)},
            "seeds/apart": {f"apart_{each['id']}": place for each in mine},
        }
        path = f"/tournaments/{cup['slug']}/{verb}"
        return Doing(self._organiser_of(cup["id"]), path, fields.get(verb, {}))

    async def _rule(self) -> Doing:
        match = self._match()
        if match is None:
            return await self._step()
        kinds = {"score": 50, "walkover_a": 8, "walkover_b": 8, "double_forfeit": 8, "reopen": 20}
        kind = self._chance.choices(list(kinds), list(kinds.values()))[0]
        fields = {"kind": kind, "reason": "because", **self._score(match)}
        path = f"/matches/{match['id']}/rule"
        return Doing(self._organiser_of(match["tournament"]), path, fields)

    def _score(self, match: Row) -> dict[str, str]:
        wins = match["best_of"] // 2 + 1
        score = (wins, 0) if self._chance.random() < 0.6 else (match["head_start"], wins)
        return {"score_a": str(score[0]), "score_b": str(score[1])}

    async def _other(self) -> Doing:
        cup = self._cup()
        who, path = self._organiser_of(cup["id"]), f"/tournaments/{cup['slug']}"
        notice = await Notice.select(Notice.id).order_by(Notice.id, ascending=False).first()
        entrant = self._entrant(cup)
        if notice and self._chance.random() < 0.4:
            return Doing(who, f"/notices/{notice['id']}/settle")
        if entrant and self._chance.random() < 0.7:
            team = {f"team_{entrant['id']}": self._chance.choice(("7000001", "7000002", ""))}
            return Doing(who, f"{path}/entrants/{entrant['id']}/team", team)
        return Doing(who, f"{path}/edit", dict(EDITED))

    # -- captains' ---------------------------------------------------------

    async def _say(self) -> Doing:
        match = self._match()
        if match is None:
            return await self._enter()
        verb = self._chance.choice(("report", "report", "confirm", "game"))
        fields = self._score(match)
        if verb == "confirm":
            said = (Report.match == match["id"]) & (Report.state == "open")
            found = await Report.select(Report.id).where(said).first()
            fields = {"report": str(found["id"]) if found else "1"}
        elif verb == "game":
            fields = {"game_id": str(self._chance.randint(7_000_000_000, 7_000_000_009))}
        who = self._captain_of(match[self._chance.choice(("entrant_a", "entrant_b"))])
        return Doing(who, f"/matches/{match['id']}/{verb}", fields)

    async def _enter(self) -> Doing:
        cup, clan = self._cup(), self._chance.choice(list(self._cast.clans))
        players = [str(each) for each in self._cast.clans[clan]]
        path = f"/tournaments/{cup['slug']}/register"
        return Doing(self._cast.captains[clan], path, {"clan": str(clan), "players": players})

    # -- either's ----------------------------------------------------------

    async def _leave(self) -> Doing:
        cup = self._cup()
        entrant = self._entrant(cup)
        if entrant is None:
            return await self._enter()
        path = f"/tournaments/{cup['slug']}"
        captain, organiser = self._captain_of(entrant["id"]), self._organiser_of(cup["id"])
        roll = self._chance.random()
        if roll < 0.15:
            return Doing(captain, f"{path}/withdraw", {"entrant": str(entrant["id"])})
        if roll < 0.35:
            upper = self._chance.choice(self._of(cup) or self._entrants)["id"]
            pair = {"lower": str(entrant["id"]), "upper": str(upper)}
            return Doing(captain, f"{path}/challenge", pair)
        kind = self._chance.choice(("withdrawn", "disqualified"))
        who = captain if kind == "withdrawn" and self._chance.random() < 0.5 else organiser
        fields = {"kind": kind, "reason": "we must go"}
        return Doing(who, f"{path}/entrants/{entrant['id']}/leave", fields)

    async def _let_back(self) -> Doing:
        cup = self._cup()
        entrant = self._entrant(cup)
        if entrant is None:
            return await self._enter()
        path = f"/tournaments/{cup['slug']}/entrants/{entrant['id']}/back"
        return Doing(self._organiser_of(cup["id"]), path, {"seen": ""})

    async def _look(self) -> Doing:
        cup, match = self._cup(), self._match()
        entrant = self._entrant(cup)
        path = f"/tournaments/{cup['slug']}"
        pages = ["/", "/desk", "/matches", path, f"{path}/edit", f"{path}/register"]
        pages += [f"{path}/manage", f"{path}/challenge"] * 2
        if match:
            pages += [f"/matches/{match['id']}", f"/matches/{match['id']}/rule"] * 2
        if entrant:
            pages += [f"{path}/needs/{entrant['id']}", f"{path}/entrants/{entrant['id']}/leave"]
            pages += [f"{path}/why/{stage}/{entrant['id']}" for stage in (1, 2)]
        return Doing(self._organiser_of(cup["id"]), self._chance.choice(pages), None)
