"""Why a game or a series can belong to no match of a tournament."""

from datetime import timedelta

from app.kernel.db import Row
from app.kernel.errors import N_, Message
from tournaments.reports import GameReport, SeriesReport

SHORTEST = timedelta(minutes=6)
FULL_LOBBY = 10


def unfit(report: GameReport, tournament: Row, *, by_hand: bool = False) -> Message | None:
    """The reason, or None. What an organiser attaches by hand may be of an odd kind."""
    if reason := _elsewhere(report, tournament):
        return reason
    if by_hand:
        return None
    if not report.organised:
        return Message(
            N_("The lobby or its mode is not one for tournament play ({mode})."), mode=report.mode
        )
    if report.humans is not None and report.humans < FULL_LOBBY:
        return Message(N_("Only {count} of 10 players were people."), count=report.humans)
    if 0 < report.duration < SHORTEST.total_seconds():
        return Message(
            N_("The game lasted {seconds} seconds, which is too short to count by itself."),
            seconds=report.duration,
        )
    return None


def unfit_series(report: SeriesReport, tournament: Row) -> Message | None:
    """The reason, or None."""
    return _elsewhere(report, tournament)


def competitions_of(tournament: Row) -> set[str]:
    """The providers' leagues and championships that the tournament is played in."""
    faceit = str(tournament["faceit"] or "").partition(":")[2]
    return {each for each in (tournament["league_id"], faceit) if each}


def _elsewhere(report: GameReport | SeriesReport, tournament: Row) -> Message | None:
    if report.game != tournament["game"]:
        return Message(N_("The game is not the one this tournament plays."))
    ours = competitions_of(tournament)
    if ours and not report.trusted and report.competition not in ours:
        return Message(N_("The game was not played in the league of this tournament."))
    return None
