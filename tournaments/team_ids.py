"""The organiser says which registered team an entrant is at a provider.

By it a clan is known even where its players are not to be seen (anonymous Dota 2
accounts, stand-ins).
"""

from datetime import datetime

from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Invalid, Message, NotFound
from tournaments import competitions
from tournaments.setup import change, locked, require_state
from tournaments.tables import Entrant

WRONG = {
    "dota2": N_("A Dota 2 team id is a number like 8255888."),
    "cs2": N_("Enter the address of the team at FACEIT, or the id in it."),
}


async def name_team(
    tx: Transaction, viewer: Viewer, tournament: int, entrant: int, typed: str, *, now: datetime
) -> None:
    """Keep the entrant's team id, or forget it where nothing is typed.

    What was refused before is considered again. Raises `Invalid` on `team_<entrant>`.
    """
    row = await locked(tx, viewer, "entrant.name_team", tournament)
    require_state(row, "draft", "open", "closed", "running")
    team = await _checked(row, entrant, typed)
    await Entrant.update({Entrant.team_id: team}).where(Entrant.id == entrant)
    await change(tx, viewer, row, "tournament.team_named", {}, now=now)
    await tx.later("reconsider", now=now, tournament=tournament)


async def _checked(tournament: Row, entrant: int, typed: str) -> str | None:
    mine = Entrant.tournament == tournament["id"]
    if not await Entrant.exists().where(mine & (Entrant.id == entrant)):
        raise NotFound
    if not typed.strip():
        return None
    team = competitions.team(tournament["game"], typed)
    if team is None:
        raise Invalid({f"team_{entrant}": Message(WRONG[tournament["game"]])})
    if await Entrant.exists().where(mine & (Entrant.id != entrant) & (Entrant.team_id == team)):
        raise Invalid({f"team_{entrant}": Message(N_("Another clan here has this team id."))})
    return team


async def teams_of(tournament: int) -> dict[int, str]:
    """The team ids there are, by entrant."""
    rows = await Entrant.select(Entrant.id, Entrant.team_id).where(
        (Entrant.tournament == tournament) & Entrant.team_id.is_not_null()
    )
    return {row["id"]: row["team_id"] for row in rows}
