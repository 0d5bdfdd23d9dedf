"""Why this opponent, and what is still needed: answers as data.

Why somebody has its place is in `Standing.steps`.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import product
from math import prod
from typing import Literal

import msgspec

from brackets.errors import BadSpec
from brackets.model import Bye, LoserOf, Match, Outcome, Seed, Source, WinnerOf
from brackets.rebuilding import rebuild
from brackets.round import Reason
from brackets.stage import Stage
from brackets.standings import Standing, tables
from brackets.table import Meeting

Own = Literal["win", "draw", "loss", "rest"]
OWN: tuple[Own, ...] = ("win", "draw", "loss", "rest")
Way = tuple[Outcome, ...]

MOST_EXACT = 1_024
SAMPLES = 120


def why_opponents(stage: Stage, id_: str) -> tuple[Reason, ...]:
    """Why these two meet in this match (or why one rests)."""
    view = stage.match(id_)
    if stage.format.pair:
        round_ = stage.rounds[view.round - 1]
        return (round_.reasons[view.position - 1],)
    if stage.spec.format == "round_robin":
        return (Reason("everybody", {"legs": stage.spec.options.legs}),)
    sources = [through_byes(slot.source, stage.match) for slot in view.slots]
    if all(isinstance(source, Seed) for source in sources):
        a, b = sorted(seed for seed in view.seeds if seed is not None)
        return (Reason("seeds", {"a": a, "b": b}),)
    return tuple(_source(stage, view, source) for source in sources)


def through_byes(source: Source, match: Callable[[str], Match]) -> Source:
    """Where an entrant really comes from: a bye is no match, so nobody wins or loses it."""
    while isinstance(source, (WinnerOf, LoserOf)):
        view = match(source.match)
        if view.number:
            return source
        coming: list[Source] = [slot.source for slot in view.slots if not slot.empty]
        source = coming[0] if coming and isinstance(source, WinnerOf) else Bye()
    return source


def _source(stage: Stage, view: Match, source: Source) -> Reason:
    match source:
        case Seed(seed=seed):
            return Reason("waits", {"seed": seed})
        case WinnerOf(match=id_):
            return Reason("won", {"match": stage.match(id_).number})
        case LoserOf(match=id_):
            dropped = "dropped" if view.bracket == "lower" and view.round > 1 else "lost"
            return Reason(dropped, {"match": stage.match(id_).number})
        case _:
            return Reason("nobody", {})


class Need(msgspec.Struct, frozen=True):
    """What follows from one's own next result: in how many of all ways one gets through.

    `own` is "rest" for who has no match now.
    `tied` are the ways in which it depends on something results do not settle.
    """

    own: Own
    through: int
    tied: int
    ways: int


class Outlook(msgspec.Struct, frozen=True):
    """`exact` when all ways to the end were counted; otherwise they are a sample."""

    exact: bool
    needs: tuple[Need, ...]


def what_is_needed(stage: Stage, seed: int, cut: int) -> Outlook:
    """What an entrant of a table needs to finish among the best `cut` of its group.

    `BadSpec` for a format that is not ranked in tables.
    """
    if not stage.format.tie_breaks:
        raise BadSpec("an elimination needs wins alone")
    group = next(group for group in stage.graph.groups if seed in group)
    views = [view for view in stage.ready if view.seeds[0] in group]
    choices = [_choices(stage, view) for view in views]
    exact = prod(map(len, choices)) <= MOST_EXACT and _ends_now(stage)
    ways = product(*choices) if exact else _sample(choices)
    # On a ladder it matters in which order matches count, not only how they end.
    end = _ended if exact and stage.format.bracket != "ladder" else _played_out
    tally: dict[Own, list[int]] = {}
    for number, way in enumerate(ways):
        rows = end(stage, views, way, number)
        counted = tally.setdefault(_own(views, way, seed), [0, 0, 0])
        for place, value in enumerate((*_verdict(rows, seed, cut), 1)):
            counted[place] += value
    return Outlook(exact, tuple(Need(own, *tally[own]) for own in OWN if own in tally))


def _choices(stage: Stage, view: Match) -> list[Outcome]:
    won = [Outcome(0), Outcome(1)]
    return [*won, Outcome(None)] if stage.format.draws and view.best_of % 2 == 0 else won


def _ends_now(stage: Stage) -> bool:
    """Whether no round follows the one being played."""
    if not stage.format.pair:
        return True
    outcomes: dict[str, Outcome | None] = {view.id: Outcome(0) for view in stage.ready}
    return rebuild(stage, outcomes=outcomes).stage.complete


def _ended(stage: Stage, views: list[Match], way: Way, _number: int) -> list[Standing]:
    """The table when these are the last results."""
    more = [
        Meeting(a or 0, b, None if outcome.winner is None else (a, b)[outcome.winner])
        for (a, b), outcome in zip((view.seeds for view in views), way, strict=True)
    ]
    return tables(stage, [*stage.meetings, *more])


def _sample(choices: list[list[Outcome]]) -> Iterator[Way]:
    """The same ways on every run: each picked by a digest of its number."""
    for number in range(SAMPLES):
        yield tuple(
            each[_toss(f"{number}:{place}", len(each))] for place, each in enumerate(choices)
        )


def _toss(text: str, sides: int) -> int:
    return sha256(text.encode()).digest()[0] % sides


def _played_out(stage: Stage, views: list[Match], way: Way, number: int) -> list[Standing]:
    """The table after these results and tossed ones in all later matches."""
    outcomes: dict[str, Outcome | None] = {
        view.id: outcome for view, outcome in zip(views, way, strict=True)
    }
    end = rebuild(stage, outcomes=outcomes).stage
    while ready := end.ready:
        for view in ready:
            end.apply(view.id, Outcome(1 if _toss(f"{number}:{view.id}", 2) else 0))
    return end.standings


def _own(views: list[Match], way: Way, seed: int) -> Own:
    for view, outcome in zip(views, way, strict=True):
        if seed in view.seeds:
            if outcome.winner is None:
                return "draw"
            return "win" if view.seeds[outcome.winner] == seed else "loss"
    return "rest"


def _verdict(rows: list[Standing], seed: int, cut: int) -> tuple[int, int]:
    """(through, tied across the cut) as 0 or 1."""
    row = next(row for row in rows if row.seed == seed)
    if row.place is None or row.place > cut:
        return 0, 0
    tied = sum(other.place == row.place and other.group == row.group for other in rows)
    return (1, 0) if row.place + tied - 1 <= cut else (0, 1)
