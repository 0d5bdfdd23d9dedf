"""Prepared worlds: two cups that share clans, in every format and as far as somebody played them."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from app.accounts.sessions import Viewer, open_session
from app.kernel import clock
from app.kernel.db.database import Database
from tests.factories import clan, cup_data, person
from tests.walks.inside import Inside
from tournaments import draw, registration, setup, stages
from tournaments.plans import StageForm
from tournaments.rulings import Ruling, rule
from tournaments.tables import Match, Stage, Tournament


def two(first: dict[str, str], then: dict[str, str]) -> tuple[StageForm, ...]:
    return (StageForm(**first), StageForm(prefix="s2_", **then))


# Name: the plan, and how many clans play.
PLANS: dict[str, tuple[tuple[StageForm, ...], int]] = {
    "single_elimination": ((StageForm(third_place=True),), 5),
    "double_elimination": ((StageForm(format="double_elimination", grand_final="reset"),), 4),
    "round_robin": ((StageForm(format="round_robin", removed="void"),), 4),
    "gsl": ((StageForm(format="gsl"),), 4),
    "swiss": ((StageForm(format="swiss", rounds="3"),), 6),
    "swiss_limits": ((StageForm(format="swiss_limits", limits="2-2"),), 6),
    "gauntlet": ((StageForm(format="gauntlet"),), 4),
    "ladder": ((StageForm(format="ladder", rounds="3"),), 5),
    "groups_then_playoffs": (
        two(
            {"format": "round_robin", "groups": "2", "advance": "4", "at_cut": "organiser"},
            {"format": "single_elimination"},
        ),
        6,
    ),
    "swiss_then_gsl": (
        two({"format": "swiss", "rounds": "2", "advance": "4", "at_cut": "coin"}, {"format": "gsl"}),
        6,
    ),
    "decider_then_double": (
        two(
            {"format": "round_robin", "advance": "2", "at_cut": "decider"},
            {"format": "double_elimination"},
        ),
        4,
    ),
    "best_join_late": (
        two(
            {"format": "single_elimination", "advance": "2", "at_cut": "seed"},
            {"format": "round_robin", "joins": "2"},
        ),
        6,
    ),
}  # fmt: skip

# How far the first cup is when the walk begins.
PHASES = ("draft", "open", "closed", "begun", "half", "nearly", "between", "finished")


@dataclass(frozen=True)
class Cast:
    """Who is there: sessions by name, and the clans with their players."""

    sessions: dict[str, str]
    clans: dict[int, list[int]]
    captains: dict[int, str]
    slugs: tuple[str, str]


async def people(db: Database, clans: int) -> tuple[Viewer, Viewer, list[Any], dict[str, str]]:
    organiser = await person("organiser", organiser=True)
    other = await person("rival", organiser=True)
    stranger = await person("nobody")
    made = [await clan(number) for number in range(1, clans + 1)]
    now = clock.now()
    sessions = {
        "organiser": await open_session(organiser.account, now=now),
        "rival": await open_session(other.account, now=now),
        "nobody": await open_session(stranger.account, now=now),
    }
    for each in made:
        sessions[f"captain{each.id}"] = await open_session(each.captain.account, now=now)
    assert db
    return organiser, other, made, sessions


async def prepare(site: Inside, empty: Path, name: str, folder: Path) -> dict[str, Path]:
    """Files of the plan's world at each phase it can be at, by phase; and `cast.json`."""
    plan, count = PLANS[name]
    await site.begin_from(empty)
    db, now = site.db, clock.now()
    organiser, other, clans, sessions = await people(db, count + 1)
    async with db.transaction() as tx:
        data = cup_data(stages=plan, size_limit="8", name="First")
        first = await setup.create_tournament(tx, organiser, data, now=now)
        data = cup_data(stages=PLANS["single_elimination"][0], size_limit="8", name="Second")
        second = await setup.create_tournament(tx, other, data, now=now)
    cast = Cast(
        sessions,
        {each.id: each.players for each in clans},
        {each.id: f"captain{each.id}" for each in clans},
        (first["slug"], second["slug"]),
    )
    (folder / f"{name}.json").write_bytes(msgspec.json.encode(cast))
    found: dict[str, Path] = {}

    async def keep(phase: str) -> None:
        found[phase] = folder / f"{name}-{phase}.db"
        await site.keep_as(found[phase])

    await keep("draft")
    async with db.transaction() as tx:
        await setup.publish(tx, organiser, first["id"], now=now)
        await setup.publish(tx, other, second["id"], now=now)
        for number, each in enumerate(clans):
            at = now + timedelta(milliseconds=number)
            if number < count:
                await registration.register(
                    tx, each.captain, first["id"], each.id, each.players, now=at
                )
            await registration.register(
                tx, each.captain, second["id"], each.id, each.players, now=at
            )
    await keep("open")
    async with db.transaction() as tx:
        await setup.close_registration(tx, organiser, first["id"], now=now)
        await setup.close_registration(tx, other, second["id"], now=now)
    await keep("closed")
    async with db.transaction() as tx:
        await draw.start(tx, organiser, first["id"], now=now)
        await draw.start(tx, other, second["id"], now=now)
    await keep("begun")
    chance = Random(name)
    done = await play_on(db, organiser, first["id"], chance, most=2)
    await keep("half")
    if len(plan) > 1:
        await play_on(db, organiser, first["id"], chance, most=99)
        await keep("between")
        for _ in range(2):
            await play_on(db, organiser, first["id"], chance, most=99)
            async with db.transaction() as tx:
                await start_next(tx, organiser, first["id"])
            if (
                await Stage.count().where(
                    (Stage.tournament == first["id"]) & Stage.decider.eq(False)
                )
                > 1
            ):
                break
        await keep("second")
    while await play_on(db, organiser, first["id"], chance, most=1):
        done += 1
        left = await Match.count().where(
            (Match.stage.tournament == first["id"]) & (Match.state == "ready")
        )
        if left == 1 and "nearly" not in found:
            await keep("nearly")
    await keep("finished")
    return found


async def start_next(tx: Any, organiser: Viewer, tournament: int) -> None:
    row = await Tournament.select().where(Tournament.id == tournament).first()
    upcoming = await stages.what_is_next(row)
    assert upcoming is not None
    ties = upcoming.ties if upcoming.answer == "organiser" else []
    chosen = [each for tie in ties for each in tie[:1]]
    for size in range(1, 4):
        try:
            await stages.start_next(tx, organiser, tournament, chosen, now=clock.now())
            return
        except Exception:
            if size == 3:
                raise
            chosen = [each for tie in ties for each in tie[: size + 1]]


async def play_on(
    db: Database, organiser: Viewer, tournament: int, chance: Random, *, most: int
) -> int:
    """Rule so many ready matches at random; how many there were."""
    for done in range(most):
        ready = (Match.stage.tournament == tournament) & (Match.state == "ready")
        match = await Match.select().where(ready).order_by(Match.id).first()
        if match is None:
            return done
        wins = match["best_of"] // 2 + 1
        side = chance.randint(0, 1)
        score = (wins, 0) if side == 0 else (match["head_start"], wins)
        if match["best_of"] == 2:
            score = (2, 0) if side == 0 else (0, 2)
        ruling = Ruling("score", (str(score[0]), str(score[1])), "prepared", "")
        async with db.transaction() as tx:
            await rule(tx, organiser, match["id"], ruling, now=clock.now())
    return most
