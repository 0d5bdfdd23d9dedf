"""Creating a tournament, changing it, and opening and closing registration."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.accounts.permissions import require
from app.accounts.sessions import Viewer, again
from app.kernel.db.conditions import one_of
from app.kernel.db.database import Row, Transaction
from app.kernel.errors import N_, Conflict, Invalid, Message, NotFound
from app.kernel.text.i18n import zone_or_none
from app.kernel.text.names import clean, free_slug, slug, wrong_name, wrong_text
from clans.games import GAMES
from tournaments.competitions import faceit_competition
from tournaments.maps import typed_pool, wrong_pool
from tournaments.people.access import to_tournament_now
from tournaments.plans import StageForm, checked, encode
from tournaments.tables import Entrant, Match, Tournament

NAME, ABOUT = (3, 60), 4_000
SMALLEST, LARGEST = 2, 4_096


class TournamentData(msgspec.Struct, frozen=True):
    """The organiser's form, as typed; `starts_at` is local to `timezone`."""

    name: str
    game: str
    size_limit: str
    stages: tuple[StageForm, ...]
    starts_at: str
    timezone: str
    league_id: str
    about: str
    faceit: str = ""
    maps: str = ""

    def checked(self, *, now: datetime) -> Row:
        """The tournament's columns, or `Invalid` naming every wrong field."""
        name, about = clean(self.name), self.about.strip().replace("\r\n", "\n")
        starts_at = _local_time(self.starts_at, self.timezone)
        wrong: dict[str, Message | None] = {
            "name": wrong_name(name, shortest=NAME[0], longest=NAME[1]),
            "game": None if self.game in GAMES else Message(N_("Choose a game.")),
            "size_limit": _wrong_size(self.size_limit),
            "starts_at": _wrong_start(starts_at, now),
            "timezone": None
            if zone_or_none(self.timezone)
            else Message(N_("There is no such time zone. Example: Asia/Almaty.")),
            "league_id": _wrong_league(self.league_id.strip()),
            "faceit": self._wrong_faceit(),
            "about": wrong_text(about, longest=ABOUT),
        }
        plan, wrong_plan = checked(self.stages)
        wrong |= wrong_plan
        if self.game == "cs2":
            wrong["maps"] = wrong_pool(self.maps, plan)
        if fields := {field: message for field, message in wrong.items() if message}:
            raise Invalid(fields)
        return {
            "name": name,
            "game": self.game,
            "size_limit": int(self.size_limit),
            "plan": encode(plan),
            "starts_at": starts_at,
            "timezone": self.timezone,
            "league_id": self.league_id.strip() or None,
            "faceit": faceit_competition(self.faceit) if self.game == "cs2" else None,
            "about": about,
            "maps": " ".join(typed_pool(self.maps)) if self.game == "cs2" else "",
        }

    def _wrong_faceit(self) -> Message | None:
        # In another game the field is not shown, so what is in it does not matter.
        if self.game != "cs2" or not self.faceit.strip() or faceit_competition(self.faceit):
            return None
        return Message(N_("Enter the address of a FACEIT championship or hub."))


def _local_time(text: str, zone: str) -> datetime | None:
    """`2026-11-30T19:00` in the zone, as UTC; None when it is no time."""
    known = zone_or_none(zone) or ZoneInfo("UTC")
    try:
        local = datetime.fromisoformat(text.strip())
        return local.replace(tzinfo=known, fold=0).astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        return None


def _wrong_size(text: str) -> Message | None:
    if text.strip().isdecimal() and len(text) < 9 and SMALLEST <= int(text) <= LARGEST:
        return None
    return Message(
        N_("Enter a number from {smallest} to {largest}."), smallest=SMALLEST, largest=LARGEST
    )


def _wrong_start(starts_at: datetime | None, now: datetime) -> Message | None:
    if starts_at is None:
        return Message(N_("Enter a date and a time."))
    return Message(N_("This time has passed already.")) if starts_at <= now else None


def _wrong_league(text: str) -> Message | None:
    if not text or (text.isascii() and text.isdecimal() and len(text) <= 12):
        return None
    return Message(N_("A league id is a number, as in Valve's league ticket."))


async def create_tournament(
    tx: Transaction, viewer: Viewer, data: TournamentData, *, now: datetime
) -> Row:
    """A new draft that only its organiser sees."""
    require(await again(viewer), "tournament.create")
    columns = data.checked(now=now)
    row = await _insert(viewer, columns, now=now)
    await tx.audit(
        "tournament.created",
        f"tournament:{row['id']}",
        actor=viewer.account,
        now=now,
        tournament=row["id"],
        name=columns["name"],
    )
    return row


async def _insert(viewer: Viewer, columns: Row, *, now: datetime) -> Row:
    """The new row, at an address that nobody took in the meantime."""
    while True:
        rows: list[Row] = await (
            Tournament.insert(
                Tournament(
                    **columns,
                    slug=await _free_slug(columns["name"]),
                    organiser=viewer.account,
                    state="draft",
                    created_at=now,
                )
            )
            .on_conflict(action="DO NOTHING")
            .returning(Tournament.id, Tournament.slug)
        )
        if rows:
            return rows[0]


async def edit_tournament(
    tx: Transaction, viewer: Viewer, tournament: int, data: TournamentData, *, now: datetime
) -> None:
    """Change a tournament that has not started."""
    row = await locked(tx, viewer, "tournament.edit", tournament)
    require_state(row, "draft", "open", "closed")
    columns = data.checked(now=now)
    registered = await Entrant.count().where(Entrant.tournament == tournament)
    if columns["size_limit"] < registered:
        raise Invalid(
            {"size_limit": Message(N_("{count} clans are registered already."), count=registered)}
        )
    if registered and columns["game"] != row["game"]:
        raise Invalid({"game": Message(N_("Clans have registered for this game already."))})
    await change(tx, viewer, row, "tournament.edited", columns, now=now)


async def publish(tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime) -> None:
    """Show the tournament to everybody and open registration."""
    row = await locked(tx, viewer, "tournament.publish", tournament)
    if row["state"] == "open":
        return
    require_state(row, "draft", "closed")
    await change(tx, viewer, row, "tournament.opened", {"state": "open"}, now=now)


async def close_registration(
    tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime
) -> None:
    """Nobody registers any more; seeds can be ordered."""
    row = await locked(tx, viewer, "tournament.close", tournament)
    if row["state"] == "closed":
        return
    require_state(row, "open")
    await change(tx, viewer, row, "tournament.registration_closed", {"state": "closed"}, now=now)


async def cancel(tx: Transaction, viewer: Viewer, tournament: int, *, now: datetime) -> None:
    """Call the tournament off; its pages stay and say so."""
    row = await locked(tx, viewer, "tournament.cancel", tournament)
    if row["state"] == "cancelled":
        return
    require_state(row, "draft", "open", "closed", "running")
    await change(tx, viewer, row, "tournament.cancelled", {"state": "cancelled"}, now=now)
    open_ = await Match.select(Match.id).where(
        (Match.stage.tournament == tournament) & one_of(Match.state, ["ready", "waiting"])
    )
    if matches := [each["id"] for each in open_]:
        # Their own pages ask nobody to play any more.
        await tx.later("matches", now=now, tournament=tournament, matches=matches)


async def locked(tx: Transaction, viewer: Viewer, action: str, tournament: int) -> Row:
    """The tournament's row, held until the end, for who may do this to it."""
    row = await tx.lock(Tournament, tournament)
    if row is None:
        raise NotFound
    require(viewer, action, await to_tournament_now(viewer, row))
    return row


def require_state(row: Row, *states: str) -> None:
    if row["state"] not in states:
        raise Conflict(N_("The tournament has moved on since this page was shown."))


async def change(
    tx: Transaction, viewer: Viewer, row: Row, action: str, columns: Row, *, now: datetime
) -> None:
    """Write columns, raise the revision, and leave the usual traces."""
    values = {getattr(Tournament, name): value for name, value in columns.items()}
    await Tournament.update({**values, Tournament.revision: row["revision"] + 1}).where(
        Tournament.id == row["id"]
    )
    await tx.audit(
        action,
        f"tournament:{row['id']}",
        actor=viewer.account,
        now=now,
        tournament=row["id"],
        **{name: str(value) for name, value in columns.items() if name != "about"},
    )
    await tx.later("tournament", now=now, tournament=row["id"])


async def _free_slug(name: str) -> str:
    wanted = slug(name, longest=50)
    taken = await Tournament.select(Tournament.slug).where(Tournament.slug.like(f"{wanted}%"))
    return free_slug(wanted, {row["slug"] for row in taken})
