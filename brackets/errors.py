"""What can be wrong with a spec or a result, each as its own class."""


class BracketError(Exception):
    """Base of all errors of the engine; the text says what and where."""


class BadSpec(BracketError):
    """The spec describes no stage that can be played."""


class UnknownMatch(BracketError):
    """The stage has no match of that id."""


class NotReady(BracketError):
    """The match does not have both its entrants yet, or needs no playing."""


class AlreadyDecided(BracketError):
    """The match has another outcome; undo that first."""


class BadOutcome(BracketError):
    """The outcome contradicts itself, or the format does not allow it."""


class HasSuccessors(BracketError):
    """Later matches were decided on the strength of this one.

    `matches` lists them in the order they would have to be undone.
    """

    def __init__(self, matches: list[str]) -> None:
        self.matches = matches
        super().__init__(f"undo first: {', '.join(matches)}")


def require_between(what: str, value: float, least: float, most: float) -> None:
    """`BadSpec` unless least <= value <= most."""
    if not least <= value <= most:
        raise BadSpec(f"{what} must be {least} to {most}, not {value}")
