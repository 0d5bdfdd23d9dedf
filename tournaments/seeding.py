"""How clans get their seeds: by hand, by lot, by a rating; and who is kept apart."""

from datetime import datetime
from secrets import token_hex
from typing import Literal

import msgspec

import brackets
from app.accounts.sessions import Viewer
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message
from app.kernel.text.names import clean, skeleton
from brackets import keeping_apart, seed_orders
from brackets.seed_orders import Rating
from tournaments import rating_lists, setup
from tournaments.plans import plan_of, shares
from tournaments.ratings import ratings
from tournaments.tables import Entrant

LONGEST_LOT, LONGEST_LIST, LONGEST_LABEL = 60, 60_000, 40


class Seeding(msgspec.Struct, frozen=True):
    """How the seeds were made, for everybody to see.

    `lot` is the text the lots were drawn with, `draws` how often they were drawn.
    `apart`: some then changed places so that they do not meet in round 1.
    """

    method: Literal["hand", "lot", "rating", "list"]
    lot: str = ""
    draws: int = 0
    apart: bool = False


def seeding_of(tournament: Row) -> Seeding | None:
    """How the seeds of a tournament row were made; None: as clans registered."""
    stored = tournament["seeding"]
    return msgspec.json.decode(stored, type=Seeding) if stored else None


async def entrants_of(tournament: int) -> list[Row]:
    """By seed; those without one after them, by registration."""
    rows = await registered(tournament)
    return sorted(rows, key=lambda row: row["seed"] or len(rows) + 1)


async def registered(tournament: int) -> list[Row]:
    """In the order of registration, which numbers them for a lot."""
    rows: list[Row] = await (
        Entrant.select(
            Entrant.id, Entrant.seed, Entrant.clan, Entrant.name, Entrant.tag, Entrant.apart
        )
        .where(Entrant.tournament == tournament)
        .order_by(Entrant.registered_at, Entrant.id)
    )
    return rows


async def by_hand(
    tx: Transaction, viewer: Viewer, tournament: int, order: list[int], *, now: datetime
) -> None:
    """Seed the entrants in this order, best first. All of them must be in it once."""
    row = await _closed(tx, viewer, tournament)
    entrants = await registered(tournament)
    if sorted(order) != sorted(entrant["id"] for entrant in entrants):
        raise Conflict(N_("The list of clans has changed since this page was shown."))
    await _write(tx, viewer, row, order, Seeding("hand"), now=now)


async def by_lot(
    tx: Transaction, viewer: Viewer, tournament: int, lot: str, *, now: datetime
) -> None:
    """Draw lots with this text (without one, a random one); both are published."""
    row = await _closed(tx, viewer, tournament)
    lot = clean(lot) or token_hex(8)
    if len(lot) > LONGEST_LOT:
        raise Invalid({"lot": Message(N_("At most {most} characters."), most=LONGEST_LOT)})
    entrants = await registered(tournament)
    order = seed_orders.random_order(len(entrants), lot)
    before = seeding_of(row)
    seeding = Seeding("lot", lot, 1 + (before.draws if before else 0))
    await _write(
        tx, viewer, row, [entrants[number - 1]["id"] for number in order], seeding, now=now
    )


async def by_rating(
    tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime
) -> tuple[int, int]:
    """Seed by what clans have won here; how many have a rating, and of how many."""
    row = await _closed(tx, viewer, tournament)
    of_clans = await ratings(row["game"])
    entrants = await entrants_of(tournament)
    found = {each["id"]: of_clans[each["clan"]] for each in entrants if each["clan"] in of_clans}
    if not found:
        raise Invalid({"rating": Message(N_("None of these clans has played this game here yet."))})
    return await _by_ratings(tx, viewer, row, entrants, found, Seeding("rating"), now=now)


async def by_list(
    tx: Transaction, viewer: Viewer, tournament: int, text: str, *, now: datetime
) -> tuple[int, int]:
    """Seed by a pasted list; how many are in it, and of how many. `Invalid` on `list`."""
    row = await _closed(tx, viewer, tournament)
    if len(text) > LONGEST_LIST:
        raise Invalid({"list": Message(N_("At most {most} characters."), most=LONGEST_LIST)})
    listed, twice = rating_lists.by_name(rating_lists.read(text))
    entrants = await entrants_of(tournament)
    found: dict[int, Rating] = {}
    for each in entrants:
        key = next((key for key in map(skeleton, (each["name"], each["tag"])) if key in listed), "")
        if key in twice:
            message = Message(
                N_("“{name}” is in the list more than once; leave one."), name=each["name"]
            )
            raise Invalid({"list": message})
        if key:
            found[each["id"]] = listed[key]
    if not found:
        raise Invalid({"list": Message(N_("No clan of this tournament is in the list."))})
    return await _by_ratings(tx, viewer, row, entrants, found, Seeding("list"), now=now)


async def _by_ratings(
    tx: Transaction,
    viewer: Viewer,
    row: Row,
    entrants: list[Row],
    found: dict[int, Rating],
    seeding: Seeding,
    *,
    now: datetime,
) -> tuple[int, int]:
    order = seed_orders.by_rating([each["id"] for each in entrants], found)
    await _write(tx, viewer, row, order, seeding, now=now)
    return len(found), len(entrants)


async def keep_apart(
    tx: Transaction, viewer: Viewer, tournament: int, labels: dict[int, str], *, now: datetime
) -> int:
    """Move clans of one label (a city, an owner) as little as keeps them apart in round 1.

    `labels` by entrant; empty ones meet anybody. How many clans have moved. `Invalid`
    on the field of a label.
    """
    row = await _closed(tx, viewer, tournament)
    entrants = await entrants_of(tournament)
    typed = {each["id"]: clean(labels.get(each["id"], "")) for each in entrants}
    long = Message(N_("At most {most} characters."), most=LONGEST_LABEL)
    if wrong := {f"apart_{id_}": long for id_, text in typed.items() if len(text) > LONGEST_LABEL}:
        raise Invalid(wrong)
    for id_, text in typed.items():
        await Entrant.update({Entrant.apart: text or None}).where(Entrant.id == id_)
    before = [each["id"] for each in entrants]
    order = _apart(row, before, {id_: skeleton(text) or None for id_, text in typed.items()})
    seeding = seeding_of(row) or Seeding("hand")
    moved = len([a for a, b in zip(before, order, strict=True) if a != b])
    made = msgspec.structs.replace(seeding, apart=seeding.apart or moved > 0)
    await _write(tx, viewer, row, order, made, now=now)
    return moved


def _apart(row: Row, order: list[int], labels: dict[int, str | None]) -> list[int]:
    """Only who begins in the first stage can meet in its first round."""
    plan = plan_of(row)
    first = shares(plan, len(order))[0]
    playing = order[first.start - 1 :]
    try:
        stage = brackets.start(brackets.Spec(plan[0].format, len(playing), plan[0].options))
    except brackets.BadSpec:
        return order
    pairs = [
        (a, b)
        for view in stage.matches
        for a, b in [view.seeds]
        if view.round == 1 and a is not None and b is not None
    ]
    return [*order[: first.start - 1], *keeping_apart.keep_apart(playing, labels, pairs)]


async def _closed(tx: Transaction, viewer: Viewer, tournament: int) -> Row:
    row = await setup.locked(tx, viewer, "tournament.seed", tournament)
    setup.require_state(row, "closed")
    return row


async def _write(
    tx: Transaction, viewer: Viewer, row: Row, order: list[int], seeding: Seeding, *, now: datetime
) -> None:
    for seed, entrant in enumerate(order, start=1):
        await Entrant.update({Entrant.seed: seed}).where(Entrant.id == entrant)
    columns = {"seeding": msgspec.json.encode(seeding).decode()}
    await setup.change(tx, viewer, row, "tournament.seeded", columns, now=now)
