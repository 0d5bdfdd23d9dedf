"""A FACEIT match in our words. Pure, and blind to the order of what was delivered.

The match itself ("details") tells the series: who won is `results.winner`, never
the score, for the score of a best of 1 is sometimes maps (1-0) and sometimes
rounds (13-7). The maps ("stats", later) are for people to read: FACEIT is one
voice, and that is the series'. A webhook's message only says that something has
happened; it has no score.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from integrations.base import Delivery, Unusable
from integrations.faceit.maps import games
from integrations.faceit.reading import (
    DETAILS,
    FINAL,
    FINISHED,
    NAME,
    STATS,
    Faction,
    Match,
    Results,
    Score,
    Stats,
    Teams,
    is_bye,
    read_match,
    read_stats,
)
from tournaments.reports import ReportedSide, SeriesKind, SeriesReport, Told

PREMADE = "premade"
LONGEST_SERIES = 9
LONGEST_URL = 200

Outcome = tuple[SeriesKind, int | None, tuple[int, int] | None]
T = TypeVar("T")


def translate(deliveries: Sequence[Delivery]) -> Told:
    """The series and its maps. Nothing for a bye: nobody played.

    `Unusable` while the match itself has not been delivered or is not over, so
    that it is asked for again.
    """
    details = _latest(deliveries, DETAILS, read_match)
    match = next((each for each, subject in details if each.match_id == subject), None)
    if match is None:
        raise Unusable("the match itself has not been delivered")
    if match.status not in FINAL:
        raise Unusable("the match is not over")
    teams = match.teams or Teams()
    if is_bye(teams.faction1) or is_bye(teams.faction2):
        return Told()
    series = _series(match, (_side(teams.faction1), _side(teams.faction2)))
    if series.kind == "cancelled" and not all(map(_is_somebody, series.sides)):
        # Cancelled before anybody was to play it.
        return Told()
    stats = _latest(deliveries, STATS, read_stats)
    return Told(series=series, games=games(series, match, stats[0][0] if stats else Stats()))


def _latest(
    deliveries: Sequence[Delivery], part: str, read: Callable[[bytes], T | None]
) -> list[tuple[T, str]]:
    """What can be read of a part, the latest first, with its subject."""

    def age(delivery: Delivery) -> tuple[float, bytes]:
        at = delivery.received_at
        return (at.timestamp() if at else 0.0), delivery.body

    mine = sorted((each for each in deliveries if each.part == part), key=age, reverse=True)
    found = [(read(each.body), each.subject) for each in mine]
    return [(each, subject) for each, subject in found if each is not None]


def _series(match: Match, sides: tuple[ReportedSide, ReportedSide]) -> SeriesReport:
    kind, winner, score = _outcome(match)
    return SeriesReport(
        source=NAME,
        external_id=match.match_id,
        game=match.game or "cs2",
        sides=sides,
        winner=winner,
        kind=kind,
        score=score,
        best_of=_best_of(match),
        started_at=_time(match.started_at),
        finished_at=_time(match.finished_at),
        competition=match.competition_id or None,
        url=_url(match),
    )


def _outcome(match: Match) -> Outcome:
    results = match.results or Results()
    winner = {"faction1": 0, "faction2": 1}.get(results.winner or "")
    if match.status != FINISHED:
        return "cancelled", None, None
    if winner is None:
        return _without_winner(match, results.score or Score())
    if not match.started_at and not match.demo_url:
        return "walkover", winner, None
    return "played", winner, _maps_won(match, winner)


def _without_winner(match: Match, score: Score) -> Outcome:
    """Drawn where both have won as much; else nobody has decided it."""
    a, b = score.faction1 or 0, score.faction2 or 0
    if not match.started_at or a != b or a == 0:
        return "cancelled", None, None
    return "played", None, (a, b) if 2 * a == _best_of(match) else None


def _maps_won(match: Match, winner: int) -> tuple[int, int] | None:
    """The score in maps, or None where what FACEIT gives cannot be that."""
    best_of = _best_of(match)
    if best_of == 1:
        return (1, 0) if winner == 0 else (0, 1)
    score = (match.results or Results()).score or Score()
    if score.faction1 is None or score.faction2 is None:
        return None
    won = score.faction1, score.faction2
    high, low = won[winner], won[1 - winner]
    return won if 0 <= low < high <= best_of // 2 + 1 and high + low <= best_of else None


def _best_of(match: Match) -> int:
    best_of = match.best_of or 0
    return best_of if 0 < best_of <= LONGEST_SERIES else 0


def _side(faction: Faction | None) -> ReportedSide:
    faction = faction or Faction()
    playing = [each for each in faction.substitutes or [] if each and each.playing]
    players = [each for each in [*(faction.roster or []), *playing] if each]
    seen = dict.fromkeys(each.game_player_id for each in players if each.game_player_id)
    return ReportedSide(
        # In a mix it is the captain's own id, who may play in other teams.
        team_id=faction.faction_id or None if faction.type == PREMADE else None,
        steam_ids=tuple(each for each in seen if each),
        name=faction.name,
    )


def _is_somebody(side: ReportedSide) -> bool:
    return bool(side.team_id or side.steam_ids)


def _time(seconds: int | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _url(match: Match) -> str:
    """The match's page. Only FACEIT's own: it becomes a link on ours."""
    url = (match.faceit_url or "").replace("{lang}", "en")
    if url.startswith("https://www.faceit.com/") and url.isascii() and len(url) <= LONGEST_URL:
        return url
    return f"https://www.faceit.com/en/cs2/room/{match.match_id}"
