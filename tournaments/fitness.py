"""Why a game or a series can belong to no match of a tournament."""

from datetime import timedelta

from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments.reports import GameReport, SeriesReport
from tournaments.sources import source_of
from tournaments.tables import Tournament

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


def unfit_for_match(report: object, match: Row) -> Message | None:
    """Why a series that was played is not this match, or None."""
    if not isinstance(report, SeriesReport) or report.kind != "played" or not report.best_of:
        return None
    if report.best_of == match["best_of"]:
        return None
    return Message(
        N_("{provider} played a best of {theirs}, and this match is a best of {ours}."),
        provider=source_of(report.source).title,
        theirs=report.best_of,
        ours=match["best_of"],
    )


def is_shared(tournament: Row) -> bool:
    """Whether others play where it is played, whose games are nobody's business here."""
    return str(tournament["faceit"] or "").startswith("hub:")


def competitions_of(tournament: Row) -> set[str]:
    """The providers' leagues and championships that the tournament is played in."""
    faceit = str(tournament["faceit"] or "").partition(":")[2]
    return {each for each in (tournament["league_id"], faceit) if each}


async def tournaments_in(competition: str) -> list[int]:
    """The tournaments that are being played in a FACEIT competition of this id."""
    rows = await (
        Tournament.select(Tournament.id)
        .where(
            one_of(Tournament.faceit, [f"championship:{competition}", f"hub:{competition}"])
            & one_of(Tournament.state, ["running", "finished"])
        )
        # The one that is being played comes before those it has seen before.
        .order_by(Tournament.state, ascending=False)
        .order_by(Tournament.id, ascending=False)
    )
    return [row["id"] for row in rows]


def _elsewhere(report: GameReport | SeriesReport, tournament: Row) -> Message | None:
    if report.game != tournament["game"]:
        return Message(N_("The game is not the one this tournament plays."))
    ours = competitions_of(tournament)
    if ours and not report.trusted and report.competition not in ours:
        return Message(N_("The game was not played in the league of this tournament."))
    return None
