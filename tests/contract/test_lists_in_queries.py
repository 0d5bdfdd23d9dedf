"""Lists in queries, of none, of some and of very many values, on both databases."""

import re
from pathlib import Path

import pytest

from app.accounts.tables import Account, Player
from app.kernel import clock
from app.kernel.db.conditions import FEW, none_of, one_of
from tests.factories import person

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "clans", "tournaments", "integrations")
# More than either database takes as parameters of one statement.
VERY_MANY = 40_000


@pytest.fixture
async def players(db):
    now = clock.now()
    rows = await Player.insert(
        *(Player(nickname=f"p{n}", nickname_key=f"p{n}", created_at=now) for n in range(3))
    ).returning(Player.id)
    return [row["id"] for row in rows]


@pytest.mark.parametrize("more", [0, FEW - 1, FEW, VERY_MANY])
async def test_a_list_of_any_length(players, more):
    first, *others = players
    listed = [first, *range(10_000, 10_000 + more)]
    found = await Player.select(Player.id).where(one_of(Player.id, listed))
    rest = await Player.select(Player.id).where(none_of(Player.id, listed)).order_by(Player.id)
    assert [row["id"] for row in found] == [first]
    assert [row["id"] for row in rest] == others
    names = ["p0", *(f"x\"{n}'" for n in range(more))]
    found = await Player.select(Player.id).where(one_of(Player.nickname, names))
    assert [row["id"] for row in found] == [first]
    assert await Player.count().where(none_of(Player.nickname, names)) == 2


async def test_an_empty_list_is_nothing_and_none_of_it_is_all(players):
    assert await Player.select().where(one_of(Player.id, [])) == []
    assert await Player.count().where(none_of(Player.id, [])) == 3
    assert await Player.count().where((Player.nickname == "p1") | one_of(Player.id, [])) == 1
    assert await Player.exists().where(one_of(Player.id, iter([]))) is False
    await Player.update({Player.nickname: "gone"}).where(one_of(Player.id, []))
    await Player.delete().where(one_of(Player.id, []))
    assert await Player.count().where(none_of(Player.nickname, ["gone"])) == 3


@pytest.mark.parametrize("more", [0, FEW])
async def test_a_list_about_a_joined_row(db, more):
    made = await person("joined")
    names = ["joined", *(f"n{n}" for n in range(more))]
    where = one_of(Account.player.nickname, names)
    assert [row["id"] for row in await Account.select().where(where)] == [made.account]
    await Account.update({Account.language: "ru"}).where(where)
    assert await Account.count().where(Account.language == "ru") == 1
    await Account.update({Account.language: "kk"}).where(one_of(Account.player.nickname, []))
    assert await Account.count().where(Account.language == "kk") == 0
    assert db


def test_no_other_door():
    """A list given to Piccolo itself is an error as soon as it is empty."""
    lists = re.compile(r"\.(is_in|not_in)\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.name != "conditions.py"
        for line in path.read_text().splitlines()
        if lists.search(line)
    ]
    assert found == []
