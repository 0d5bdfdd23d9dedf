"""An independent check of a finished stage: which properties does it violate?

It reads only what `play` answers and shares no code with the engine but the
matching, so that a fault in the engine is not checked by itself.
"""

from collections import Counter

from brackets import check_elimination, check_tables
from brackets.errors import BadSpec, require_between
from brackets.finished import Finished, Violations

FORMATS = {
    "single_elimination": check_elimination.single,
    "double_elimination": check_elimination.double,
    "gauntlet": check_elimination.gauntlet,
    "gsl": check_elimination.gsl,
    "ladder": check_tables.ladder,
    "round_robin": check_tables.round_robin,
    "swiss": check_tables.swiss,
    "swiss_limits": check_tables.limits,
}


SMALLEST, LARGEST = 2, 4_096
MOST_ROUNDS = 4_096


def violations(stage: Finished) -> list[str]:
    """One sentence for each violated property; none is well. `BadSpec` for no stage at all."""
    if stage.format not in FORMATS:
        raise BadSpec(f"there is no format {stage.format!r}")
    require_between("entrants", stage.entrants, SMALLEST, LARGEST)
    for round_ in stage.rounds:
        require_between("a round", round_.round, 1, MOST_ROUNDS)
    found = [*_matches(stage)]
    if not found:
        found += _record(stage)
        found += _places(stage)
    if not found:
        found += FORMATS[stage.format](stage)
    return found


def _matches(stage: Finished) -> Violations:
    """Every match is between two entrants, one of whom won; nobody plays twice in a round."""
    everybody = set(stage.seeds)
    for round_ in stage.rounds:
        name = f"{round_.bracket} round {round_.round}"
        playing = [seed for match in round_.matches for seed in match.seeds]
        playing += round_.byes
        if not round_.matches and (round_.bracket != "swiss" or not round_.byes):
            yield f"{name}: nobody plays"
        if not set(playing) <= everybody:
            yield f"{name}: somebody is not an entrant"
        if len(set(playing)) < len(playing):
            yield f"{name}: somebody plays twice"
        for match in round_.matches:
            if match.winner is not None and match.winner not in match.seeds:
                yield f"{name}: {match.seeds} was won by {match.winner}"


def _record(stage: Finished) -> Violations:
    """Wins and losses in the table are those of the matches (a Swiss bye is a win)."""
    wins: Counter[int] = Counter()
    losses: Counter[int] = Counter()
    for match in stage.played:
        for seed in match.seeds:
            if match.winner is not None:
                (wins if seed == match.winner else losses)[seed] += 1
    for round_ in stage.rounds:
        wins.update(round_.byes if round_.bracket == "swiss" else [])
    for row in stage.standings:
        if (row.wins, row.losses) != (wins[row.seed], losses[row.seed]):
            yield f"seed {row.seed} is listed with {row.wins} wins and {row.losses} losses"


def _places(stage: Finished) -> Violations:
    """Everybody has one place, and a shared place leaves room for all who share it."""
    placed = [seed for _, seeds in stage.placements for seed in seeds]
    if sorted(placed) != list(stage.seeds):
        yield "not everybody has exactly one place"
    if not all(seeds for _, seeds in stage.placements):
        yield "a place that nobody has"
    before = 0
    for place, seeds in stage.placements:
        if place != before + 1:
            yield f"place {place} comes after {before} entrants"
        before += len(seeds)
