"""The entrants and the match that a reported game could belong to."""

from app.kernel.db import Row
from tournaments.matching import Attached, Candidate
from tournaments.play import Play
from tournaments.reports import GameReport
from tournaments.tables import Claim, Entrant, LineUpPlayer, Match


async def candidates(tournament: int, report: GameReport) -> list[Candidate]:
    """The entrants that share a player or a registered team with the report."""
    seen = sorted({steam_id for side in report.sides for steam_id in side.steam_ids})
    teams = [side.team_id for side in report.sides if side.team_id]
    mine = Entrant.tournament == tournament
    by_team = await Entrant.select(Entrant.id).where(mine & Entrant.team_id.is_in(teams or [""]))
    by_player = await LineUpPlayer.select(LineUpPlayer.entrant).where(
        (LineUpPlayer.entrant.tournament == tournament) & LineUpPlayer.steam_id.is_in(seen or [""])
    )
    ids = sorted({row["id"] for row in by_team} | {row["entrant"] for row in by_player})
    if not ids:
        return []
    entrants = await Entrant.select(Entrant.id, Entrant.team_id).where(Entrant.id.is_in(ids))
    players = await LineUpPlayer.select(LineUpPlayer.entrant, LineUpPlayer.steam_id).where(
        LineUpPlayer.entrant.is_in(ids)
    )
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


async def match_between(play: Play, attached: Attached, claim: int | None) -> Row | None:
    """The pair's match that is being played, or was decided by games (a late one)."""
    a, b = attached.entrants
    rows: list[Row] = await (
        Match.select()
        .where(
            (Match.stage == play.stage["id"])
            & Match.state.is_in(["ready", "decided"])
            & Match.entrant_a.is_in([a, b])
            & Match.entrant_b.is_in([a, b])
        )
        .order_by(Match.id, ascending=False)
    )
    if claim is not None:
        named = await Claim.select(Claim.match).where(Claim.id == claim).first()
        rows = [row for row in rows if named and row["id"] == named["match"]]
    return rows[0] if rows else None
