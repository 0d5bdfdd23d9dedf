"""What must hold in eliminations, whoever wins."""

from collections import Counter
from itertools import pairwise

from brackets.finished import Finished, PlayedRound, Violations, losses


def single(stage: Finished) -> Violations:
    """n - 1 matches, one loss each, byes to the best, favourites apart."""
    upper = stage.of("upper")
    matches = [match for round_ in upper for match in round_.matches]
    if len(matches) != stage.entrants - 1:
        yield f"{len(matches)} matches instead of {stage.entrants - 1}"
    third = sum(len(round_.matches) for round_ in stage.of("third_place"))
    if third != int(stage.options.third_place and stage.entrants >= 4):
        yield f"{third} matches for third place"
    lost = losses(matches)
    if any(times > 1 for times in lost.values()) or len(lost) != stage.entrants - 1:
        yield "everybody but the champion loses exactly once"
    yield from _byes(stage, upper)
    yield from _apart(stage, upper)
    yield from _gone_on(upper)


def _byes(stage: Finished, upper: list[PlayedRound]) -> Violations:
    """2^k - n byes in round 1, for the best seeds."""
    missing = 2 ** (stage.entrants - 1).bit_length() - stage.entrants
    first = sorted(upper[0].byes) if upper else []
    if first != list(range(1, missing + 1)):
        yield f"byes for {first}, not for the best {missing}"
    if any(round_.byes for round_ in upper[1:]):
        yield "a bye after round 1"


def _apart(stage: Finished, upper: list[PlayedRound]) -> Violations:
    """The best 2^k can only meet when 2^k are left."""
    for round_ in upper:
        left = 2 ** ((stage.entrants - 1).bit_length() - round_.round + 1)
        for match in round_.matches:
            if max(match.seeds) <= left // 2:
                yield f"{match.seeds} meet when {left} are left"


def _gone_on(rounds: list[PlayedRound]) -> Violations:
    """Who plays in a round has won (or rested) in the one before."""
    for before, after in pairwise(rounds):
        through = {match.winner for match in before.matches} | set(before.byes)
        if {seed for match in after.matches for seed in match.seeds} != through:
            yield f"round {after.round} is not played by those who came through"


def double(stage: Finished) -> Violations:
    """2n - 2 matches, one more with a reset, two losses each."""
    kind, entrants = stage.options.grand_final, stage.entrants
    resets = sum(len(round_.matches) for round_ in stage.of("final") if round_.round == 2)
    expected = 2 * entrants - 2 - (kind == "none") + resets
    if len(stage.played) != expected:
        yield f"{len(stage.played)} matches instead of {expected}"
    yield from _losses(stage, kind)
    yield from _reset(stage, kind, resets)
    yield from _byes(stage, stage.of("upper"))
    yield from _apart(stage, stage.of("upper"))
    yield from _gone_on(stage.of("upper"))


def _losses(stage: Finished, kind: str) -> Violations:
    lost = losses(stage.played)
    if max(lost.values(), default=0) > 2:
        yield "somebody plays after the second loss"
    first, second, *_ = [seed for _, seeds in stage.placements for seed in seeds]
    if any(lost.get(seed, 0) != 2 for seed in stage.seeds if seed not in (first, second)):
        yield "somebody is out without a second loss"
    if kind == "reset" and lost.get(second, 0) != 2:
        yield "the second placed has not lost twice"


def _reset(stage: Finished, kind: str, resets: int) -> Violations:
    """A reset exactly when the one without a loss has lost the first final."""
    finals = stage.of("final")
    upper = [match for round_ in stage.of("upper") for match in round_.matches]
    if not finals or kind != "reset":
        if resets:
            yield "a reset that nobody asked for"
        return
    unbeaten = set(stage.seeds) - set(losses(upper))
    needed = finals[0].matches[0].winner not in unbeaten
    if stage.entrants == 2:
        # Both come from the one upper match; its winner is the unbeaten one.
        needed = finals[0].matches[0].winner != upper[0].winner
    if needed != bool(resets):
        yield "a reset is played exactly when the unbeaten one loses"


def gauntlet(stage: Finished) -> Violations:
    """One match a step; the step's seed is fresh, and the winner climbs."""
    steps = stage.of("upper")
    if len(stage.played) != stage.entrants - 1:
        yield f"{len(stage.played)} matches instead of {stage.entrants - 1}"
    for number, step in enumerate(steps):
        fresh = stage.entrants - 1 - number
        if fresh not in step.matches[0].seeds:
            yield f"seed {fresh} is not met in round {step.round}"
    for before, after in pairwise(steps):
        if before.matches[0].winner not in after.matches[0].seeds:
            yield f"the winner of round {before.round} does not climb"


def gsl(stage: Finished) -> Violations:
    """Five matches a group; first wins twice, last loses twice, nobody three times."""
    groups = Counter(round_.bracket for round_ in stage.rounds for _ in round_.matches)
    if any(count != 5 for count in groups.values()) or len(groups) != stage.entrants // 4:
        yield "not five matches in every group"
    if max(losses(stage.played).values(), default=0) > 2:
        yield "somebody plays after the second loss"
    if sorted(len(seeds) for _, seeds in stage.placements) != [len(groups)] * 4:
        yield "the places of the groups are not 1 to 4"
