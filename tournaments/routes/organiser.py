"""What organisers do: set up, open, close, seed, start, rule."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts.bans import bans_of_players
from app.accounts.permissions import require, route
from app.accounts.visit import Guest, Visit
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import N_, Invalid, Message
from app.kernel.http.ratelimit import RateLimit
from app.kernel.http.web import Form
from tournaments import (
    competitions,
    departures,
    draw,
    match_queries,
    queries,
    rulings,
    seeding,
    setup,
    stages,
    team_ids,
    wording,
)
from tournaments.maps import ACTIVE_DUTY, pool_of
from tournaments.pages import cards
from tournaments.people.access import to_tournament
from tournaments.plans import PREFIXES, StageForm, plan_of, typed
from tournaments.tables import Match

Page = Response[bytes]
DRAFTS = RateLimit("draft", times=100, seconds=24 * 60 * 60)
TICKED = ("third_place", "accelerated")


def _data(visit: Visit) -> setup.TournamentData:
    form = visit.form
    return setup.TournamentData(
        name=form.get("name"),
        game=form.get("game"),
        size_limit=form.get("size_limit"),
        stages=tuple(
            _stage(form, prefix) for prefix in PREFIXES if not prefix or form.get(f"{prefix}format")
        ),
        starts_at=form.get("starts_at"),
        timezone=form.get("timezone").strip(),
        league_id=form.get("league_id"),
        about=form.get("about"),
        faceit=form.get("faceit"),
        maps=form.get("maps"),
    )


def _stage(form: Form, prefix: str) -> StageForm:
    empty = StageForm()
    fields: dict[str, Any] = {
        name: form.get(prefix + name, getattr(empty, name))
        for name in StageForm.__struct_fields__
        if name not in ("prefix", "tie_breaks", *TICKED)
    }
    fields |= {name: bool(form.get(prefix + name)) for name in TICKED}
    chosen = tuple(filter(None, form.all(f"{prefix}tie_breaks")))
    return StageForm(prefix=prefix, tie_breaks=chosen, **fields)


async def mine(visit: Visit, slug: str) -> Row:
    """The tournament at this address, for who may do there what the route is for."""
    row = await queries.tournament_by_slug(slug, visit.viewer)
    require(visit.me, visit.action, to_tournament(visit.me, row))
    return row


@get("/tournaments/new", opt=route("tournament.create"))
async def new(visit: Guest) -> Page:
    return visit.page("tournaments/new.html", **_nothing_known())


@post("/tournaments/new", opt=route("tournament.create"))
async def create(visit: Guest) -> Page:
    try:
        async with visit.counting("name", DRAFTS), visit.transaction() as tx:
            row = await setup.create_tournament(tx, visit.me, _data(visit), now=visit.now)
    except Invalid as wrong:
        return visit.page(
            "tournaments/new.html", status=wrong.status, errors=wrong.fields, **_nothing_known()
        )
    return visit.see_other(
        f"/tournaments/{row['slug']}/manage",
        Message(N_("The draft is saved. Only you can see it until you open registration.")),
    )


@get("/tournaments/{slug:str}/edit", opt=route("tournament.edit"))
async def edit_form(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    return visit.page("tournaments/new.html", **_known(row))


@post("/tournaments/{slug:str}/edit", opt=route("tournament.edit"))
async def edit(visit: Guest, slug: FromPath[str]) -> Page:
    row = await mine(visit, slug)
    try:
        async with visit.transaction() as tx:
            await setup.edit_tournament(tx, visit.me, row["id"], _data(visit), now=visit.now)
    except Invalid as wrong:
        return visit.page("tournaments/new.html", status=422, errors=wrong.fields, **_known(row))
    return visit.see_other(f"/tournaments/{slug}/manage", Message(N_("Saved.")))


def _nothing_known() -> dict[str, Any]:
    return {
        "t": None,
        "starts_at": "",
        "stages": typed(()),
        "faceit": "",
        "maps": ACTIVE_DUTY,
        "tie_breaks": wording.tie_breaks(),
    }


def _known(row: Row) -> dict[str, Any]:
    return {
        "t": row,
        "starts_at": _local(row),
        "stages": typed(plan_of(row)),
        "faceit": competitions.address(row["faceit"]),
        "maps": pool_of(row),
        "tie_breaks": wording.tie_breaks(),
    }


def _local(row: Row) -> str:
    moment = row["starts_at"].astimezone(ZoneInfo(row["timezone"]))
    return str(moment.strftime("%Y-%m-%dT%H:%M"))


@get("/tournaments/{slug:str}/manage", opt=route("tournament.manage"))
async def manage(visit: Guest, slug: FromPath[str]) -> Page:
    return await manage_page(visit, slug, {}, 200)


async def manage_page(visit: Visit, slug: str, errors: dict[str, Message], status: int) -> Page:
    row = await mine(visit, slug)
    notices = [
        {
            **notice,
            "message": wording.message_of(notice["text"], notice["params"]),
            # A game that a provider knows; the organiser may say whose it was.
            "attachable": bool(notice["external_id"]) and row["state"] == "running",
        }
        for notice in await queries.notices_of(row["id"])
    ]
    entrants = await queries.entrants_of(row["id"])
    by_id = {entrant.id: entrant for entrant in entrants}
    matches = await match_queries.matches_of(row["id"])
    drawn = await stages.stages_of(row["id"])
    gone = await departures.departures_of(row["id"])
    line_ups = await queries.line_ups(by_id)
    players = [each.player for line_up in line_ups.values() for each in line_up]
    return visit.page(
        "tournaments/manage.html",
        status=status,
        errors=errors,
        t=row,
        entrants=entrants,
        upcoming=await _upcoming(row, by_id),
        drawn=len(drawn),
        teams=await team_ids.teams_of(row["id"]),
        line_ups=line_ups,
        banned=await bans_of_players(players, now=visit.now),
        seeding=wording.seeding(row),
        apart=await _labels(row),
        notices=notices,
        gone=gone,
        doors=await departures.doors(row, drawn, gone),
        waiting=[
            cards.card(each, by_id)
            for each in matches
            if each["state"] == "ready" and row["state"] == "running"
        ],
    )


async def _labels(row: Row) -> dict[int, str]:
    """Whom to keep apart, by entrant; asked for only while seeds can change."""
    if row["state"] != "closed":
        return {}
    return {each["id"]: each["apart"] or "" for each in await seeding.registered(row["id"])}


async def _upcoming(row: Row, entrants: dict[int, queries.EntrantLine]) -> dict[str, Any] | None:
    """The stage that can be started now, with the ties to settle first."""
    found = await stages.what_is_next(row)
    if found is None:
        return None
    return {
        "name": wording.format_name(plan_of(row)[found.part]),
        "answer": found.answer,
        "settled": found.settled is not None,
        "blocked": found.blocked,
        "ties": [[entrants[each] for each in tie] for tie in found.settled or found.ties],
    }


@post("/tournaments/{slug:str}/publish", opt=route("tournament.publish"))
async def publish(visit: Guest, slug: FromPath[str]) -> Page:
    return await _step(visit, slug, setup.publish, Message(N_("Registration is open.")))


@post("/tournaments/{slug:str}/close", opt=route("tournament.close"))
async def close(visit: Guest, slug: FromPath[str]) -> Page:
    done = Message(N_("Registration is closed. Order the seeds, then start."))
    return await _step(visit, slug, setup.close_registration, done)


@post("/tournaments/{slug:str}/cancel", opt=route("tournament.cancel"))
async def cancel(visit: Guest, slug: FromPath[str]) -> Page:
    return await _step(visit, slug, setup.cancel, Message(N_("The tournament is cancelled.")))


@post("/tournaments/{slug:str}/start", opt=route("tournament.start"))
async def start(visit: Guest, slug: FromPath[str]) -> Page:
    try:
        done = Message(N_("The tournament has started. Line-ups are frozen."))
        return await _step(visit, slug, draw.start, done)
    except Invalid as wrong:
        return await manage_page(visit, slug, wrong.fields, 422)


async def _step(visit: Visit, slug: str, command: Any, done: Message) -> Page:
    row = await mine(visit, slug)
    async with visit.transaction() as tx:
        await command(tx, visit.me, row["id"], now=visit.now)
    return visit.see_other(f"/tournaments/{slug}/manage", done)


@get("/matches/{match_id:int}/rule", opt=route("match.rule"))
async def rule_form(visit: Guest, match_id: FromPath[int]) -> Page:
    return await _rule_page(visit, match_id, {}, [], 200)


@post("/matches/{match_id:int}/rule", opt=route("match.rule"))
async def rule(visit: Guest, match_id: FromPath[int]) -> Page:
    form = visit.form
    ruling = rulings.Ruling(
        kind=form.get("kind"),
        score=(form.get("score_a"), form.get("score_b")),
        reason=form.get("reason"),
        seen=form.get("seen"),
    )
    try:
        async with visit.transaction() as tx:
            await rulings.rule(tx, visit.me, match_id, ruling, now=visit.now)
    except Invalid as wrong:
        return await _rule_page(visit, match_id, wrong.fields, [], 422)
    except rulings.NeedsConsent as needs:
        return await _rule_page(visit, match_id, {}, needs.keys, 422)
    return visit.see_other(f"/matches/{match_id}", Message(N_("Your ruling counts.")))


async def _rule_page(
    visit: Visit, match_id: int, errors: dict[str, Message], falling: list[str], status: int
) -> Page:
    row, tournament = await match_queries.match_by_id(match_id)
    require(visit.me, "match.rule", to_tournament(visit.me, tournament))
    later = await Match.select().where((Match.stage == row["stage"]) & one_of(Match.key, falling))
    rows = [row, *later]
    entrants = await queries.entrants_by_id(
        each[side] for each in rows for side in ("entrant_a", "entrant_b")
    )
    return visit.page(
        "matches/rule.html",
        status=status,
        errors=errors,
        m=cards.card(row, entrants),
        head_start=row["head_start"],
        result=await match_queries.result_of(match_id),
        t=tournament,
        falling=[cards.card(each, entrants) for each in later],
        seen=",".join(falling),
    )


@post("/notices/{notice_id:int}/settle", opt=route("notice.settle"))
async def settle(visit: Guest, notice_id: FromPath[int]) -> Page:
    async with visit.transaction() as tx:
        slug = await rulings.settle_notice(tx, visit.me, notice_id, now=visit.now)
    return visit.see_other(f"/tournaments/{slug}/manage")


HANDLERS = [
    new,
    create,
    edit_form,
    edit,
    manage,
    publish,
    close,
    cancel,
    start,
    rule_form,
    rule,
    settle,
]
