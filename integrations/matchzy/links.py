"""The links between matches and game servers: made, opened, renewed, loaded."""

import hmac
import secrets
from datetime import datetime
from typing import Any

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, NotFound
from app.kernel.text.names import clean
from integrations.matchzy.config import Order, Team, header_value
from integrations.matchzy.events import Load
from integrations.tables import ServerLink, ServerLoad
from tournaments import access, match_queries, queries
from tournaments.maps import pool_of
from tournaments.tables import LineUpPlayer

TEST_TEAMS = (Team("", "Test A"), Team("", "Test B"))


def new_secret() -> str:
    """192 random bits in letters that need no quotes of their own."""
    return secrets.token_urlsafe(24)


async def link_of(match: int, tournament: int, *, now: datetime) -> Row:
    """The link of a match; made when it is first looked at."""
    return await _link(ServerLink.match == match, match, tournament, now=now)


async def link_of_test(tournament: int, *, now: datetime) -> Row:
    """The link of a tournament's test of servers; made when it is first looked at."""
    where = (ServerLink.tournament == tournament) & ServerLink.match.is_null()
    return await _link(where, None, tournament, now=now)


async def _link(where: Any, match: int | None, tournament: int, *, now: datetime) -> Row:
    row: Row | None = await ServerLink.select().where(where).first()
    if row is None:
        made = ServerLink(match=match, tournament=tournament, secret=new_secret(), made_at=now)
        # Two visitors at once: one of them makes it.
        await ServerLink.insert(made).on_conflict(action="DO NOTHING")
        row = await ServerLink.select().where(where).first()
    assert row is not None, "it was just made"
    return row


async def link_by_id(link: int) -> Row | None:
    row: Row | None = await ServerLink.select().where(ServerLink.id == link).first()
    return row


async def link_of_load(load: int) -> Row | None:
    """The link through which a server was given this number."""
    row = await ServerLoad.select(ServerLoad.link).where(ServerLoad.id == load).first()
    return await link_by_id(row["link"]) if row else None


def opens(link: Row | None, header: str) -> bool:
    """Whether the header holds the link's secret; as slow for a wrong one as for none."""
    expected = header_value(link["secret"] if link else "no link, no secret, but as much work")
    return hmac.compare_digest(header.encode(), expected.encode()) and link is not None


async def renew(tx: Transaction, viewer: Viewer, link: int, *, now: datetime) -> Row:
    """A new secret: what was set up with the old one is not listened to any more."""
    row = await tx.lock(ServerLink, link)
    if row is None:
        raise NotFound
    tournament = await queries.tournament_by_id(row["tournament"])
    access.require_organiser(viewer, tournament)
    await ServerLink.update(
        {
            ServerLink.secret: new_secret(),
            ServerLink.made_at: now,
            ServerLink.wrong: 0,
            ServerLink.wrong_at: None,
        }
    ).where(ServerLink.id == link)
    await tx.audit(
        "server_link.renewed",
        f"server_link:{link}",
        actor=viewer.account,
        now=now,
        tournament=row["tournament"],
    )
    return row


async def load(link: Row, site: str, address: str, *, now: datetime) -> tuple[Order, Load]:
    """One more load of a link: what to play, and what we remember of it.

    `Conflict` where the match is not there to be played.
    """
    tournament = await queries.tournament_by_id(link["tournament"])
    maps, name = pool_of(tournament), tournament["name"]
    match, entrants, teams, best_of, title = None, None, TEST_TEAMS, 1, f"Test, {name}"
    if link["match"] is not None:
        match, _ = await match_queries.match_by_id(link["match"])
        teams, best_of = await _teams(match, tournament), match["best_of"]
        entrants = match["entrant_a"], match["entrant_b"]
        title = f"{teams[0].name} - {teams[1].name}, {name} M{match['number']}"
    number = await _number(link, entrants, address, now=now)
    order = Order(
        load=number,
        teams=teams,
        best_of=best_of,
        maps=maps,
        title=title,
        site=site,
        secret=link["secret"],
    )
    return order, Load(link["match"], entrants, best_of, maps, now)


async def _number(
    link: Row, entrants: tuple[int, int] | None, address: str, *, now: datetime
) -> int:
    a, b = entrants or (None, None)
    rows = await ServerLoad.insert(
        ServerLoad(
            link=link["id"], entrant_a=a, entrant_b=b, loaded_at=now, address=clean(address)[:45]
        )
    ).returning(ServerLoad.id)
    return int(rows[0]["id"])


async def _teams(match: Row, tournament: Row) -> tuple[Team, Team]:
    """Both sides with their line-ups, or `Conflict` in words for a server's console."""
    if tournament["state"] != "running":
        raise Conflict(N_("The tournament is not being played."))
    if match["state"] == "decided":
        raise Conflict(N_("This match is decided already."))
    if match["state"] != "ready":
        raise Conflict(N_("This match cannot be played yet: its clans are not known."))
    sides = match["entrant_a"], match["entrant_b"]
    entrants = await queries.entrants_by_id(sides)
    rows = await LineUpPlayer.select().where(one_of(LineUpPlayer.entrant, sides))
    first, second = (
        Team(
            str(side),
            entrants[side].name,
            {
                row["steam_id"]: row["nickname"]
                for row in rows
                if row["entrant"] == side and row["steam_id"]
            },
        )
        for side in sides
    )
    for team in (first, second):
        if not team.players:
            raise Conflict(N_("The line-up of {clan} has no Steam ids."), clan=team.name)
    return first, second
