"""The entrants and the match that a reported game or series belongs to."""

from datetime import datetime, timedelta

import msgspec

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments.matching import Attached, Candidate, attach, overlap
from tournaments.reports import ReportedSide
from tournaments.tables import Claim, Entrant, LineUpPlayer, Match

# Results arrive minutes late, so clans may rightly have begun before we knew.
EARLY = timedelta(minutes=30)

Sides = tuple[ReportedSide, ReportedSide]


class Refused(msgspec.Struct, frozen=True):
    """It does not count, for a reason shown to the organiser.

    `early`: its match may become playable when an earlier result arrives.
    `strangers`: nobody who played it has anything to do with the tournament.
    """

    reason: Message
    match: int | None = None
    early: bool = False
    strangers: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where it belongs: the match row, and who was on which side."""

    match: Row
    attached: Attached


class ByHand(msgspec.Struct, frozen=True):
    """What an organiser has said: the match, and the entrant on the first side.

    `just_now`: nothing was made of it yet, so it comes after every ruling there is.
    """

    match: int
    first_entrant: int
    just_now: bool = False


async def place(
    tournament: Row,
    sides: Sides,
    started_at: datetime | None,
    *,
    match: int | None = None,
    claim: int | None = None,
    by_hand: ByHand | None = None,
    kept: int | None = None,
) -> Place | Refused:
    """The match in which these sides met; `match` is the one a server was given.

    What is `kept` in a match already is not looked for in another one of its pair.
    """
    if by_hand:
        return await _by_hand(tournament, sides, by_hand)
    if match is not None:
        return await _given(tournament, sides, match)
    known = await candidates(tournament["id"], sides)
    attached = attach(sides, known)
    if attached is None:
        return Refused(
            Message(
                N_("Fewer than three players of each side belong to clans of this tournament.")
            ),
            strangers=not known,
        )
    rows = await _matches_between(tournament["id"], attached, claim)
    if not rows:
        return Refused(
            Message(N_("These two clans have no match to play against each other now.")),
            early=True,
        )
    found = next((row for row in rows if row["id"] == kept), None)
    found = found or _at_that_time(rows, started_at)
    if found is None:
        early = Message(N_("The game began before its match could be played."))
        return Refused(early, rows[-1]["id"])
    return Place(found, attached)


async def _by_hand(tournament: Row, sides: Sides, said: ByHand) -> Place | Refused:
    row = await _match(tournament["id"], said.match)
    if row is None or said.first_entrant not in (row["entrant_a"], row["entrant_b"]):
        return Refused(Message(N_("This match is not there any more.")))
    other = row["entrant_b"] if said.first_entrant == row["entrant_a"] else row["entrant_a"]
    return Place(row, _attached((said.first_entrant, other), "hand", sides, await _known(row)))


async def _given(tournament: Row, sides: Sides, match: int) -> Place | Refused:
    row = await _match(tournament["id"], match)
    first, second = (side.entrant for side in sides)
    entrants = {row["entrant_a"], row["entrant_b"]} if row else set()
    if row is None or first is None or second is None or {first, second} != entrants:
        return Refused(Message(N_("The server was set up for a match of other clans.")), match)
    return Place(row, _attached((first, second), "server", sides, await _known(row)))


def _attached(
    entrants: tuple[int, int], by: str, sides: Sides, known: dict[int, frozenset[str]]
) -> Attached:
    matched = sum(
        overlap(side, known.get(entrant, frozenset()))
        for side, entrant in zip(sides, entrants, strict=True)
    )
    seen = sum(len(side.steam_ids) for side in sides)
    return Attached(entrants=entrants, by=by, matched=matched, of_players=seen)


async def _match(tournament: int, match: int) -> Row | None:
    row: Row | None = await (
        Match.select().where((Match.id == match) & (Match.stage.tournament == tournament)).first()
    )
    return row


async def _known(match: Row) -> dict[int, frozenset[str]]:
    entrants = [match["entrant_a"], match["entrant_b"]]
    players = await _players([each for each in entrants if each is not None])
    return {
        entrant: frozenset(each["steam_id"] for each in players if each["entrant"] == entrant)
        for entrant in entrants
    }


async def candidates(tournament: int, sides: Sides) -> list[Candidate]:
    """The entrants that share a player or a registered team with these sides."""
    seen = sorted({steam_id for side in sides for steam_id in side.steam_ids})
    teams = [side.team_id for side in sides if side.team_id]
    mine = Entrant.tournament == tournament
    by_team = await Entrant.select(Entrant.id).where(mine & one_of(Entrant.team_id, teams))
    by_player = await LineUpPlayer.select(LineUpPlayer.entrant).where(
        (LineUpPlayer.entrant.tournament == tournament) & one_of(LineUpPlayer.steam_id, seen)
    )
    ids = sorted({row["id"] for row in by_team} | {row["entrant"] for row in by_player})
    if not ids:
        return []
    entrants = await Entrant.select(Entrant.id, Entrant.team_id).where(one_of(Entrant.id, ids))
    players = await _players(ids)
    return [
        Candidate(
            entrant=row["id"],
            team_id=row["team_id"],
            steam_ids=frozenset(
                player["steam_id"] for player in players if player["entrant"] == row["id"]
            ),
        )
        for row in entrants
    ]


async def _players(entrants: list[int]) -> list[Row]:
    rows: list[Row] = await LineUpPlayer.select(LineUpPlayer.entrant, LineUpPlayer.steam_id).where(
        one_of(LineUpPlayer.entrant, entrants)
    )
    return rows


async def _matches_between(tournament: int, attached: Attached, claim: int | None) -> list[Row]:
    """The pair's matches that are or were playable, the earliest first."""
    a, b = attached.entrants
    rows: list[Row] = await (
        Match.select()
        .where(
            (Match.stage.tournament == tournament)
            & one_of(Match.state, ["ready", "decided"])
            & one_of(Match.entrant_a, [a, b])
            & one_of(Match.entrant_b, [a, b])
        )
        .order_by(Match.id)
    )
    if claim is not None:
        named = await Claim.select(Claim.match).where(Claim.id == claim).first()
        rows = [row for row in rows if named and row["id"] == named["match"]]
    return sorted(rows, key=lambda row: (row["ready_at"] is not None, row["ready_at"], row["id"]))


def _at_that_time(rows: list[Row], started_at: datetime | None) -> Row | None:
    """Of a pair's matches the last one that could be played when the game began."""
    if started_at is None:
        return rows[-1]
    open_then = [
        row for row in rows if row["ready_at"] is None or row["ready_at"] - EARLY <= started_at
    ]
    return open_then[-1] if open_then else None
