"""Two loads of one match, their events in any order, doubled: always the same end."""

import random
from datetime import timedelta

import msgspec
import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.matchzy.config import config_of
from integrations.matchzy.events import head_of
from integrations.matchzy.links import load
from integrations.standins.game_server_events import Outcome, events_of
from tests.factories import cup
from tournaments.checking import differences
from tournaments.tables import Game, LiveGame, Match, Notice, Result


async def two_loads(made, match):
    """Deliveries of a load that crashed in its second map, and of the one after it."""
    link, secret = await made.link(match["id"])
    found = []
    for maps, cut in ((((13, 7), (5, 13)), 8), (((4, 13), (12, 16)), 0)):
        order, remembered = await load(link, secret, "http://x", "", now=clock.now())
        events = events_of(config_of(order), Outcome(maps=maps))
        bodies = [msgspec.json.encode(event) for event in events]
        subject = str(order.load)
        first = Delivery(subject=subject, part="load", body=msgspec.json.encode(remembered))
        found.append(first)
        found += [
            Delivery(subject=subject, part=head_of(body).part, body=body)
            for body in bodies[: len(bodies) - cut]
        ]
    return found


async def told(db, made, deliveries):
    inbox, now = Inbox(db), clock.now()
    for number, each in enumerate(deliveries):
        at = now + timedelta(seconds=number)
        await inbox.land("matchzy", each, made.id, now=at)
        # As busy relays do, work on several at once.
        if number % 7 == 0:
            await work_off(inbox)
    await work_off(inbox)


async def work_off(inbox):
    while rows := await OutboxEntry.select().order_by(OutboxEntry.id):
        ids = [row["id"] for row in rows]
        payloads = [
            msgspec.json.decode(row["payload"]) for row in rows if row["kind"] == "delivered"
        ]
        await inbox.delivered(payloads, now=clock.now())
        await OutboxEntry.delete().where(OutboxEntry.id.is_in(ids))


async def state_of(match):
    row = await Match.select().where(Match.id == match["id"]).first()
    games = await Game.select().order_by(Game.series, Game.number)
    return (
        [row[name] for name in ("state", "flag", "winner", "score_a", "score_b", "source")],
        [(game["number"], game["winner"], game["score_a"], game["label"]) for game in games],
        await Result.count().where(Result.voided_at.is_null()),
        await LiveGame.count(),
        await Notice.count(),
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_two_loads_in_any_order(db, seed):
    made = await cup(db, 2, game="cs2", best_of="3", final_best_of="3")
    match = (await made.matches())[0]
    deliveries = await two_loads(made, match)
    chance = random.Random(seed)
    deliveries += chance.sample(deliveries, 20)
    if seed:
        chance.shuffle(deliveries)
    await told(db, made, deliveries)
    state = await state_of(match)
    assert state[0] == ["decided", "", 1, 0, 2, "matchzy"]
    assert state[1] == [
        (0, 0, 13, "de_ancient"),
        (0, 1, 4, "de_ancient"),
        (1, 1, 12, "de_anubis"),
    ]
    assert state[2:] == (1, 0, 0)
    assert await Inbox(db).replay("matchzy", now=clock.now()) == 2
    assert await state_of(match) == state
    assert await differences() == []
