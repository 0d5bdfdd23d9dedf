"""The engine's reasons in words."""

from collections.abc import Mapping

import msgspec

import brackets
from app.kernel.db.database import Row
from app.kernel.errors import N_, Message
from tournaments import stage_options
from tournaments.plans import StagePlan
from tournaments.seeding import seeding_of

FORMATS = {
    "single_elimination": N_("Single elimination"),
    "double_elimination": N_("Double elimination"),
    "round_robin": N_("Round robin"),
    "swiss": N_("Swiss"),
    "swiss_limits": N_("Swiss, {wins} wins or {losses} losses"),
    "gsl": N_("GSL groups"),
    "gauntlet": N_("Gauntlet"),
    "ladder": N_("Ladder"),
}

TIE_BREAKS = {
    "points": N_("Points"),
    "wins": N_("Wins"),
    "losses": N_("Losses"),
    "head_to_head": N_("Points among the tied"),
    "score_difference": N_("Score difference"),
    "score_for": N_("Score made"),
    "buchholz": N_("Buchholz: points of all opponents"),
    "buchholz_cut_1": N_("Buchholz without the lowest opponent"),
    "buchholz_median": N_("Buchholz without the highest and the lowest opponent"),
    "sonneborn_berger": N_("Sonneborn-Berger: points of the beaten"),
    "difficulty": N_("Strength of opponents: their wins minus losses"),
    "ladder": N_("Place on the ladder"),
    "initial_seed": N_("Initial seed"),
    "coin": N_("Coin"),
}

AT_THE_LINE = {
    "seed": N_("The line runs through this place: the better seed goes on."),
    "decider": N_("The line runs through this place: deciding matches are played."),
    "coin": N_("The line runs through this place: a coin decides whose seed everybody can check."),
    "organiser": N_("The line runs through this place: the organiser chooses."),
}
SHORT = {
    "points": N_("Pts"),
    "head_to_head": N_("H2H"),
    "score_difference": N_("+/−"),
    "score_for": N_("Score"),
    "buchholz": N_("Bh"),
    "buchholz_cut_1": N_("Bh−1"),
    "buchholz_median": N_("BhM"),
    "sonneborn_berger": N_("SB"),
    "difficulty": N_("Opp."),
}

REASONS = {
    "seeds": N_("Seed {a} meets seed {b}: the best seeds can only meet late."),
    "waits": N_("Seed {seed} waits at this step."),
    "won": N_("One comes as the winner of M{match}."),
    "lost": N_("One comes as the loser of M{match}."),
    "dropped": N_("One drops in as the loser of M{match}, placed so that old opponents meet late."),
    "nobody": N_("Nobody comes from one side."),
    "everybody": N_("In a round robin everybody meets everybody."),
    "challenge": N_("Place {b} of the ladder challenges place {a}."),
    "by_hand": N_("The organiser has paired this round."),
    "swiss_equal": N_("Both have {a} points, and they have not met before."),
    "swiss_nearest": N_(
        "{a} against {b} points: among equals everybody had met or been paired already."
    ),
    "swiss_rematch": N_("They have met before: every way to pair this round repeats a match."),
    "swiss_bye": N_(
        "The number is odd: the lowest placed without a bye rests and gets the points of a win."
    ),
    "valve_half": N_("Round 1 pairs the upper half of the seeds with the lower."),
    "valve_fold": N_("Round 1 pairs the best seed with the last, the second with the one above."),
    "valve_table": N_(
        "Record {record}: row {row} of Valve's table is the first without a repeated match."
    ),
    "valve_high_low": N_(
        "Record {record}: the highest placed takes the lowest it has not met, so that the rest fit."
    ),
    "valve_rematch": N_("Record {record}: every way to pair the group repeats a match."),
}


SEEDINGS = {
    "hand": N_("Seeds: ordered by the organiser."),
    "lot": N_("Seeds: drawn by lot with the text “{lot}”."),
    "rating": N_("Seeds: by this site's rating, from all matches played here."),
    "list": N_("Seeds: by a published list that the organiser has handed in."),
}


def seeding(tournament: Row) -> list[Message]:
    """How the seeds were made, once they are."""
    made = seeding_of(tournament)
    if made is None:
        return []
    found = [Message(SEEDINGS[made.method], lot=made.lot)]
    if made.method == "lot" and made.draws > 1:
        found.append(
            Message(N_("It was drawn {count} times; the last one counts."), count=made.draws)
        )
    if made.apart:
        found.append(Message(N_("Some then changed places so as not to meet in round 1.")))
    return found


def tie_breaks() -> list[tuple[str, Message]]:
    """Those an organiser can choose."""
    return [(name, Message(TIE_BREAKS[name])) for name in stage_options.TIE_BREAKS]


def format_name(plan: StagePlan) -> Message:
    """What the format is called, with its limits where it has some."""
    if plan.format != "swiss_limits":
        return Message(FORMATS[plan.format])
    options = plan.options
    return Message(FORMATS[plan.format], wins=options.wins, losses=options.losses)


def reason(of: brackets.Reason) -> Message:
    """Why two meet."""
    return Message(REASONS[of.code], **{name: _plain(value) for name, value in of.numbers.items()})


def _plain(value: str | int | float) -> str | int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return str(value) if isinstance(value, float) else value


def number(value: float | str) -> str:
    """As tables print it: no needless zeros, a real minus."""
    if isinstance(value, str):
        return value
    return f"{value:g}".replace("-", "−")


def of_sources(row: Mapping[str, object]) -> list[Message]:
    """Why two meet in an elimination, from where their slots are fed."""
    found = []
    for side in ("source_a", "source_b"):
        kind, _, match = str(row[side]).partition(" ")
        if kind in ("winner", "loser") and match != "0":
            dropped = kind == "loser" and row["bracket"] == "lower" and row["round"] != 1
            code = {"winner": "won", "loser": "dropped" if dropped else "lost"}[kind]
            found.append(Message(REASONS[code], match=int(match)))
    return found


def message_of(text: str, params: str | None) -> Message:
    """A stored message, ready to be translated."""
    return Message(text, **(msgspec.json.decode(params) if params else {}))
