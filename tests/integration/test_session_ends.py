"""Who is signed in, for how long, and with which rights."""

from datetime import timedelta

from app.accounts.sessions import (
    LASTS,
    close_expired,
    close_session,
    close_sessions,
    find_viewer,
    open_session,
)
from app.accounts.tables import Account, Session
from app.kernel import clock
from tests.factories import person

SECOND = timedelta(seconds=1)


async def test_a_session_lasts_thirty_days_and_not_a_second_more(db):
    who, now = await person("somebody"), clock.now()
    token = await open_session(who.account, now=now)
    found = await find_viewer(token, now=now + LASTS - SECOND)
    assert (found.account, found.player, found.nickname) == (who.account, who.player, "somebody")
    assert await find_viewer(token, now=now + LASTS) is None
    await close_expired(now=now + LASTS - SECOND)
    assert await Session.count() == 1
    await close_expired(now=now + LASTS)
    assert await Session.count() == 0


async def test_only_the_hash_of_a_token_is_kept_and_only_the_token_opens(db):
    who, now = await person("somebody"), clock.now()
    token = await open_session(who.account, now=now)
    row = await Session.select().first()
    assert token not in str(row)
    for wrong in (row["token_hash"], "", token + "x", token.lower()):
        assert await find_viewer(wrong, now=now) is None


async def test_a_session_is_closed_alone_and_all_of_an_account_together(db):
    one, other = await person("one"), await person("other")
    now = clock.now()
    first, second = [await open_session(one.account, now=now) for _ in range(2)]
    theirs = await open_session(other.account, now=now)
    await close_session((await find_viewer(first, now=now)).session)
    assert await find_viewer(first, now=now) is None
    assert await find_viewer(second, now=now) is not None
    await close_sessions(one.account)
    assert await find_viewer(second, now=now) is None
    assert (await find_viewer(theirs, now=now)).account == other.account


async def test_rights_are_those_the_account_has_at_each_request(db):
    who, now = await person("somebody"), clock.now()
    token = await open_session(who.account, now=now)
    found = await find_viewer(token, now=now)
    assert (found.is_organiser, found.is_operator) == (False, False)
    for organiser, operator in ((True, False), (False, True)):
        await Account.update({Account.organiser: organiser, Account.operator: operator}).where(
            Account.id == who.account
        )
        found = await find_viewer(token, now=now)
        assert (found.is_organiser, found.is_operator) == (organiser, operator)


async def test_who_came_by_steam_has_no_address(db):
    who, now = await person("somebody"), clock.now()
    token = await open_session(who.account, now=now)
    assert (await find_viewer(token, now=now)).email == "somebody@example.com"
    await Account.update({Account.email: "steam:7"}).where(Account.id == who.account)
    assert (await find_viewer(token, now=now)).email == ""
