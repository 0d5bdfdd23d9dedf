"""What an outcome may be, and what a table counts of a match."""

from brackets.errors import BadOutcome
from brackets.model import Match, Outcome
from brackets.table import Meeting


def check_outcome(outcome: Outcome, *, draws: bool) -> None:
    """`BadOutcome` when it contradicts itself, or is a draw where there is none."""
    if outcome.drawn:
        if not draws:
            raise BadOutcome("this format has no draws")
        if outcome.score and outcome.score[0] != outcome.score[1]:
            raise BadOutcome("a draw has equal scores")
    if outcome.kind == "double_forfeit" and outcome.winner is not None:
        raise BadOutcome("a double forfeit has no winner")
    if outcome.kind in ("walkover", "forfeit") and outcome.winner is None:
        raise BadOutcome(f"a {outcome.kind} has a winner")
    if outcome.score is not None:
        _check_score(outcome, outcome.score)


def _check_score(outcome: Outcome, score: tuple[int, int]) -> None:
    if min(score) < 0:
        raise BadOutcome("a score cannot be negative")
    if outcome.kind == "played" and outcome.winner is not None:
        won, lost = score[outcome.winner], score[1 - outcome.winner]
        if won <= lost:
            raise BadOutcome(f"the winner cannot have {won} against {lost}")


def counts(view: Match) -> bool:
    """Whether a table counts it: it is decided, or a bye of a Swiss round."""
    return view.state == "decided" or (view.state == "bye" and view.bracket == "swiss")


def meeting(view: Match) -> Meeting:
    """The match as a table counts it."""
    a, b = view.seeds
    forfeited = view.outcome is not None and view.outcome.kind == "double_forfeit"
    score = view.outcome.score if view.outcome else None
    return Meeting(a or 0, b, view.winner, score, forfeited)
