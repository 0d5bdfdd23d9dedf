"""The same deliveries in any order, doubled and delayed, end in the same state.

Sixteen first-round matches of one cup get the same story, each in an order of its
own; afterwards all of them must look the same, and a replay must change nothing.
"""

import random
from datetime import timedelta

import msgspec
import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation.relay import Relay
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.tables import InboxDelivery, Subject
from tests.factories import cup, game
from tournaments import captains
from tournaments.checking import differences
from tournaments.tables import Event, Game, Match, Notice, Report, Result

pytestmark = pytest.mark.slow_on_postgres

MATCHES = 16


async def work_off(inbox):
    """Do what the outbox promises, as the relay does."""

    async def delivered(payloads):
        await inbox.delivered(payloads, now=clock.now())

    async def ignored(_):
        return

    kinds = ("matches", "tournament", "started", "claim")
    relay = Relay(None, {"delivered": delivered, **dict.fromkeys(kinds, ignored)})
    while await relay.deliver():
        pass
    assert await OutboxEntry.count() == 0


def story(one, two, nth, *, begin):
    """Deliveries about one series of three: A wins, B wins, A wins; the second game is
    first told with the wrong winner and corrected, a practice game follows the end."""
    games = [
        game(nth * 10 + 1, one, two, started_at=begin),
        game(nth * 10 + 2, two, one, started_at=begin + timedelta(hours=1)),
        game(nth * 10 + 3, one, two, started_at=begin + timedelta(hours=2)),
        game(nth * 10 + 4, two, one, started_at=begin + timedelta(hours=3)),
    ]
    wrong = msgspec.structs.replace(games[1], radiant_win=False)
    bodies = [(each, msgspec.json.encode(each.as_json())) for each in [wrong, *games]]
    return [Delivery(subject=str(each.match_id), body=body) for each, body in bodies]


async def state_of(match):
    """All that must not depend on the order. Names are the sides', numbers relative."""
    row = await Match.select().where(Match.id == match["id"]).first()
    result = (
        await Result.select()
        .where((Result.match == match["id"]) & Result.voided_at.is_null())
        .first()
    )
    games = await Game.select().where(Game.match == match["id"]).order_by(Game.started_at)
    return (
        row["state"],
        row["flag"],
        row["winner"],
        row["score_a"],
        row["score_b"],
        row["source"],
        result and (result["authority"], result["kind"]),
        [(each["winner"], each["duration"], each["voided_at"]) for each in games],
        await Notice.count().where((Notice.match == match["id"]) & Notice.settled_at.is_null()),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_order_any_repetition_any_delay(db, seed):
    chance = random.Random(seed)
    made = await cup(db, 2 * MATCHES, best_of="3", final_best_of="3")
    inbox = Inbox(db)
    by_entrant = {each.id: each for each in made.clans}
    begin = clock.now()
    steps = []
    matches = []
    for nth in range(1, MATCHES + 1):
        match = await made.match(f"U1.{nth}")
        matches.append(match)
        one, two = [by_entrant[match[side]] for side in ("entrant_a", "entrant_b")]
        wrong, *right = story(one, two, nth, begin=begin)
        # A correction comes after what it corrects; everything else in any order.
        told = [*right, chance.choice(right), chance.choice(right)]
        chance.shuffle(told)
        told.insert(0, wrong)
        said = [(one.captain, ("2", "1")), (two.captain, ("1", "2"))]
        if nth % 2:
            said.reverse()
        steps.append([("land", each) for each in told])
        for each in said:
            steps[-1].insert(chance.randint(0, len(steps[-1])), ("say", (match["id"], *each)))
    while any(steps):
        mine = chance.choice([each for each in steps if each])
        kind, what = mine.pop(0)
        if kind == "land":
            await inbox.land("opendota", what, made.id, now=clock.now())
        else:
            async with db.transaction() as tx:
                await captains.report_score(tx, what[1], what[0], what[2], now=clock.now())
        if chance.random() < 0.4:
            await work_off(inbox)
    await work_off(inbox)
    states = [await state_of(match) for match in matches]
    assert states[0][:6] == ("decided", "", 0, 2, 1, "opendota")
    assert all(each == states[0] for each in states)
    assert await differences() == []
    counts = [await table.count() for table in (Game, Result, Event, Notice, Report, Subject)]
    deliveries = await InboxDelivery.count()
    assert deliveries == 5 * MATCHES
    # Today's translations over everything there is: nothing is any different.
    await inbox.replay(now=clock.now())
    assert [
        await table.count() for table in (Game, Result, Event, Notice, Report, Subject)
    ] == counts
    assert [await state_of(match) for match in matches] == states


async def test_what_is_asked_for_holds_now_and_what_is_sent_may_be_old(db):
    made = await cup(db, 2)
    inbox, begin = Inbox(db), clock.now()
    one, two = made.clans
    right = game(1, one, two, started_at=begin)
    wrong = msgspec.structs.replace(right, radiant_win=False)
    first, second = (
        Delivery(subject=str(right.match_id), body=msgspec.json.encode(each.as_json()))
        for each in (right, wrong)
    )
    winners = []
    for number, (delivery, polled) in enumerate(
        [(first, True), (second, True), (first, False), (first, True), (first, True)]
    ):
        moment = begin + timedelta(seconds=number)
        await inbox.land("opendota", delivery, made.id, polled=polled, now=moment)
        await work_off(inbox)
        winners.append((await made.match("U1.1"))["winner"])
    assert winners == [0, 1, 1, 0, 0]
    assert await InboxDelivery.count() == 2
