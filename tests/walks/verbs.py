"""Every command of a tournament, as the right person would give it."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.walks.states import Scene, decisive, ties
from tournaments.tables import Match, Notice, Report

Row = dict[str, Any]
Answer = tuple[int, str]
# There is none yet.
NOTHING: Answer = (0, "")
Verb = Callable[[Scene, Row], Awaitable[Answer]]


def step(path: str, **fields: Any) -> Verb:
    """A form of the organiser's, under the tournament's address."""

    async def does(scene: Scene, cup: Row) -> Answer:
        return await scene.does("organiser", f"/tournaments/{cup['slug']}/{path}", **fields)

    return does


EDITED = {"name": "Edited", "game": "dota2", "size_limit": "8", "starts_at": "2090-01-01T10:00"}


async def by_hand(scene: Scene, cup: Row) -> Answer:
    order = {f"seed_{each['id']}": str(n) for n, each in enumerate(await scene.entrants())}
    return await scene.does("organiser", f"/tournaments/{cup['slug']}/seeds", **order)


async def by_list(scene: Scene, cup: Row) -> Answer:
    path = f"/tournaments/{cup['slug']}/seeds/list"
    return await scene.does("organiser", path, list="Clan 2\nClan 1")


async def start_next(scene: Scene, cup: Row) -> Answer:
    """Of those who are level, as many as there are places for are chosen."""
    path = f"/tournaments/{cup['slug']}/next"
    return await scene.does("organiser", path, **await ties(scene))


async def register(scene: Scene, cup: Row) -> Answer:
    clan, players = max(scene.cast.clans.items())
    path = f"/tournaments/{cup['slug']}/register"
    fields = {"clan": str(clan), "players": [str(each) for each in players]}
    return await scene.does(scene.cast.captains[clan], path, **fields)


async def settle(scene: Scene, cup: Row) -> Answer:
    row = await Notice.insert(
        Notice(
            tournament=cup["id"],
            at=cup["created_at"],
            source="opendota",
            external_id="",
            text="x",
            params="{}",
        )
    ).returning(Notice.id)
    return await scene.does("organiser", f"/notices/{row[0]['id']}/settle")


def _turned(match: Row) -> dict[str, str]:
    """A score by which the other side has won."""
    return decisive(match, 0 if match["winner"] == 1 else 1)


def ruling(kind: str) -> Verb:
    async def does(scene: Scene, match: Row) -> Answer:
        path = f"/matches/{match['id']}/rule"
        return await scene.does("organiser", path, kind=kind, reason="x", **_turned(match))

    return does


async def _captain(scene: Scene, match: Row) -> str:
    """Of the second side, where there is one."""
    entrant = match["entrant_b"] or match["entrant_a"]
    return await scene.captain_of(entrant) if entrant else next(iter(scene.cast.captains.values()))


async def report(scene: Scene, match: Row) -> Answer:
    captain = await _captain(scene, match)
    return await scene.does(captain, f"/matches/{match['id']}/report", **decisive(match))


async def confirm(scene: Scene, match: Row) -> Answer:
    found = (
        await Report.select(Report.id)
        .where((Report.match == match["id"]) & (Report.side == 0))
        .order_by(Report.id, ascending=False)
        .first()
    )
    fields = {"report": str(found["id"]) if found else "1"}
    return await scene.does(
        await _captain(scene, match), f"/matches/{match['id']}/confirm", **fields
    )


async def hand_in(scene: Scene, match: Row) -> Answer:
    captain = await _captain(scene, match)
    return await scene.does(captain, f"/matches/{match['id']}/game", game_id="7000000002")


OF_MATCH: dict[str, Verb] = {
    "rule a score": ruling("score"),
    "rule a walkover": ruling("walkover_a"),
    "rule a double forfeit": ruling("double_forfeit"),
    "take the result back": ruling("reopen"),
    "report": report,
    "confirm": confirm,
    "hand in a game": hand_in,
}


def leaving(kind: str) -> Verb:
    async def does(scene: Scene, entrant: Row) -> Answer:
        who = await scene.captain_of(entrant["id"]) if kind == "withdrawn" else "organiser"
        path = f"/tournaments/{scene.cast.slugs[0]}/entrants/{entrant['id']}/leave"
        return await scene.does(who, path, kind=kind, reason="x")

    return does


async def let_back(scene: Scene, entrant: Row) -> Answer:
    path = f"/tournaments/{scene.cast.slugs[0]}/entrants/{entrant['id']}"
    page = await scene.site.visitor(scene.cast.sessions["organiser"]).get(f"{path}/leave")
    mark = 'name="seen" value="'
    seen = page.text.split(mark)[1].split('"')[0] if mark in page.text else ""
    return await scene.does("organiser", f"{path}/back", seen=seen)


async def take_out(scene: Scene, entrant: Row) -> Answer:
    path = f"/tournaments/{scene.cast.slugs[0]}/withdraw"
    return await scene.does(await scene.captain_of(entrant["id"]), path, entrant=str(entrant["id"]))


async def change_line_up(scene: Scene, entrant: Row) -> Answer:
    path = f"/tournaments/{scene.cast.slugs[0]}/register"
    players = [str(each) for each in scene.cast.clans[entrant["clan"]]]
    fields = {"clan": str(entrant["clan"]), "players": players}
    return await scene.does(await scene.captain_of(entrant["id"]), path, **fields)


async def challenge(scene: Scene, entrant: Row) -> Answer:
    path = f"/tournaments/{scene.cast.slugs[0]}/challenge"
    first = (await scene.entrants())[0]
    fields = {"lower": str(entrant["id"]), "upper": str(first["id"])}
    return await scene.does(await scene.captain_of(entrant["id"]), path, **fields)


async def name_team(scene: Scene, entrant: Row) -> Answer:
    path = f"/tournaments/{scene.cast.slugs[0]}/entrants/{entrant['id']}/team"
    return await scene.does("organiser", path, **{f"team_{entrant['id']}": "7000001"})


OF_ENTRANT: dict[str, Verb] = {
    "take out of the list": take_out,
    "change the line-up": change_line_up,
    "withdraw": leaving("withdrawn"),
    "disqualify": leaving("disqualified"),
    "let back in": let_back,
    "challenge": challenge,
    "name its team": name_team,
}


def first_match(verb: Verb) -> Verb:
    async def does(scene: Scene, cup: Row) -> Answer:
        mine = (Match.stage.tournament == cup["id"]) & (Match.state != "bye")
        match = await Match.select().where(mine).order_by(Match.id).first()
        return await verb(scene, match) if match else NOTHING

    return does


def last_clan(verb: Verb) -> Verb:
    async def does(scene: Scene, cup: Row) -> Answer:
        found = await scene.entrants()
        # Whoever joins later stands first; the last plays from the beginning.
        return await verb(scene, found[-1]) if found else NOTHING

    return does


OF_TOURNAMENT: dict[str, Verb] = {
    "edit": step("edit", timezone="UTC", format="swiss", rounds="2", **EDITED),
    "open registration": step("publish"),
    "register": register,
    "close registration": step("close"),
    "seed by hand": by_hand,
    "seed by lot": step("seeds/lot", lot=""),
    "seed by rating": step("seeds/rating"),
    "seed by a list": by_list,
    "keep apart": step("seeds/apart"),
    "start": step("start"),
    "start the next stage": start_next,
    "take the latest stage back": step("stage-back"),
    "rule on its first match": first_match(ruling("score")),
    "report its first match": first_match(report),
    "withdraw its last clan": last_clan(leaving("withdrawn")),
    "let its last clan back in": last_clan(let_back),
    "cancel": step("cancel"),
    "settle a notice": settle,
}
