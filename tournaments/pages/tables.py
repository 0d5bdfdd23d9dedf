"""Tables of a stage shaped for templates, and the reason for every place."""

from collections.abc import Collection, Mapping

import msgspec

import brackets
from app.kernel.errors import N_, Message
from brackets import cutting
from tournaments import wording
from tournaments.pages.bracket import letter
from tournaments.plans import StagePlan
from tournaments.queries import EntrantLine

MOST_COLUMNS = 3


class StepView(msgspec.Struct, frozen=True):
    """One tie-break: the value, and who is still level after it (none: it decides)."""

    name: Message
    value: str
    level: list[str]
    others: list[tuple[str, str]]


class RowView(msgspec.Struct, frozen=True):
    """`state` is through, out, left, level (a tie across the line that is not settled) or
    empty while open; `why`: its place has reasons."""

    place: int | None
    entrant: EntrantLine
    record: str
    points: str
    values: list[str]
    form: list[str]
    state: str
    why: bool


class TableView(msgspec.Struct, frozen=True):
    """`columns` are the tie-breaks that are shown, short and in full; `stage` is the
    number of its stage; `why`: tie-breaks give its places, so there are reasons to read."""

    id: str
    stage: int
    title: Message
    columns: list[tuple[Message, Message]]
    points: bool
    rows: list[RowView]
    line: int
    draws: bool
    why: bool


def tables(
    state: brackets.Stage,
    plan: StagePlan,
    stage: int,
    entrants: Mapping[int, EntrantLine],
    went_on: Collection[int] | None = None,
) -> list[TableView]:
    """One table for each group; `entrants` by seed. `went_on` are the seeds of the next
    stage, None while it is not drawn."""
    rows, forms = state.standings, _forms(state)
    fates = _fates(state, rows, plan, went_on)
    groups = sorted({row.group for row in rows})
    return [
        _table(
            state, plan, stage, [row for row in rows if row.group == group], forms, entrants, fates
        )
        for group in groups
    ]


def _fates(
    state: brackets.Stage,
    rows: list[brackets.Standing],
    plan: StagePlan,
    went_on: Collection[int] | None,
) -> dict[int, str]:
    """What has become of each seed, as `RowView.state`."""
    if went_on is not None:
        found = {seed: "through" if seed in went_on else "out" for seed in state.entrants}
    elif state.spec.format == "swiss_limits":
        found = {row.seed: _by_limits(state, row) for row in rows}
    elif state.complete and plan.advance:
        found = _by_cut(state, plan.advance)
    else:
        found = dict.fromkeys(state.entrants, "")
    return found | {row.seed: "left" for row in rows if row.removed}


def _by_limits(state: brackets.Stage, row: brackets.Standing) -> str:
    options = state.spec.options
    if row.wins >= options.wins:
        return "through"
    return "out" if row.losses >= options.losses else ""


def _by_cut(state: brackets.Stage, advance: int) -> dict[int, str]:
    line = cutting.cut(state, advance, fewer=True)
    found = dict.fromkeys(state.entrants, "out")
    found |= {seed: "through" for _, _, seed in line.through}
    return found | {seed: "level" for tie in line.ties for seed in tie.seeds}


def _table(
    state: brackets.Stage,
    plan: StagePlan,
    stage: int,
    rows: list[brackets.Standing],
    forms: Mapping[int, list[str]],
    entrants: Mapping[int, EntrantLine],
    fates: Mapping[int, str],
) -> TableView:
    group = rows[0].group
    many = len(state.graph.groups) > 1
    names = _columns(state)
    line = plan.advance // max(1, len(state.graph.groups))
    title = (
        Message(N_("Group {letter}"), letter=letter(group)) if many else Message(N_("Standings"))
    )
    return TableView(
        id=f"table-{stage}-{group}",
        stage=stage,
        title=title,
        columns=[(Message(wording.SHORT[n]), Message(wording.TIE_BREAKS[n])) for n in names],
        points=state.spec.format in ("round_robin", "swiss"),
        rows=[_row(state, row, names, entrants, forms[row.seed], fates[row.seed]) for row in rows],
        line=line,
        draws=state.format.draws,
        why=bool(state.format.tie_breaks),
    )


def _columns(state: brackets.Stage) -> list[str]:
    if not state.format.tie_breaks:
        return []
    asked = state.spec.options.tie_breaks or state.format.tie_breaks
    return [name for name in asked if name in wording.SHORT and name != "points"][:MOST_COLUMNS]


def _row(
    state: brackets.Stage,
    row: brackets.Standing,
    names: list[str],
    entrants: Mapping[int, EntrantLine],
    form: list[str],
    fate: str,
) -> RowView:
    record = [row.wins, row.draws, row.losses] if state.format.draws else [row.wins, row.losses]
    return RowView(
        place=row.place,
        entrant=entrants[row.seed],
        record="–".join(map(str, record)),
        points=wording.number(row.points),
        values=[wording.number(row.values[n]) if n in row.values else "" for n in names],
        form=form,
        state=fate,
        why=bool(row.steps),
    )


def line_answer(plan: StagePlan, table: TableView, row: RowView) -> Message | None:
    """How a tie across the line is settled, for a row that shares such a place."""
    level = sum(each.place == row.place for each in table.rows)
    if row.place is None or not row.place <= table.line < row.place + level - 1:
        return None
    return Message(wording.AT_THE_LINE[plan.at_cut])


def reasons(
    state: brackets.Stage, seed: int, entrants: Mapping[int, EntrantLine]
) -> list[StepView]:
    """Why the entrant has its place, tie-break by tie-break; `entrants` by seed."""
    row = next(each for each in state.standings if each.seed == seed)
    return [_step(step, seed, entrants) for step in row.steps]


def _step(step: brackets.Step, seed: int, entrants: Mapping[int, EntrantLine]) -> StepView:
    values = dict(step.values)
    return StepView(
        name=Message(wording.TIE_BREAKS[step.tie_break]),
        value=wording.number(values[seed]),
        level=[entrants[each].name for each in step.after if each != seed],
        others=[
            (entrants[each].name, wording.number(value))
            for each, value in step.values
            if each != seed
        ][:8],
    )


def _forms(state: brackets.Stage) -> dict[int, list[str]]:
    """The latest five results of everybody: won, drawn, lost."""
    found: dict[int, list[str]] = {seed: [] for seed in state.entrants}
    for meeting in state.meetings:
        for seed in (meeting.a, meeting.b):
            if seed is not None:
                drawn = meeting.winner is None and not meeting.forfeited
                found[seed].append("d" if drawn else "w" if meeting.winner == seed else "l")
    return {seed: form[-5:] for seed, form in found.items()}
