"""The maps of a FACEIT match as games, to be read beside its series. Pure."""

import msgspec

from integrations.faceit.reading import (
    FINISHED,
    NAME,
    Faction,
    Match,
    Round,
    RoundStats,
    Stats,
    Team,
    Teams,
    TeamStats,
)
from tournaments.reports import GameReport, ReportedSide, SeriesReport

MOST_MAPS = 9
MOST_ROUNDS = 999
LONGEST_LABEL = 40

Found = tuple[TeamStats, TeamStats]


def games(series: SeriesReport, match: Match, stats: Stats) -> tuple[GameReport, ...]:
    """Each map once, in the order they were played."""
    if match.status != FINISHED or series.started_at is None:
        return ()
    found: dict[int, GameReport] = {}
    for each in stats.rounds or []:
        if each and (game := _game(series, match, each)) and game.number is not None:
            found.setdefault(game.number, game)
    return tuple(found[number] for number in sorted(found))


def _game(series: SeriesReport, match: Match, played: Round) -> GameReport | None:
    """The map, or None where it cannot be told who won it."""
    sides = _by_faction(match, played)
    nth = played.match_round or 0
    if sides is None or not 1 <= nth <= MOST_MAPS or played.match_id not in (None, match.match_id):
        return None
    rounds = _rounds(sides[0]), _rounds(sides[1])
    winner = _winner(match, played, sides, rounds)
    if winner is None and (rounds[0] is None or rounds[0] != rounds[1]):
        return None
    assert series.started_at is not None, "only what was started has maps"
    return GameReport(
        source=NAME,
        external_id=f"{match.match_id}:{nth}",
        game=series.game,
        # FACEIT does not say when each map began, nor how long it took.
        started_at=series.started_at,
        duration=0,
        sides=(_with(series.sides[0], rounds[0]), _with(series.sides[1], rounds[1])),
        winner=winner,
        label=_label(played),
        series=match.match_id,
        number=nth - 1,
        competition=series.competition,
        url=series.url,
        told_whole=True,
    )


def _ids(match: Match) -> tuple[str | None, str | None]:
    teams = match.teams or Teams()
    first, second = teams.faction1 or Faction(), teams.faction2 or Faction()
    return first.faction_id, second.faction_id


def _by_faction(match: Match, played: Round) -> Found | None:
    """Both sides' figures in the match's order, or None where a side is missing."""
    known: dict[str | None, Team] = {each.team_id: each for each in played.teams or [] if each}
    first, second = (known.get(each) if each else None for each in _ids(match))
    if first is None or second is None or first is second:
        return None
    return first.team_stats or TeamStats(), second.team_stats or TeamStats()


def _winner(
    match: Match, played: Round, sides: Found, rounds: tuple[int | None, int | None]
) -> int | None:
    named = (played.round_stats or RoundStats()).winner
    ids = _ids(match)
    if named and named in ids:
        return ids.index(named)
    won = [side.won == "1" for side in sides]
    if won[0] != won[1]:
        return won.index(True)
    if rounds[0] is None or rounds[1] is None or rounds[0] == rounds[1]:
        return None
    return int(rounds[1] > rounds[0])


def _rounds(side: TeamStats) -> int | None:
    return side.score if side.score is not None and 0 <= side.score <= MOST_ROUNDS else None


def _with(side: ReportedSide, rounds: int | None) -> ReportedSide:
    return msgspec.structs.replace(side, score=rounds)


def _label(played: Round) -> str:
    name = (played.round_stats or RoundStats()).map or ""
    return "".join(each for each in name if each.isprintable())[:LONGEST_LABEL]
