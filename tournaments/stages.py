"""One stage after the other: drawing one, cutting it, and starting the next."""

from datetime import datetime
from secrets import token_hex

import msgspec

import brackets
from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message
from brackets import cutting
from tournaments import setup
from tournaments.fitting import unplayable
from tournaments.plans import Plan, StagePlan, plan_of, shares
from tournaments.play import entrants_by_seed, insert_matches, open_play, replay
from tournaments.tables import Entrant, Result, Stage, StageSeed


async def draw_stage(
    tournament: int, part: int, plan: StagePlan, entrants: list[int], *, now: datetime
) -> int:
    """A new stage for these entrants, the best first; its id."""
    # What a coin would say must be settled before anybody can wish for it.
    options = msgspec.structs.replace(plan.options, coin=token_hex(8))
    spec = brackets.Spec(plan.format, len(entrants), options)
    return await _insert(tournament, part, spec, entrants, decider=False, now=now)


async def _insert(
    tournament: int,
    part: int,
    spec: brackets.Spec,
    entrants: list[int],
    *,
    decider: bool,
    now: datetime,
) -> int:
    state = brackets.start(spec)
    number = 1 + await Stage.count().where(Stage.tournament == tournament)
    rows = await Stage.insert(
        Stage(
            tournament=tournament,
            number=number,
            part=part,
            decider=decider,
            spec=msgspec.json.encode(spec).decode(),
        )
    ).returning(Stage.id)
    stage = int(rows[0]["id"])
    by_seed = dict(enumerate(entrants, start=1))
    for first in range(0, len(entrants), 1_000):
        await StageSeed.insert(
            *(
                StageSeed(stage=stage, seed=seed, entrant=by_seed[seed])
                for seed in range(first + 1, min(first + 1_000, len(entrants)) + 1)
            )
        )
    await insert_matches(stage, list(state.matches), by_seed, now=now)
    return stage


class Next(msgspec.Struct, frozen=True):
    """What stands between a finished stage and the next one.

    `ties` are those across the cut, as entrants; `answer` says how they are
    settled, `settled` how they would be, in order, where nobody has to choose.
    `blocked` says why it cannot be played: too many have left.
    """

    stage: int
    part: int
    answer: str
    ties: list[list[int]]
    settled: list[list[int]] | None
    blocked: Message | None = None


async def stages_of(tournament: int) -> list[Row]:
    """The stages drawn so far, in order."""
    rows: list[Row] = await (
        Stage.select().where(Stage.tournament == tournament).order_by(Stage.number)
    )
    return rows


async def what_is_next(row: Row) -> Next | None:
    """What the organiser can start, once the stage before it is over."""
    plan, drawn = plan_of(row), await stages_of(row["id"])
    parts = [stage for stage in drawn if not stage["decider"]]
    if row["state"] != "running" or not parts or len(parts) == len(plan):
        return None
    stage = parts[-1]
    line = await _line(stage, plan[stage["part"]])
    if line is None:
        return None
    entrants = await entrants_by_seed(stage["id"])
    settled = await _settled(line, stage, plan[stage["part"]], drawn)
    return Next(
        stage=stage["id"],
        part=stage["part"] + 1,
        answer=plan[stage["part"]].at_cut,
        ties=[[entrants[seed] for seed in tie.seeds] for tie in line.ties],
        settled=None
        if settled is None
        else [[entrants[seed] for seed in settled[tie.group]] for tie in line.ties],
        blocked=too_few(plan, stage["part"] + 1, line),
    )


def too_few(plan: Plan, part: int, line: cutting.Cut) -> Message | None:
    """Why the part cannot be played by those who go on to it and join it, or None."""
    going_on = len(line.through) + sum(tie.places for tie in line.ties)
    return unplayable(plan[part], going_on + plan[part].joins)


async def _line(stage: Row, plan: StagePlan) -> cutting.Cut | None:
    state = await replay(stage)
    if not state.complete:
        return None
    # Who has left is missed, and nobody moves up from behind another group.
    return cutting.cut(state, plan.advance, fewer=True)


async def _settled(
    line: cutting.Cut, stage: Row, plan: StagePlan, drawn: list[Row]
) -> dict[int, list[int]] | None:
    """The order of each tie where the rules or a decider give it, else None."""
    if plan.at_cut == "seed":
        return {tie.group: cutting.by_seed(tie) for tie in line.ties}
    if plan.at_cut == "coin":
        coin = msgspec.json.decode(stage["spec"], type=brackets.Spec).options.coin
        return {tie.group: cutting.by_coin(tie, coin) for tie in line.ties}
    if plan.at_cut == "decider":
        return await _by_deciders(line, stage, drawn)
    return None if line.ties else {}


async def _by_deciders(
    line: cutting.Cut, stage: Row, drawn: list[Row]
) -> dict[int, list[int]] | None:
    deciders = [each for each in drawn if each["decider"] and each["part"] == stage["part"]]
    seeds = {entrant: seed for seed, entrant in (await entrants_by_seed(stage["id"])).items()}
    found: dict[int, list[int]] = {}
    for each in deciders:
        state, own = await replay(each), await entrants_by_seed(each["id"])
        if not state.complete:
            return None
        order = [seeds[own[row.seed]] for row in state.standings]
        for tie in line.ties:
            if sorted(order) == tie.seeds:
                found[tie.group] = order
    return found if len(found) == len(line.ties) else None


async def start_next(
    tx: Transaction,
    viewer: Viewer,
    tournament: int,
    chosen: list[int],
    *,
    now: datetime,
) -> str:
    """Draw the next stage, or the deciders that must come first; `stage` or `decider`.

    `chosen` are entrants in the organiser's order, for ties that are left to it.
    Raises `Invalid` on `settle` when a tie is not settled.
    """
    row = await setup.locked(tx, viewer, "stage.start", tournament)
    setup.require_state(row, "running")
    plan, drawn = plan_of(row), await stages_of(tournament)
    parts = [stage for stage in drawn if not stage["decider"]]
    if len(parts) == len(plan):
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    stage = (await open_play(tx, parts[-1]["id"])).stage
    line = await _line(stage, plan[stage["part"]])
    if line is None:
        raise Conflict(N_("Matches of this stage are still to be played."))
    if reason := too_few(plan, stage["part"] + 1, line):
        raise Invalid({"settle": reason})
    settled = await _settled(line, stage, plan[stage["part"]], drawn)
    if settled is None and plan[stage["part"]].at_cut == "decider":
        await _draw_deciders(row, stage, line, plan[stage["part"]], drawn, now=now)
        await setup.change(tx, viewer, row, "tournament.decider_drawn", {}, now=now)
        return "decider"
    if settled is None:
        settled = await _as_chosen(line, stage, chosen)
    await _draw_next(row, stage, line.order(settled), now=now)
    await setup.change(tx, viewer, row, "tournament.stage_started", {}, now=now)
    await tx.later("started", now=now, tournament=tournament)
    return "stage"


async def _as_chosen(line: cutting.Cut, stage: Row, chosen: list[int]) -> dict[int, list[int]]:
    entrants = await entrants_by_seed(stage["id"])
    found = {}
    for tie in line.ties:
        named = [seed for entrant in chosen for seed in tie.seeds if entrants[seed] == entrant]
        first = list(dict.fromkeys(named))
        if len(first) != tie.places:
            message = Message(N_("Choose {places} of the clans that are level."), places=tie.places)
            raise Invalid({"settle": message})
        found[tie.group] = [*first, *(seed for seed in tie.seeds if seed not in first)]
    return found


async def _draw_deciders(
    row: Row, stage: Row, line: cutting.Cut, plan: StagePlan, drawn: list[Row], *, now: datetime
) -> None:
    """One ladder of deciding matches for each tie, from the worst seed up."""
    if any(each["decider"] and each["part"] == stage["part"] for each in drawn):
        raise Conflict(N_("Matches of this stage are still to be played."))
    entrants = await entrants_by_seed(stage["id"])
    for tie in line.ties:
        options = brackets.Options(best_of=plan.options.best_of | 1)
        spec = brackets.Spec("gauntlet", len(tie.seeds), options)
        playing = [entrants[seed] for seed in tie.seeds]
        await _insert(row["id"], stage["part"], spec, playing, decider=True, now=now)


async def _draw_next(row: Row, stage: Row, order: list[int], *, now: datetime) -> None:
    plan, part = plan_of(row), stage["part"] + 1
    entrants = await entrants_by_seed(stage["id"])
    going_on = [entrants[seed] for seed in order]
    initial = await (
        Entrant.select(Entrant.id, Entrant.seed)
        .where(Entrant.tournament == row["id"])
        .order_by(Entrant.seed)
    )
    if plan[part].seeding == "initial":
        going_on = [each["id"] for each in initial if each["id"] in going_on]
    joining = shares(plan, len(initial))[part]
    joiners = [each["id"] for each in initial if each["seed"] in joining]
    await draw_stage(row["id"], part, plan[part], [*joiners, *going_on], now=now)


async def take_back_stage(
    tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime
) -> None:
    """Undo the drawing of the latest stage, as long as nothing was decided in it."""
    row = await setup.locked(tx, viewer, "stage.take_back", tournament)
    setup.require_state(row, "running", "finished")
    drawn = await stages_of(tournament)
    if len(drawn) < 2:
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    last = drawn[-1]
    if await Result.count().where((Result.stage == last["id"]) & Result.voided_at.is_null()):
        raise Conflict(N_("Take back the results of this stage first."))
    await Stage.delete().where(Stage.id == last["id"])
    await setup.change(
        tx, viewer, row, "tournament.stage_taken_back", {"state": "running"}, now=now
    )


async def is_closed(stage: Row) -> bool:
    """Whether a later stage rests on this one, so that its places must not change."""
    return rests_something_on(stage, await stages_of(stage["tournament"]))


def rests_something_on(stage: Row, drawn: list[Row]) -> bool:
    """Whether one of these, all of its tournament, rests on the stage.

    Deciding matches rest on the stage whose ties they settle, and not on each other.
    """
    return any(
        each["part"] > stage["part"]
        or (each["part"] == stage["part"] and each["decider"] and not stage["decider"])
        for each in drawn
    )
