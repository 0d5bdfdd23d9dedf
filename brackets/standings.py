"""Who came where: places of an elimination, tables of the other formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from brackets.model import Match, Placements
from brackets.table import Line, Meeting, table
from brackets.tie_breaks import Ranking, Step, Value, rank

if TYPE_CHECKING:
    from brackets.stage import Stage


class Standing(msgspec.Struct, frozen=True):
    """One entrant's row. `place` is that in its group, None while nobody can know it
    and for who has left; `steps` are the tie-breaks that put it there."""

    seed: int
    place: int | None
    group: int
    points: float
    wins: int
    draws: int
    losses: int
    values: dict[str, Value]
    steps: tuple[Step, ...] = ()
    removed: bool = False


def standings(stage: Stage) -> list[Standing]:
    """Everybody, best first, group by group; those who left last."""
    if stage.format.tie_breaks:
        return tables(stage, stage.meetings)
    places = _places(stage)
    lines = table(stage.entrants, stage.meetings, stage.spec.options.points)
    groups = stage.graph.groups or [list(stage.entrants)]
    rows = [
        _row(stage, lines[seed], number, places.get(seed), Ranking([], {}, {}))
        for number, group in enumerate(groups, start=1)
        for seed in group
    ]
    return sorted(rows, key=lambda row: (row.group, row.removed, row.place or 0, row.seed))


def placements(stage: Stage) -> Placements:
    """`[first place of the tie group, its seeds]`; the same place of all groups is shared.

    In an elimination of all who are out and the champion; of tables at the end.
    A place nobody earned (both forfeited the final) stays free.
    """
    if stage.format.tie_breaks:
        return _across(tables(stage, stage.meetings)) if stage.complete else []
    if stage.graph.group_places:
        return _across(standings(stage))
    places: dict[int, list[int]] = {}
    for seed, place in sorted(_places(stage).items()):
        places.setdefault(place, []).append(seed)
    return sorted(places.items())


def _across(rows: list[Standing]) -> Placements:
    """Places over all groups, those of the same place in their groups together."""
    sizes: dict[int, int] = {}
    in_group: dict[int, list[int]] = {}
    for row in rows:
        sizes[row.group] = sizes.get(row.group, 0) + (not row.removed)
        if row.place is not None:
            in_group.setdefault(row.place, []).append(row.seed)
    found, before = Placements(), 0
    for place, seeds in sorted(in_group.items()):
        # A place that nobody of a group has yet keeps its room.
        room = sum(min(place - 1, size) for size in sizes.values())
        found.append((max(before, room) + 1, sorted(seeds)))
        before += len(seeds)
    return found


# -- tables ----------------------------------------------------------------


def tables(stage: Stage, meetings: list[Meeting]) -> list[Standing]:
    """Everybody as these meetings rank them, group by group."""
    rows = []
    for number, group in enumerate(stage.graph.groups, start=1):
        rows += _of_table(stage, number, group, meetings)
    return rows


def _of_table(
    stage: Stage, number: int, group: list[int], meetings: list[Meeting]
) -> list[Standing]:
    options = stage.spec.options
    staying = [seed for seed in group if seed not in stage.removed]
    counted = staying if options.removed == "void" and not stage.format.pair else group
    ranking = rank(
        counted,
        meetings,
        options.points,
        tuple(dict.fromkeys((*stage.format.record, *tie_breaks_of(stage)))),
        ranked=staying,
        coin=options.coin,
    )
    lines = table(counted, meetings, options.points)
    rows, place = [], 1
    for tied in ranking.groups:
        rows += [_row(stage, lines[seed], number, place, ranking) for seed in tied]
        place += len(tied)
    left = [seed for seed in group if seed in stage.removed]
    return rows + [_row(stage, lines.get(seed, Line(seed)), number, None, ranking) for seed in left]


def tie_breaks_of(stage: Stage) -> tuple[str, ...]:
    """The ones asked for, else the format's own."""
    asked = stage.spec.options.tie_breaks
    return stage.format.tie_breaks if asked is None else asked


def _row(stage: Stage, line: Line, group: int, place: int | None, ranking: Ranking) -> Standing:
    return Standing(
        seed=line.seed,
        place=place,
        group=group,
        points=line.points,
        wins=line.wins,
        draws=line.draws,
        losses=line.losses,
        values=ranking.values.get(line.seed, {}),
        steps=tuple(ranking.steps.get(line.seed, ())),
        removed=line.seed in stage.removed,
    )


# -- eliminations ----------------------------------------------------------


def _places(stage: Stage) -> dict[int, int]:
    """Places of all who are out, and of who won the last match.

    When both forfeit a match whose loser would have played on, both are placed
    as if they had lost that next match.
    """
    by_groups = bool(stage.graph.group_places)
    winning, losing = _group_numbers(stage) if by_groups else _tier_numbers(stage)
    places: dict[int, int] = {}
    for view in stage.matches:
        if view.state not in ("decided", "bye"):
            continue
        if view.winner and view.winner_to is None:
            places[view.winner] = winning[view.id]
        out = [seed for seed in view.seeds if seed and seed != view.winner]
        if view.winner is None or view.loser_to is None:
            places |= dict.fromkeys(out, losing[_last_match(stage, view)])
    return {seed: place for seed, place in places.items() if seed not in stage.removed}


def _last_match(stage: Stage, view: Match) -> str:
    while view.loser_to is not None:
        view = stage.match(view.loser_to[0])
    return view.id


Numbers = tuple[dict[str, int], dict[str, int]]
"""By match the place of a winner who plays no more, and of a loser who does not."""


def _tier_numbers(stage: Stage) -> Numbers:
    """Those who lose in one round share the place below everybody who went further."""
    winning: dict[str, int] = {}
    losing: dict[str, int] = {}
    taken = 0
    for tier in stage.graph.tiers:
        ids = [stage.graph.ids[match] for match in tier]
        views = [view for id_ in ids if (view := stage.find(id_))]
        if all(view.winner_to is None for view in views):
            winning |= {view.id: taken + 1 for view in views}
            taken += len(views)
        leaving = [view for view in views if view.loser_to is None]
        losing |= {view.id: taken + 1 for view in leaving}
        taken += sum(view.number > 0 for view in leaving)
    return winning, losing


def _group_numbers(stage: Stage) -> Numbers:
    places = {
        stage.graph.ids[match]: place
        for group in stage.graph.group_places
        for match, place in group
    }
    return places, {id_: place + 1 for id_, place in places.items()}
