"""The finer settings of a stage, as an organiser types them and as the engine reads them."""

import re

import brackets
from app.kernel.errors import N_, Message

ROUND = re.compile(r"(L?)(\d{1,3})\s*[:=]\s*([1357])", re.IGNORECASE)
BRACKETS = {
    "single_elimination": "upper",
    "double_elimination": "upper",
    "gauntlet": "upper",
    "swiss": "swiss",
    "swiss_limits": "swiss",
    "ladder": "ladder",
    "gsl": "group",
}
"""Where the numbered rounds of a format are."""
MOST_POINTS = 100
TIE_BREAKS = (
    "points",
    "wins",
    "head_to_head",
    "score_difference",
    "score_for",
    "buchholz",
    "buchholz_cut_1",
    "buchholz_median",
    "sonneborn_berger",
    "difficulty",
    "initial_seed",
    "coin",
)
MOST_TIE_BREAKS = 5


def lengths(text: str, format_: str) -> dict[str, int] | None:
    """`2:3, L4:5` as the engine's `round_best_of`; None when it cannot be read."""
    found: dict[str, int] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        round_ = ROUND.fullmatch(part)
        if round_ is None or (round_[1] and format_ != "double_elimination"):
            return None
        bracket = "lower" if round_[1] else BRACKETS[format_]
        found[f"{bracket}:{int(round_[2])}"] = int(round_[3])
    return found


def typed_lengths(options: brackets.Options) -> str:
    """The same as text; names such as "final" have fields of their own."""
    parts = [(*name.partition(":")[::2], length) for name, length in options.round_best_of.items()]
    # PostgreSQL keeps the keys of JSON in an order of its own.
    rounds = sorted((bracket == "lower", int(round_), n) for bracket, round_, n in parts if round_)
    return ", ".join(f"{'L' if lower else ''}{round_}:{n}" for lower, round_, n in rounds)


def points(text: str) -> brackets.Points | None:
    """`3 / 1 / 0` (won, drawn, lost; a bye is a win), or None when it cannot be read."""
    parts = [part.replace(",", ".") for part in re.split(r"[\s/;]+", text.strip())]
    if len(parts) != 3 or not all(re.fullmatch(r"\d{1,3}(\.\d{1,2})?", part) for part in parts):
        return None
    win, draw, loss = map(float, parts)
    if not loss <= draw <= win <= MOST_POINTS or not win:
        return None
    return brackets.Points(win=win, draw=draw, loss=loss, bye=win)


def typed_points(options: brackets.Options) -> str:
    worth = options.points
    return " / ".join(f"{each:g}" for each in (worth.win, worth.draw, worth.loss))


def wrong_lengths(text: str, format_: str) -> Message | None:
    if lengths(text, format_) is not None:
        return None
    return Message(N_("Write round and best of, for example 4:3, 5:5."))


def wrong_points(text: str) -> Message | None:
    if points(text):
        return None
    return Message(N_("Write three numbers, for example 3 / 1 / 0, the first one the highest."))


def wrong_tie_breaks(names: tuple[str, ...]) -> Message | None:
    if len(set(names)) < len(names):
        return Message(N_("A tie-break can be chosen only once."))
    if not set(names) <= set(TIE_BREAKS) or len(names) > MOST_TIE_BREAKS:
        return Message(N_("Choose one of the list."))
    return None
