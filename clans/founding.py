"""Founding a clan, and changing what it says about itself."""

from datetime import datetime

import msgspec

from app.accounts.permissions import require
from app.accounts.sessions import Viewer
from app.kernel.db.database import DUPLICATE, Row, Transaction
from app.kernel.errors import N_, Invalid, Message
from app.kernel.text.i18n import LOCALES
from app.kernel.text.names import clean, free_slug, skeleton, slug, wrong_name, wrong_text
from clans.access import to_clan
from clans.games import GAMES
from clans.tables import Clan, Member

NAME, TAG, ABOUT = (2, 24), (2, 5), 1_000


class ClanData(msgspec.Struct, frozen=True):
    """What a clan says about itself, as typed."""

    name: str
    tag: str
    game: str
    languages: list[str]
    about: str

    @property
    def cleaned(self) -> "ClanData":
        return ClanData(
            clean(self.name),
            clean(self.tag),
            self.game,
            [code for code in LOCALES if code in self.languages],
            self.about.strip().replace("\r\n", "\n"),
        )

    def check(self) -> None:
        """Raise `Invalid` for what can be seen without the database."""
        wrong = {
            "name": wrong_name(self.name, shortest=NAME[0], longest=NAME[1]),
            "tag": wrong_name(self.tag, shortest=TAG[0], longest=TAG[1]),
            "game": None if self.game in GAMES else Message(N_("Choose a game.")),
            "languages": None if self.languages else Message(N_("Choose at least one language.")),
            "about": wrong_text(self.about, longest=ABOUT),
        }
        if fields := {name: message for name, message in wrong.items() if message}:
            raise Invalid(fields)


async def found_clan(tx: Transaction, viewer: Viewer, data: ClanData, *, now: datetime) -> Row:
    """Make a clan with the viewer as its owner."""
    require(viewer, "clan.found")
    data = data.cleaned
    data.check()
    await _check_not_taken(data, but_for=None)
    rows = await (
        Clan.insert(
            Clan(
                name=data.name,
                name_key=skeleton(data.name),
                tag=data.tag,
                tag_key=skeleton(data.tag),
                slug=await _free_slug(data.name),
                game=data.game,
                languages=",".join(data.languages),
                about=data.about,
                founded_at=now,
            )
        )
        .on_conflict(action="DO NOTHING")
        .returning(Clan.id, Clan.slug)
    )
    if not rows:
        # Two founded alike in the same moment; the other was first.
        raise Invalid({"name": _taken_name()})
    clan: Row = rows[0]
    await Member.insert(Member(clan=clan["id"], player=viewer.player, role="owner", joined_at=now))
    await tx.audit(
        "clan.founded", f"clan:{clan['id']}", actor=viewer.account, now=now, name=data.name
    )
    return clan


async def edit_clan(
    tx: Transaction, viewer: Viewer, clan: int, data: ClanData, *, now: datetime
) -> None:
    """Change what the clan says; captains and the owner may."""
    await tx.lock(Clan, clan)
    require(viewer, "clan.edit", await to_clan(viewer, clan))
    data = data.cleaned
    data.check()
    await _check_not_taken(data, but_for=clan)
    try:
        await _write(clan, data)
    except DUPLICATE:
        # Another clan took the name or the tag in this very moment.
        raise Invalid({"name": _taken_name()}) from None
    await tx.audit("clan.edited", f"clan:{clan}", actor=viewer.account, now=now, name=data.name)


async def _write(clan: int, data: ClanData) -> None:
    await Clan.update(
        {
            Clan.name: data.name,
            Clan.name_key: skeleton(data.name),
            Clan.tag: data.tag,
            Clan.tag_key: skeleton(data.tag),
            Clan.game: data.game,
            Clan.languages: ",".join(data.languages),
            Clan.about: data.about,
        }
    ).where(Clan.id == clan)


def _taken_name() -> Message:
    return Message(N_("Another clan has this name, or one that looks like it."))


async def _check_not_taken(data: ClanData, *, but_for: int | None) -> None:
    rows = await Clan.select(Clan.id, Clan.name_key, Clan.tag_key).where(
        (Clan.name_key == skeleton(data.name)) | (Clan.tag_key == skeleton(data.tag))
    )
    fields: dict[str, Message] = {}
    for row in rows:
        if row["id"] == but_for:
            continue
        if row["name_key"] == skeleton(data.name):
            fields["name"] = _taken_name()
        if row["tag_key"] == skeleton(data.tag):
            fields["tag"] = Message(N_("Another clan has this tag, or one that looks like it."))
    if fields:
        raise Invalid(fields)


async def _free_slug(name: str) -> str:
    wanted = slug(name)
    taken = await Clan.select(Clan.slug).where(Clan.slug.like(f"{wanted}%"))
    return free_slug(wanted, {row["slug"] for row in taken})
