"""The site's own rating of clans, game by game: a replay of everything they have played.

Nothing is stored, so a corrected result corrects the rating. Everybody starts
with 1500 points; only matches that were played count, not walkovers.
"""

from typing import Any

from brackets.rating import Played, replay
from brackets.seed_orders import Rating
from tournaments.tables import Match

START = 1_500.0


async def ratings(game: str) -> dict[int, Rating]:
    """The rating of every clan that has played this game here, by clan."""
    tournament: Any = Match.stage.tournament
    rows = await (
        Match.select(
            Match.entrant_a.clan.as_alias("a"), Match.entrant_b.clan.as_alias("b"), Match.winner
        )
        .where((Match.state == "decided") & (Match.outcome == "played") & (tournament.game == game))
        .order_by(Match.decided_at, Match.id)
    )
    start = dict.fromkeys((row[side] for row in rows for side in ("a", "b")), START)
    events = [Played(row["a"], row["b"], _score(row["winner"])) for row in rows]
    points = replay(start, events)
    return {clan: Rating(None, each) for clan, each in points.items()}


def _score(winner: int | None) -> float:
    """What the first side got of the match: 1, 0.5 or 0."""
    return 0.5 if winner is None else 1.0 - winner
