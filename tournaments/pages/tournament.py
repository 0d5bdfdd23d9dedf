"""What a tournament's public page shows, read once and shaped; for routes and live pushes."""

import asyncio
import shlex
from collections import Counter
from typing import Any, NamedTuple

from piccolo.query.functions import Count

import brackets
from app.accounts.tables import Account
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import NotFound
from brackets.explaining import what_is_needed
from tournaments import match_queries, queries, wording
from tournaments.departures import departures_of, doors
from tournaments.pages import cards
from tournaments.pages.bracket import WHOLE_TREE, Chosen, bracket, letter
from tournaments.pages.late import late_of
from tournaments.pages.tables import TableView, line_answer, reasons, tables
from tournaments.plans import StagePlan, plan_of
from tournaments.play import entrants_by_seed, folded, spec_of
from tournaments.seeding import registered, seeding_of
from tournaments.sources import CAPTAINS, REFEREE
from tournaments.stages import stages_of
from tournaments.tables import Entrant, Match, StageSeed

Context = dict[str, Any]

RANKED = ("round_robin", "swiss", "swiss_limits", "ladder")
WITH_TABLES = (*RANKED, "gsl")
# Draws lots as `brackets.seed_orders.random_order` does.
LOTS = """\
for n in $(seq {count}); do
  echo "$(printf %s {text}$n | sha256sum | cut -c 1-64) $n"
done | LC_ALL=C sort | cut -c 66-"""
LOWEST_SHOWN, MOST_SHOWN = 4, 8


async def tournament(row: Row, chosen: Chosen | None = None) -> Context:
    """A tournament's public page; `chosen` is the round somebody asked for."""
    entrants = await queries.entrants_of(row["id"])
    by_id = {entrant.id: entrant for entrant in entrants}
    drawn = await stages_of(row["id"])
    shown = [await stage(row, each, by_id, chosen) for each in drawn]
    gone = await departures_of(row["id"]) if drawn else {}
    return {
        **await _status(row, await _tally(row["id"]), len(entrants)),
        "plan": [{"name": wording.format_name(each), "stage": each} for each in plan_of(row)],
        "organiser": await organiser_name(row),
        "entrants": entrants,
        "gone": gone,
        "doors": await doors(row, drawn, gone),
        "seeding": wording.seeding(row),
        "lot": await _lot(row),
        "stages": shown[::-1],
        "podium": await _podium(row, by_id),
    }


async def what_changed(row: Row, matches: set[int]) -> Context:
    """Of a tournament's page what may say something else since these matches changed."""
    touched, tally = await _stages(matches), await _tally(row["id"])
    drawn = [each for each in await stages_of(row["id"]) if each["id"] in touched]
    plan = plan_of(row)
    # Of those everybody is shown all, as `bracket` does.
    small = {each["id"] for each in drawn if tally.of_stage[each["id"]] <= WHOLE_TREE}
    tabled = any(plan[each["part"]].format in WITH_TABLES for each in drawn)
    named = bool(small) or tabled or row["state"] == "finished"
    everybody = await queries.entrants_of(row["id"]) if named else []
    by_id = {entrant.id: entrant for entrant in everybody}
    taken = len(everybody) if named else await _taken(row["id"])
    return {
        **await _status(row, tally, taken),
        "stages": [
            await (stage if each["id"] in small else _large)(row, each, by_id) for each in drawn
        ],
        "podium": await _podium(row, by_id),
    }


class Tally(NamedTuple):
    """A tournament's matches, counted: those there are of each stage, how many of them have a
    score to come or to show, how many have it, and the sources whose marks stand at results."""

    of_stage: Counter[int]
    total: int
    played: int
    sources: list[str]


async def _tally(tournament: int) -> Tally:
    """Counted, not loaded, and all at once: a page and every push of it need them."""
    rows = await (
        Match.select(Match.stage, Match.state, Match.source, Count())
        .where((Match.stage.tournament == tournament) & (Match.state != "absent"))
        .group_by(Match.stage, Match.state, Match.source)
    )
    of_stage, by_state = Counter[int](), Counter[str]()
    for each in rows:
        of_stage[each["stage"]] += each["count"]
        by_state[each["state"]] += each["count"]
    marks = {each["source"] for each in rows if each["source"]}
    # Captains and the organiser can always speak.
    people = [CAPTAINS.name, REFEREE.name]
    sources = [*sorted(marks.difference(people)), *people]
    return Tally(of_stage, by_state.total() - by_state["bye"], by_state["decided"], sources)


async def _stages(matches: set[int]) -> set[int]:
    rows = await Match.select(Match.stage).where(one_of(Match.id, matches))
    return {row["stage"] for row in rows}


async def _large(row: Row, drawn: Row, entrants: dict[int, queries.EntrantLine]) -> Context:
    """A stage of which everybody sees another part: its tables are pushed, and single cards."""
    shown = await tables_of(drawn, plan_of(row)[drawn["part"]], entrants)
    return {"number": drawn["number"], "challenges": False, "tables": shown, "bracket": None}


async def _lot(row: Row) -> Context | None:
    """What it takes to draw the lots again."""
    made = seeding_of(row)
    if made is None or made.method != "lot":
        return None
    clans = [each["name"] for each in await registered(row["id"])]
    text = shlex.quote(f"{made.lot}:")
    command = LOTS.format(count=len(clans), text=text)
    return {"command": command, "clans": clans}


async def stage(
    row: Row,
    drawn: Row,
    entrants: dict[int, queries.EntrantLine],
    chosen: Chosen | None = None,
) -> Context:
    """One stage: its tables, where it has some, and its rounds."""
    rows = cards.seen_in(row, await match_queries.matches_of_stage(drawn["id"]))
    plan = plan_of(row)[drawn["part"]]
    return {
        "number": drawn["number"],
        "part": drawn["part"],
        "decider": drawn["decider"],
        "name": wording.format_name(plan),
        "challenges": plan.format == "ladder"
        and row["state"] == "running"
        and not drawn["decider"]
        and _is_fresh(rows),
        "tables": await tables_of(drawn, plan, entrants),
        "bracket": bracket(
            rows,
            entrants,
            stage=drawn["number"],
            chosen=chosen,
            most_rounds=_rounds_to_come(spec_of(drawn)),
        ),
    }


def _rounds_to_come(spec: brackets.Spec) -> int:
    return brackets.format_of(spec).rounds(spec)


def _is_fresh(rows: list[Row]) -> bool:
    """Whether nothing of the last round is decided or under way."""
    last = [row for row in rows if row["round"] == max(each["round"] for each in rows)]
    return all(row["state"] == "ready" and not row["flag"] for row in last)


async def why(row: Row, number: int, entrant: int) -> Context:
    """Why an entrant has its place in the stage of that number; `NotFound` where it has none."""
    drawn = next((each for each in await stages_of(row["id"]) if each["number"] == number), None)
    if drawn is None:
        raise NotFound
    entrants = {each.id: each for each in await queries.entrants_of(row["id"])}
    seeds = await entrants_by_seed(drawn["id"])
    seed = next((seed for seed, each in seeds.items() if each == entrant), None)
    stage_plan = plan_of(row)[drawn["part"]]
    shown = await tables_of(drawn, stage_plan, entrants)
    mine = [(table, each) for table in shown for each in table.rows if each.entrant.id == entrant]
    if seed is None or not mine:
        raise NotFound
    table, line = mine[0]
    by_seed = {seed: entrants[each] for seed, each in seeds.items()}
    may_ask = row["state"] == "running" and stage_plan.format in RANKED and table.line
    return {
        "t": row,
        "row": line,
        "steps": reasons(await folded(drawn), seed, by_seed),
        "at_line": line_answer(stage_plan, table, line),
        "needs": bool(may_ask and not line.state),
    }


async def needs(row: Row, entrant: int) -> Context:
    """What an entrant needs to go on, in the stage being played; `NotFound` where none can say."""
    drawn = [each for each in await stages_of(row["id"]) if not each["decider"]]
    plan = plan_of(row)
    if row["state"] != "running" or not drawn or plan[drawn[-1]["part"]].format not in RANKED:
        raise NotFound
    stage_plan = plan[drawn[-1]["part"]]
    entrants = {each.id: each for each in await queries.entrants_of(row["id"])}
    seeds = await entrants_by_seed(drawn[-1]["id"])
    seed = next((seed for seed, each in seeds.items() if each == entrant), None)
    shown = await tables_of(drawn[-1], stage_plan, entrants)
    mine = [each for table in shown for each in table.rows if each.entrant.id == entrant]
    cut = shown[0].line if shown else 0
    if seed is None or not mine or not cut:
        raise NotFound
    state = await folded(drawn[-1])
    # Up to a second of counting: not in the loop that serves everybody.
    outlook = await asyncio.to_thread(what_is_needed, state, seed, cut)
    ways = sum(need.ways for need in outlook.needs)
    return {"t": row, "row": mine[0], "outlook": outlook, "cut": cut, "ways": ways}


async def tables_of(
    drawn: Row, plan: StagePlan, entrants: dict[int, queries.EntrantLine]
) -> list[TableView]:
    """The tables of a stage; an elimination has none."""
    if plan.format not in WITH_TABLES or drawn["decider"]:
        return []
    state = await folded(drawn)
    seeds = await entrants_by_seed(drawn["id"])
    by_seed = {seed: entrants[entrant] for seed, entrant in seeds.items()}
    went_on = await _went_on(drawn, seeds) if plan.advance else None
    return tables(state, plan, drawn["number"], by_seed, went_on)


async def _went_on(drawn: Row, seeds: dict[int, int]) -> set[int] | None:
    """The seeds that play in the next stage; None while it is not drawn."""
    # Piccolo's types end at the join.
    stage: Any = StageSeed.stage
    later = (stage.tournament == drawn["tournament"]) & (stage.part == drawn["part"] + 1)
    rows = await StageSeed.select(StageSeed.entrant).where(later & stage.decider.eq(False))
    entrants = {row["entrant"] for row in rows}
    return {seed for seed, entrant in seeds.items() if entrant in entrants} if rows else None


async def _status(row: Row, tally: Tally, taken: int) -> Context:
    """The line under a tournament's name, and what its results wait for."""
    return {
        "t": row,
        "taken": taken,
        "played": tally.played,
        "total": tally.total,
        "late": await late_of(row),
        "sources": tally.sources,
    }


async def _taken(tournament: int) -> int:
    return int(await Entrant.count().where(Entrant.tournament == tournament))


async def organiser_name(row: Row) -> str:
    found = await (
        Account.select(Account.player.nickname.as_alias("nickname"))
        .where(Account.id == row["organiser"])
        .first()
    )
    return str(found["nickname"]) if found else ""


class OnPodium(NamedTuple):
    """`wins` is all, of who wins the tournament, or a group, of who wins that alone."""

    place: int
    entrant: queries.EntrantLine
    wins: str


async def _podium(row: Row, entrants: dict[int, queries.EntrantLine]) -> list[OnPodium]:
    """The best places, once everything is decided."""
    if row["state"] != "finished":
        return []
    last = (await stages_of(row["id"]))[-1]
    seeds = await entrants_by_seed(last["id"])
    state = await folded(last)
    wins = _wins(state)
    return [
        OnPodium(place, entrants[seeds[seed]], wins.get(seed, ""))
        for place, tied in state.placements
        if place <= LOWEST_SHOWN
        for seed in tied
    ][:MOST_SHOWN]


def _wins(state: brackets.Stage) -> dict[int, str]:
    """By seed what it has won: all, or its group where there are several."""
    if state.champion:
        return {state.champion: "all"}
    if len(state.graph.groups) < 2:
        return {}
    return {row.seed: letter(row.group) for row in state.standings if row.place == 1}
