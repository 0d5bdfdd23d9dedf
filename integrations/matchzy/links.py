"""The links between matches and game servers: made, opened, renewed, loaded."""

from datetime import datetime
from typing import Any, NamedTuple

from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, NotFound
from app.kernel.http.tokens import LENGTH_OF_HASH, hash_of, matches, new_token
from app.kernel.text.names import clean
from integrations.matchzy.config import Order, Team, secret_in
from integrations.matchzy.events import Load
from integrations.tables import ServerLink, ServerLoad
from tournaments import match_queries, queries
from tournaments.maps import pool_of
from tournaments.people.access import to_tournament_now
from tournaments.tables import LineUpPlayer

# A hash that no secret has.
NO_HASH = "-" * LENGTH_OF_HASH
TEST_TEAMS = (Team("", "Test A"), Team("", "Test B"))


class Made(NamedTuple):
    """A link, and its secret, which is nowhere else."""

    link: Row
    secret: str


async def link_of(tournament: int, match: int | None) -> Row | None:
    """The link of a match, or of the tournament's test of servers."""
    row: Row | None = await ServerLink.select().where(_is_of(tournament, match)).first()
    return row


def _is_of(tournament: int, match: int | None) -> Any:
    if match is not None:
        return ServerLink.match == match
    return (ServerLink.tournament == tournament) & ServerLink.match.is_null()


async def make_link(tournament: int, match: int | None, *, now: datetime) -> Made:
    """The link with a new secret: what was set up with an old one is not heard any more."""
    secret = new_token(24)
    kept = hash_of(secret)
    made = ServerLink(match=match, tournament=tournament, secret_hash=kept, made_at=now)
    # One that is there already, perhaps since this very moment, gets the new secret.
    await ServerLink.insert(made).on_conflict(action="DO NOTHING")
    await ServerLink.update(
        {
            ServerLink.secret_hash: kept,
            ServerLink.made_at: now,
            ServerLink.wrong: 0,
            ServerLink.wrong_at: None,
        }
    ).where(_is_of(tournament, match))
    row = await link_of(tournament, match)
    assert row is not None, "it was just made"
    return Made(row, secret)


async def link_by_id(link: int) -> Row | None:
    row: Row | None = await ServerLink.select().where(ServerLink.id == link).first()
    return row


async def link_of_load(load: int) -> Row | None:
    """The link through which a server was given this number."""
    row = await ServerLoad.select(ServerLoad.link).where(ServerLoad.id == load).first()
    return await link_by_id(row["link"]) if row else None


def opens(link: Row | None, header: str) -> bool:
    """Whether the header holds the link's secret; as slow for a wrong one as for none."""
    kept = link["secret_hash"] if link else NO_HASH
    return matches(secret_in(header), kept) and link is not None


async def make_line(
    tx: Transaction, viewer: Viewer, tournament: Row, match: int | None, *, now: datetime
) -> Made:
    """The line for a game server, for the organiser to paste; an old one is off."""
    require(viewer, "server_link.make", await to_tournament_now(viewer, tournament))
    made = await make_link(tournament["id"], match, now=now)
    await tx.audit(
        "server_link.made",
        f"server_link:{made.link['id']}",
        actor=viewer.account,
        now=now,
        tournament=tournament["id"],
    )
    return made


async def renew(tx: Transaction, viewer: Viewer, link: int, *, now: datetime) -> Made:
    """The same for a link that is known by its number."""
    row = await tx.lock(ServerLink, link)
    if row is None:
        raise NotFound
    tournament = await queries.tournament_by_id(row["tournament"])
    require(viewer, "server_link.renew", await to_tournament_now(viewer, tournament))
    return await make_line(tx, viewer, tournament, row["match"], now=now)


async def load(
    link: Row, secret: str, site: str, address: str, *, now: datetime
) -> tuple[Order, Load]:
    """One more load of a link: what to play, and what we remember of it.

    `secret` is the one it was asked for with: the server's events are to carry it.
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
        secret=secret,
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
