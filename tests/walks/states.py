"""Every state of a tournament, a match and an entrant, made for real; and every verb upon it.

A state is a prepared phase of a world and what must happen then. It gives what the
verb is tried on, or None where a format knows no such state.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.kernel import clock
from clans.tables import RosterPlayer
from tests.walks.inside import Inside
from tests.walks.worlds import Cast
from tournaments.recording import record
from tournaments.reports import GameReport, ReportedSide, Told
from tournaments.tables import Entrant, Match, Stage, StageSeed, Tournament

Row = dict[str, Any]
CHOICE = re.compile(r'name="settle" value="(\d+)"')
# The phase that a state of an entrant begins from, where it is not the begun one.
BEGINS = {"registered": "open", "left earlier": "between", "out earlier": "between"}


@dataclass
class Scene:
    """A world as it is now: its first cup, and people who do things in it."""

    site: Inside
    cast: Cast
    phase: str

    async def cup(self) -> Row:
        row = await Tournament.select().where(Tournament.slug == self.cast.slugs[0]).first()
        assert row is not None
        return row

    async def does(self, who: str, path: str, **fields: Any) -> tuple[int, str]:
        """Status and page of a form sent by somebody; agrees to what falls."""
        visitor = self.site.visitor(self.cast.sessions[who])
        answer = await visitor.post(path, fields)
        mark = 'name="seen" value="'
        if answer.status_code == 422 and mark in answer.text:
            seen = answer.text.split(mark)[1].split('"')[0]
            answer = await visitor.post(path, {**fields, "seen": seen})
        return answer.status_code, answer.text

    async def must(self, who: str, path: str, **fields: Any) -> None:
        status, text = await self.does(who, path, **fields)
        assert status == 303, text

    async def captain_of(self, entrant: int) -> str:
        row = await Entrant.select(Entrant.clan).where(Entrant.id == entrant).first()
        assert row is not None
        return self.cast.captains[row["clan"]]

    async def matches(self, state: str) -> list[Row]:
        cup = await self.cup()
        return await (
            Match.select()
            .where((Match.stage.tournament == cup["id"]) & (Match.state == state))
            .order_by(Match.id)
        )

    async def match(self, id_: int) -> Row:
        row = await Match.select().where(Match.id == id_).first()
        assert row is not None
        return row

    async def entrants(self) -> list[Row]:
        cup = await self.cup()
        return await Entrant.select().where(Entrant.tournament == cup["id"]).order_by(Entrant.id)

    async def rule(self, match: Row, kind: str = "score", *, side: int = 0) -> None:
        score = decisive(match, side)
        await self.must("organiser", f"/matches/{match['id']}/rule", kind=kind, reason="x", **score)

    async def leave(self, entrant: int) -> None:
        path = f"/tournaments/{self.cast.slugs[0]}/entrants/{entrant}/leave"
        await self.must("organiser", path, kind="disqualified", reason="x")


def decisive(match: Row, side: int = 0) -> dict[str, str]:
    wins = match["best_of"] // 2 + 1
    score = (wins, 0) if side == 0 else (match["head_start"], wins)
    return {"score_a": str(score[0]), "score_b": str(score[1])}


# -- matches ---------------------------------------------------------------------------

OfMatch = Callable[[Scene], Awaitable[Row | None]]


async def waiting(scene: Scene) -> Row | None:
    """One side is known, the other still plays for its place."""
    await scene.rule(await ready(scene))
    for each in await scene.matches("waiting"):
        if (each["entrant_a"] is None) != (each["entrant_b"] is None):
            return each
    return None


async def ready(scene: Scene) -> Row:
    return (await scene.matches("ready"))[0]


async def live(scene: Scene) -> Row:
    match = await ready(scene)
    captain = await scene.captain_of(match["entrant_a"])
    await scene.must(captain, f"/matches/{match['id']}/game", game_id="7000000001")
    return await scene.match(match["id"])


async def reported(scene: Scene) -> Row:
    match = await ready(scene)
    captain = await scene.captain_of(match["entrant_a"])
    await scene.must(captain, f"/matches/{match['id']}/report", **decisive(match))
    return await scene.match(match["id"])


async def disputed(scene: Scene) -> Row:
    match = await reported(scene)
    captain = await scene.captain_of(match["entrant_b"])
    await scene.must(captain, f"/matches/{match['id']}/report", **decisive(match, 1))
    return await scene.match(match["id"])


async def provisional(scene: Scene) -> Row:
    """One provider has told of it; nobody has confirmed."""
    match, cup = await ready(scene), await scene.cup()
    played = GameReport(
        source="opendota",
        external_id="7000000001",
        game="dota2",
        started_at=clock.now(),
        duration=2_400,
        sides=(
            ReportedSide(steam_ids=await _steam_ids(match["entrant_a"]), score=30),
            ReportedSide(steam_ids=await _steam_ids(match["entrant_b"]), score=20),
        ),
        winner=0,
        humans=10,
        organised=True,
    )
    async with scene.site.db.transaction() as tx:
        await record(tx, cup["id"], Told(games=(played,)), now=clock.now())
    return await scene.match(match["id"])


async def _steam_ids(entrant: int) -> tuple[str, ...]:
    row = await Entrant.select(Entrant.clan).where(Entrant.id == entrant).first()
    assert row is not None
    players = await (
        RosterPlayer.select(RosterPlayer.steam_id)
        .where(RosterPlayer.roster.clan == row["clan"])
        .order_by(RosterPlayer.id)
    )
    return tuple(each["steam_id"] for each in players)


async def final(scene: Scene) -> Row:
    """Both captains agree."""
    match = await reported(scene)
    captain = await scene.captain_of(match["entrant_b"])
    await scene.must(captain, f"/matches/{match['id']}/report", **decisive(match))
    return await scene.match(match["id"])


async def ruled(scene: Scene) -> Row:
    match = await ready(scene)
    await scene.rule(match)
    return await scene.match(match["id"])


async def bye(scene: Scene) -> Row | None:
    found = await scene.matches("bye")
    return found[0] if found else None


async def absent(scene: Scene) -> Row | None:
    """It was paired, and a correction has taken it away."""
    first = await scene.matches("ready")
    for match in first:
        await scene.rule(await scene.match(match["id"]))
    if not first:
        return None
    await scene.rule(await scene.match(first[0]["id"]), "reopen")
    found = await scene.matches("absent")
    return found[0] if found else None


async def given(scene: Scene) -> Row:
    match = await ready(scene)
    await scene.leave(match["entrant_b"])
    return await scene.match(match["id"])


MATCHES: dict[str, OfMatch] = {
    "waiting": waiting,
    "ready": ready,
    "live": live,
    "reported": reported,
    "disputed": disputed,
    "provisional": provisional,
    "final": final,
    "ruled": ruled,
    "given": given,
    "bye": bye,
    "absent": absent,
}

# -- entrants --------------------------------------------------------------------------


async def playing(scene: Scene) -> Row | None:
    match = await ready(scene)
    return await Entrant.select().where(Entrant.id == match["entrant_b"]).first()


async def registered(scene: Scene) -> Row | None:
    found = await scene.entrants()
    return found[-1] if scene.phase == "open" else None


async def left(scene: Scene) -> Row | None:
    match = await ready(scene)
    await scene.leave(match["entrant_b"])
    return await Entrant.select().where(Entrant.id == match["entrant_b"]).first()


async def out(scene: Scene) -> Row | None:
    """Eliminated: nothing is left to play for it in a stage that goes on."""
    for _ in range(3):
        for match in await scene.matches("ready"):
            now = await scene.match(match["id"])
            if now["state"] == "ready":
                await scene.rule(now)
            cup = await scene.cup()
            if cup["state"] != "running":
                return None
            busy = await Match.select(Match.entrant_a, Match.entrant_b).where(
                (Match.stage.tournament == cup["id"])
                & ((Match.state == "ready") | (Match.state == "waiting"))
            )
            if (loser := now["entrant_b"]) not in {
                each for row in busy for each in row.values()
            } and await _is_knocked_out(loser):
                return await Entrant.select().where(Entrant.id == loser).first()
    return None


async def _is_knocked_out(entrant: int) -> bool:
    row = await Match.select(Match.bracket).where(
        (Match.entrant_a == entrant) | (Match.entrant_b == entrant)
    )
    return {each["bracket"] for each in row} <= {"upper", "lower"}


async def joins_later(scene: Scene) -> Row | None:
    for each in await scene.entrants():
        if not await StageSeed.exists().where(StageSeed.entrant == each["id"]):
            return each
    return None


async def left_earlier(scene: Scene) -> Row | None:
    """It left the stage before, and the next one has begun."""
    entrant = (await scene.entrants())[-1]
    await scene.leave(entrant["id"])
    await scene.must("organiser", f"/tournaments/{scene.cast.slugs[0]}/next", **await ties(scene))
    cup = await scene.cup()
    begun = await Match.count().where(Match.stage.tournament == cup["id"])
    return entrant if begun else None


async def out_earlier(scene: Scene) -> Row | None:
    """It has not gone on from the stage before, and the next one has begun."""
    await scene.must("organiser", f"/tournaments/{scene.cast.slugs[0]}/next", **await ties(scene))
    last = await Stage.select(Stage.id).order_by(Stage.id, ascending=False).first()
    assert last is not None
    rows = await StageSeed.select(StageSeed.entrant).where(StageSeed.stage == last["id"])
    gone_on = {row["entrant"] for row in rows}
    return next((each for each in await scene.entrants() if each["id"] not in gone_on), None)


async def ties(scene: Scene) -> dict[str, list[str]]:
    """Of those who are level at the line, as the organiser's page asks: one of each tie."""
    cup = await scene.cup()
    organiser = scene.site.visitor(scene.cast.sessions["organiser"])
    page = await organiser.get(f"/tournaments/{cup['slug']}/manage")
    choices = [CHOICE.findall(tie) for tie in page.text.split("<fieldset>")[1:]]
    return {"settle": [each[0] for each in choices if each]}


ENTRANTS: dict[str, OfMatch] = {
    "registered": registered,
    "playing": playing,
    "left": left,
    "out": out,
    "left earlier": left_earlier,
    "out earlier": out_earlier,
    "joins later": joins_later,
}
