"""Links that were out before an upgrade stay good after it, and only their hashes are left."""

from importlib import import_module

import pytest

from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.http.tokens import hash_of
from clans.membership import find_invite, invite
from clans.tables import Invite
from integrations.matchzy import links
from integrations.matchzy.config import header_value
from integrations.tables import ServerLink
from tests.factories import cup

MIGRATIONS = (
    "clans.piccolo_migrations.clans_2026_11_28t10_01_00_000000",
    "integrations.piccolo_migrations.integrations_2026_11_28t10_01_00_000000",
)


async def as_it_was(db):
    """An invite and a server's link, kept as they were kept before."""
    made = await cup(db, 2, game="cs2")
    match = (await made.matches())[0]["id"]
    async with db.transaction() as tx:
        token = await invite(tx, made.clans[0].captain, made.clans[0].id, now=clock.now())
    link, secret = await made.link(match)
    await Invite.update({Invite.token_hash: token}, force=True)
    await ServerLink.update({ServerLink.secret_hash: secret}, force=True)
    return token, link["id"], secret


async def test_what_was_kept_becomes_its_hash_and_opens_what_it_opened(db):
    token, link, secret = await as_it_was(db)
    for name in MIGRATIONS:
        manager = await import_module(name).forwards()
        for raw in manager.raw:
            await raw.run() if hasattr(raw, "run") else await raw()
    row = await links.link_by_id(link)
    assert row["secret_hash"] == hash_of(secret)
    assert links.opens(row, header_value(secret))
    assert not links.opens(row, header_value(row["secret_hash"]))
    assert (await Invite.select().first())["token_hash"] == hash_of(token)
    assert (await find_invite(token, now=clock.now()))["slug"] == "clan-1"
    with pytest.raises(NotFound, match="no longer works"):
        await find_invite(hash_of(token), now=clock.now())
