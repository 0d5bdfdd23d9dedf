"""What must hold in round robins and Swiss stages, whoever wins."""

from collections import Counter

from brackets.finished import Finished, PlayedRound, Violations
from brackets.matching import cheapest

Met = set[frozenset[int]]


def round_robin(stage: Finished) -> Violations:
    """Every pair of a group meets once a leg, and nobody else does."""
    groups: dict[str, set[int]] = {}
    pairs: Counter[frozenset[int]] = Counter()
    for round_ in stage.rounds:
        group = groups.setdefault(round_.bracket, set())
        for match in round_.matches:
            group.update(match.seeds)
            pairs[frozenset(match.seeds)] += 1
    sizes = sorted(map(len, groups.values()))
    if len(sizes) != stage.options.groups or sum(sizes) != stage.entrants:
        yield "the groups do not hold everybody once"
    elif sizes[-1] - sizes[0] > 1:
        yield f"groups of {sizes[0]} and of {sizes[-1]}"
    wanted = {frozenset((a, b)) for group in groups.values() for a in group for b in group if a < b}
    if set(pairs) != wanted or set(pairs.values()) - {stage.options.legs}:
        yield "not every pair meets exactly once a leg"


def swiss(stage: Finished) -> Violations:
    """No rematch and no second bye while they can be avoided."""
    met: Met = set()
    rested: list[int] = []
    for round_ in stage.of("swiss"):
        yield from _rematches(round_, met)
        for bye in round_.byes:
            if bye in rested and len(set(rested)) < stage.entrants:
                yield f"round {round_.round}: a second bye for {bye}"
            rested.append(bye)
        if len(round_.byes) != stage.entrants % 2:
            yield f"round {round_.round}: {len(round_.byes)} byes"
        met |= {frozenset(match.seeds) for match in round_.matches}


def _rematches(round_: PlayedRound, met: Met) -> Violations:
    again = [match.seeds for match in round_.matches if frozenset(match.seeds) in met]
    if again and _free(sorted({s for match in round_.matches for s in match.seeds}), met):
        yield f"round {round_.round}: {again[0]} meet again, which could be avoided"


def _free(playing: list[int], met: Met) -> bool:
    """Whether these can be paired without a rematch."""
    edges = [
        (a, b, 0)
        for a in range(len(playing))
        for b in range(a + 1, len(playing))
        if frozenset((playing[a], playing[b])) not in met
    ]
    return cheapest(len(playing), edges) is not None


def ladder(stage: Finished) -> Violations:
    """Who won from below has the place of who lost, and those between are one lower."""
    order = list(stage.seeds)
    for round_ in stage.of("ladder"):
        for match in round_.matches:
            places = [order.index(seed) for seed in match.seeds]
            if match.winner is not None and order[max(places)] == match.winner:
                order.insert(min(places), order.pop(max(places)))
    if [seeds for _, seeds in stage.placements] != [[seed] for seed in order]:
        yield f"the ladder is {order}"


def limits(stage: Finished) -> Violations:
    """Only equal records meet (one of each odd group apart), until a limit is reached."""
    wins: Counter[int] = Counter()
    losses: Counter[int] = Counter()
    options = stage.options
    for round_ in stage.of("swiss"):
        groups = Counter((wins[seed], losses[seed]) for seed in _playing(round_))
        mixed = [
            match.seeds
            for match in round_.matches
            if len({(wins[seed], losses[seed]) for seed in match.seeds}) > 1
        ]
        if mixed and all(size % 2 == 0 for size in groups.values()):
            yield f"round {round_.round}: {mixed[0]} have different records"
        if any(wins[s] >= options.wins or losses[s] >= options.losses for s in _playing(round_)):
            yield f"round {round_.round}: somebody plays who is through or out"
        yield from _deciders(stage, round_, wins, losses)
        for match in round_.matches:
            for seed in match.seeds:
                (wins if seed == match.winner else losses)[seed] += 1
        wins.update(round_.byes)
    if any(wins[s] < options.wins and losses[s] < options.losses for s in stage.seeds):
        yield "somebody is neither through nor out"
    yield from _difficulty(stage, wins, losses)


def _playing(round_: PlayedRound) -> list[int]:
    return [seed for match in round_.matches for seed in match.seeds] + round_.byes


def _deciders(
    stage: Finished, round_: PlayedRound, wins: Counter[int], losses: Counter[int]
) -> Violations:
    """A match that can put somebody through or out is no shorter than the others."""
    options = stage.options
    for match in round_.matches:
        decides = any(
            wins[s] + 1 == options.wins or losses[s] + 1 == options.losses for s in match.seeds
        )
        if decides and not options.round_best_of and match.best_of < max(3, options.best_of):
            yield f"round {round_.round}: {match.seeds} is a decider of {match.best_of}"


def _difficulty(stage: Finished, wins: Counter[int], losses: Counter[int]) -> Violations:
    """Wins minus losses of everybody met, at the end."""
    difficulty: Counter[int] = Counter()
    for match in stage.played:
        a, b = match.seeds
        difficulty[a] += wins[b] - losses[b]
        difficulty[b] += wins[a] - losses[a]
    for row in stage.standings:
        if row.tie_breaks.get("difficulty", difficulty[row.seed]) != difficulty[row.seed]:
            yield f"seed {row.seed} has difficulty {difficulty[row.seed]}"
