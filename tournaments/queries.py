"""What tournament and match pages read from the database."""

from collections.abc import Iterable
from typing import Any

import msgspec
from piccolo.columns import Column

from app.accounts.sessions import Viewer
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row
from app.kernel.errors import NotFound
from clans.access import clans_led_by
from tournaments.live_games import with_live
from tournaments.people.access import require_published
from tournaments.tables import (
    Entrant,
    LineUpPlayer,
    Match,
    Notice,
    Tournament,
)

SHOWN = ("open", "closed", "running", "finished", "cancelled")
PAGE = 30


class EntrantLine(msgspec.Struct, frozen=True):
    """An entrant wherever it is named."""

    id: int
    clan: int
    name: str
    tag: str
    slug: str
    seed: int | None


class LineUpLine(msgspec.Struct, frozen=True):
    """A player of a line-up; `avatar` is the picture that others may see."""

    player: int
    nickname: str
    avatar: str | None


class MatchRow(msgspec.Struct, frozen=True):
    """A match with the tournament it belongs to, as lists of matches need it."""

    row: Row
    slug: str
    tournament: str
    timezone: str


async def tournament_by_slug(slug: str, viewer: Viewer | None = None) -> Row:
    """The row, or `NotFound`; a draft exists only for its organiser."""
    row: Row | None = await Tournament.select().where(Tournament.slug == slug).first()
    if row is None:
        raise NotFound
    require_published(viewer, row)
    return row


async def tournament_by_id(tournament: int) -> Row:
    row: Row | None = await Tournament.select().where(Tournament.id == tournament).first()
    if row is None:
        raise NotFound
    return row


async def list_tournaments(*states: str, page: int = 1) -> tuple[list[Row], bool]:
    """Published tournaments, the nearest start first (finished: latest first)."""
    latest_first = states == ("finished",)
    rows = await (
        Tournament.select()
        .where(one_of(Tournament.state, states or SHOWN))
        .order_by(Tournament.starts_at, ascending=not latest_first)
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    counts = await entrant_counts(row["id"] for row in rows)
    for row in rows:
        row["entrants"] = counts.get(row["id"], 0)
    return rows[:PAGE], len(rows) > PAGE


async def count_tournaments(*states: str) -> int:
    """How many published ones there are."""
    return int(await Tournament.count().where(one_of(Tournament.state, states or SHOWN)))


async def entrant_counts(tournaments: Iterable[int]) -> dict[int, int]:
    ids = list(tournaments)
    counts: dict[int, int] = {}
    for tournament in ids:
        counts[tournament] = await Entrant.count().where(Entrant.tournament == tournament)
    return counts


async def entrants_of(tournament: int) -> list[EntrantLine]:
    """All entrants: by seed where seeded, else by registration."""
    rows = await (
        Entrant.select(
            Entrant.id,
            Entrant.clan.id.as_alias("clan"),
            Entrant.clan.slug.as_alias("slug"),
            Entrant.name,
            Entrant.tag,
            Entrant.seed,
        )
        .where(Entrant.tournament == tournament)
        .order_by(Entrant.registered_at, Entrant.id)
    )
    lines = [EntrantLine(**row) for row in rows]
    return sorted(lines, key=lambda line: line.seed or len(lines) + 1)


async def entrants_by_id(ids: Iterable[int | None]) -> dict[int, EntrantLine]:
    wanted = sorted({each for each in ids if each is not None})
    if not wanted:
        return {}
    rows = await Entrant.select(
        Entrant.id,
        Entrant.clan.id.as_alias("clan"),
        Entrant.clan.slug.as_alias("slug"),
        Entrant.name,
        Entrant.tag,
        Entrant.seed,
    ).where(one_of(Entrant.id, wanted))
    return {row["id"]: EntrantLine(**row) for row in rows}


async def line_ups(entrants: Iterable[int]) -> dict[int, list[LineUpLine]]:
    """Players by entrant; Steam ids stay inside."""
    ids = list(entrants)
    rows = await (
        LineUpPlayer.select(
            LineUpPlayer.entrant,
            LineUpPlayer.player.id.as_alias("player"),
            LineUpPlayer.nickname,
            LineUpPlayer.player.avatar.as_alias("avatar"),
        )
        .where(one_of(LineUpPlayer.entrant, ids))
        .order_by(LineUpPlayer.id)
    )
    found: dict[int, list[LineUpLine]] = {entrant: [] for entrant in ids}
    for row in rows:
        found[row.pop("entrant")].append(LineUpLine(**row))
    return found


async def notices_of(tournament: int) -> list[Row]:
    """What waits for the organiser, oldest first."""
    rows: list[Row] = await (
        Notice.select()
        .where((Notice.tournament == tournament) & Notice.settled_at.is_null())
        .order_by(Notice.id)
    )
    return rows


async def matches_now(limit: int) -> list[MatchRow]:
    """Matches being played or about to be, in running tournaments; live ones first."""
    rows = await _lines(Match.state == "ready", order=(Match.ready_at, False), limit=limit * 3)
    return sorted(rows, key=lambda line: line.row["flag"] == "")[:limit]


async def recent_results(limit: int) -> list[MatchRow]:
    return await _lines(Match.state == "decided", order=(Match.decided_at, False), limit=limit)


async def _lines(where: Any, *, order: tuple[Column, bool], limit: int) -> list[MatchRow]:
    # Piccolo's types end at the second join.
    tournament: Any = Match.stage.tournament
    rows = await (
        Match.select(
            *Match.all_columns(),
            tournament.slug.as_alias("t_slug"),
            tournament.name.as_alias("t_name"),
            tournament.timezone.as_alias("t_zone"),
        )
        .where(where & one_of(tournament.state, ["running", "finished"]))
        .order_by(order[0], ascending=order[1])
        .limit(limit)
    )
    rows = await with_live(rows)
    return [MatchRow(row, row.pop("t_slug"), row.pop("t_name"), row.pop("t_zone")) for row in rows]


async def matches_of_clan(clan: int, limit: int = 12) -> list[MatchRow]:
    """A clan's matches, newest first."""
    mine = await Entrant.select(Entrant.id).where(Entrant.clan == clan)
    ids = [row["id"] for row in mine]
    if not ids:
        return []
    played = one_of(Match.state, ["ready", "decided"]) & (
        one_of(Match.entrant_a, ids) | one_of(Match.entrant_b, ids)
    )
    return await _lines(played, order=(Match.ready_at, False), limit=limit)


async def titles_of_clan(clan: int) -> list[Row]:
    """Tournaments the clan has played or entered, newest first."""
    rows: list[Row] = await (
        Entrant.select(
            Entrant.tournament.name.as_alias("name"),
            Entrant.tournament.slug.as_alias("slug"),
            Entrant.tournament.state.as_alias("state"),
            Entrant.tournament.starts_at.as_alias("starts_at"),
            Entrant.tournament.timezone.as_alias("timezone"),
        )
        .where((Entrant.clan == clan) & (Entrant.tournament.state != "draft"))
        .order_by(Entrant.id, ascending=False)
        .limit(10)
    )
    return rows


async def organised_by(viewer: Viewer) -> list[Row]:
    rows: list[Row] = await (
        Tournament.select()
        .where(Tournament.organiser == viewer.account)
        .order_by(Tournament.id, ascending=False)
        .limit(20)
    )
    return rows


async def matches_to_play(viewer: Viewer) -> list[MatchRow]:
    """The ready matches of the clans the viewer leads."""
    led = await clans_led_by(viewer)
    mine = await Entrant.select(Entrant.id).where(one_of(Entrant.clan, led))
    ids = [row["id"] for row in mine]
    if not ids:
        return []
    ready = (Match.state == "ready") & (one_of(Match.entrant_a, ids) | one_of(Match.entrant_b, ids))
    return await _lines(ready, order=(Match.ready_at, True), limit=20)


def entrants_in(rows: list[Row]) -> list[int]:
    """The entrants of these matches, each once."""
    found = {row[side] for row in rows for side in ("entrant_a", "entrant_b")}
    return sorted(each for each in found if each is not None)
