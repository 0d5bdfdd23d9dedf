"""Challenges on a ladder: a clan picks whom above it wants to meet in the round being drawn."""

from datetime import datetime

import msgspec

import brackets
from app.accounts.permissions import Thing, may, require
from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound
from brackets.table import places_on_ladder
from clans.access import roles_of
from tournaments import results
from tournaments.people.access import to_entrant, to_tournament
from tournaments.play import Play, asked_of, entrants_by_seed, open_play
from tournaments.stages import stages_of
from tournaments.tables import Entrant, Match, Stage, Tournament

Pair = tuple[int, int]


async def ladder_of(tournament: Row) -> Row:
    """The stage in play, when it is a ladder; else `NotFound`."""
    drawn = [each for each in await stages_of(tournament["id"]) if not each["decider"]]
    if tournament["state"] != "running" or not drawn:
        raise NotFound
    if msgspec.json.decode(drawn[-1]["spec"], type=brackets.Spec).format != "ladder":
        raise NotFound
    return drawn[-1]


async def own_entrants(viewer: Viewer, tournament: Row) -> list[int]:
    """The entrants that the viewer may challenge for."""
    organiser = to_tournament(viewer, tournament).organiser
    roles = await roles_of(viewer)
    rows = await Entrant.select(Entrant.id, Entrant.clan).where(
        Entrant.tournament == tournament["id"]
    )
    things = {row["id"]: Thing(role=roles.get(row["clan"]), organiser=organiser) for row in rows}
    return [each for each, thing in things.items() if may(viewer, "ladder.challenge", thing)]


def order_of(state: brackets.Stage) -> list[int]:
    """Who stays, from the first place down."""
    places = places_on_ladder(state.active, state.meetings)
    return sorted(places, key=places.__getitem__)


async def challenge(
    tx: Transaction, viewer: Viewer, tournament: int, lower: int, upper: int, *, now: datetime
) -> None:
    """Let the entrant `lower` meet `upper` in this round; whoever was to meet them rests.

    Challenges count in the order in which they were made. Raises `Invalid` on
    `lower` or `upper`, `Conflict` once the round has begun.
    """
    play = await _enter(tx, viewer, tournament, lower)
    await results.require_open(play)
    seeds = {each: seed for seed, each in (await entrants_by_seed(play.stage["id"])).items()}
    pair = _checked(play.state, seeds.get(upper, 0), seeds.get(lower, 0))
    await _require_fresh(play)
    number = len(play.state.rounds)
    stored = asked_of(play.stage)
    asked = [*_free(stored.get(number, []), pair), pair]
    others = [
        each
        for each in play.state.rounds[-1].pairs
        if not {*each} & {seed for made in asked for seed in made}
    ]
    stored[number] = asked
    pairings = {**play.state.pairings, number: [*asked, *others]}
    play.become(brackets.rebuild(play.state, pairings=pairings))
    await _store(play, stored, pairings)
    await play.save(now=now)
    await tx.audit(
        "ladder.challenged", f"entrant:{lower}", actor=viewer.account, now=now, challenged=upper
    )
    await tx.later("tournament", now=now, tournament=play.tournament)


async def _enter(tx: Transaction, viewer: Viewer, tournament: int, lower: int) -> Play:
    known = await _row(tournament)
    play = await open_play(tx, (await ladder_of(known))["id"])
    row = await _row(tournament)
    entrant = await (
        Entrant.select(Entrant.clan)
        .where((Entrant.id == lower) & (Entrant.tournament == tournament))
        .first()
    )
    clan = entrant["clan"] if entrant else 0
    require(viewer, "ladder.challenge", await to_entrant(viewer, row, clan))
    if row["state"] != "running":
        raise Conflict(N_("The tournament has moved on since this page was shown."))
    return play


async def _row(tournament: int) -> Row:
    row: Row | None = await Tournament.select().where(Tournament.id == tournament).first()
    if row is None:
        raise NotFound
    return row


def _checked(state: brackets.Stage, upper: int, lower: int) -> Pair:
    order = order_of(state)
    if lower not in order:
        raise Invalid({"lower": Message(N_("Choose one of the list."))})
    if upper not in order or order.index(upper) >= order.index(lower):
        raise Invalid({"upper": Message(N_("Choose a clan that stands above."))})
    return upper, lower


def _free(asked: list[Pair], pair: Pair) -> list[Pair]:
    """The challenges made before, when neither of the two is in one."""
    taken = {seed for each in asked for seed in each}
    for seed, name in zip(pair, ("upper", "lower"), strict=True):
        if seed in taken:
            message = Message(N_("This clan has a challenge in this round already."))
            raise Invalid({name: message})
    return asked


async def has_begun(stage: int, round_: int) -> bool:
    """Whether a match of the round is decided or under way: too late for a challenge."""
    return bool(
        await Match.exists().where(
            (Match.stage == stage)
            & (Match.round == round_)
            & one_of(Match.state, ["ready", "decided"])
            & ((Match.state == "decided") | (Match.flag != ""))
        )
    )


async def _require_fresh(play: Play) -> None:
    if await has_begun(play.stage["id"], len(play.state.rounds)) or play.state.complete:
        raise Conflict(N_("This round has begun; challenge in the next one."))


async def _store(play: Play, stored: dict[int, list[Pair]], pairings: brackets.Pairings) -> None:
    text = msgspec.json.encode({"asked": stored, "pairings": pairings}).decode()
    await Stage.update({Stage.challenges: text}).where(Stage.id == play.stage["id"])
    play.stage["challenges"] = text
