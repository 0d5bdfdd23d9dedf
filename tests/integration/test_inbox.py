"""Deliveries land once and are worked on together; a captain's claim takes nothing away."""

from datetime import timedelta

import msgspec
import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation.settings import Settings
from integrations import registry
from integrations.attaching_by_hand import attach_by_hand
from integrations.base import Delivery
from integrations.inbox import Inbox, deliveries_of, was_delivered
from integrations.tables import InboxDelivery, Subject
from tests.commands import come_back, fresh, leave, open_notices, rule, take
from tests.factories import another_cup, cup, game, report
from tournaments import captains
from tournaments.checking import differences
from tournaments.tables import Claim, Entrant, Game, Notice

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def sources_are_known():
    registry.introduce(Settings())


@pytest.fixture
async def inbox(db):
    yield Inbox(db)
    assert await differences() == []


def delivery(played, part="", **changes):
    body = msgspec.json.encode(msgspec.structs.replace(played, **changes).as_json())
    return Delivery(subject=str(played.match_id), body=body, part=part)


async def land(inbox, made, each, **kwargs):
    tournament = made.id if made else None
    return await inbox.land("opendota", each, tournament, now=clock.now(), **kwargs)


async def promised():
    """The subjects whose work is promised; the promises are then forgotten."""
    rows = await OutboxEntry.select().where(OutboxEntry.kind == "delivered")
    await OutboxEntry.delete(force=True)
    return [msgspec.json.decode(row["payload"])["subject"] for row in rows]


async def work(inbox):
    for subject in dict.fromkeys(await promised()):
        await inbox.work(subject, now=clock.now())


async def subject(number=1):
    return await Subject.select().where(Subject.external_id == str(7_000_000_000 + number)).first()


# -- landing ---------------------------------------------------------------------


async def test_the_same_bytes_are_news_once(db, inbox):
    made = await cup(db, 2)
    played = game(1, *made.clans)
    assert await land(inbox, made, delivery(played))
    assert await promised() == [1]
    row = await subject()
    assert (row["state"], row["tournament"], row["provider"]) == ("new", made.id, "opendota")
    await inbox.work(row["id"], now=clock.now())
    assert not await land(inbox, made, delivery(played))
    assert await promised() == []
    assert [row["times"] for row in await InboxDelivery.select()] == [2]
    assert await land(inbox, made, delivery(played, radiant_win=False))
    assert await land(inbox, made, delivery(played, part="other"))
    assert len(await promised()) == 2
    assert await InboxDelivery.count() == 3
    assert await Subject.count() == 1
    assert await was_delivered("opendota", "7000000001", "other")
    assert not await was_delivered("opendota", "7000000001", "another")
    assert not await was_delivered("steam", "7000000001", "other")
    assert [each.part for each in await deliveries_of(await subject())] == ["", "", "other"]


async def test_what_was_not_worked_on_is_promised_again(db, inbox):
    made = await cup(db, 2)
    played = delivery(game(1, *made.clans))
    await land(inbox, made, played)
    await promised()
    # The process died before it could do the work.
    assert not await land(inbox, made, played)
    assert await promised() == [1]


async def test_a_subject_of_nobody_becomes_somebodys(db, inbox):
    made = await cup(db, 2)
    played = delivery(game(1, *made.clans))
    await land(inbox, None, played)
    await work(inbox)
    assert (await subject())["state"] == "ignored"
    await land(inbox, made, played)
    assert (await subject())["tournament"] == made.id
    await work(inbox)
    row = await subject()
    assert (row["state"], row["match"]) == ("recorded", (await made.match("U1.1"))["id"])
    # And nobody else's afterwards.
    other = await another_cup(db, made)
    await land(inbox, other, played)
    assert (await subject())["tournament"] == made.id


async def test_an_older_version_is_news_again_only_where_we_have_asked(db, inbox):
    made = await cup(db, 2)
    played = game(1, *made.clans)
    moment = clock.now()
    versions = [delivery(played), delivery(played, radiant_win=False)]
    for number, (version, polled, news) in enumerate(
        ((0, True, True), (1, True, True), (0, False, False), (0, True, True), (0, True, False))
    ):
        got = await inbox.land(
            "opendota",
            versions[version],
            made.id,
            polled=polled,
            now=moment + timedelta(seconds=number),
        )
        assert got == news, number


# -- working ---------------------------------------------------------------------


async def test_what_becomes_of_a_subject_is_kept_with_its_reason(db, inbox):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    await land(inbox, made, delivery(game(1, one, four, duration=60)))
    await land(inbox, made, delivery(game(2, one, two)))
    await land(inbox, made, Delivery(subject="7000000003", body=b'{"nothing": 1}'))
    await work(inbox)
    short, early, broken = [await subject(number) for number in (1, 2, 3)]
    assert (short["state"], short["match"]) == ("refused", None)
    assert "too short" in short["reason"]
    assert '"seconds"' in short["reason_params"]
    assert (early["state"], broken["state"]) == ("waiting", "unusable")
    assert broken["reason"]
    assert short["parser"] == registry.BY_NAME["opendota"].parser
    assert len(await open_notices(made)) == 2


async def test_what_waited_for_its_match_counts_when_it_comes(db, inbox):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    # The final, then what leads to it, in one go.
    for number, pair in ((3, (one, two)), (1, (one, four)), (2, (two, three))):
        await land(inbox, made, delivery(game(number, *pair)))
    await work(inbox)
    assert (await made.match("U2.1"))["state"] == "decided"
    assert {row["state"] for row in await Subject.select()} == {"recorded"}
    assert await open_notices(made) == []


async def test_what_was_refused_is_considered_again_when_a_team_is_named(db, inbox):
    made = await cup(db, 2)
    one, two = made.clans
    teams = {"radiant_team_id": 901, "dire_team_id": 902}
    await land(inbox, made, delivery(game(1, one, two, anonymous=True, **teams)))
    await work(inbox)
    assert (await subject())["state"] == "refused"
    for each, team in ((one, "901"), (two, "902")):
        await Entrant.update({Entrant.team_id: team}).where(Entrant.clan == each.id)
    other = await another_cup(db, made)
    await inbox.reconsider([{"tournament": other.id}], now=clock.now())
    assert (await subject())["state"] == "refused"
    # What was not refused is left alone.
    await land(inbox, made, delivery(game(2, one, two)))
    await inbox.reconsider([{"tournament": made.id}], now=clock.now())
    assert (await subject())["state"] == "recorded"
    assert (await subject(2))["state"] == "new"
    assert await open_notices(made) == []


async def test_todays_translation_over_everything_or_one_provider(db, inbox):
    made = await cup(db, 2)
    await land(inbox, made, delivery(game(1, *made.clans)))
    assert await inbox.replay("steam", now=clock.now()) == 0
    assert (await subject())["state"] == "new"
    assert await inbox.replay("opendota", now=clock.now()) == 1
    assert (await subject())["state"] == "recorded"
    assert await inbox.replay(now=clock.now()) == 1


async def test_which_subjects_need_no_more_asking(db, inbox):
    made = await cup(db, 2)
    await land(inbox, made, delivery(game(1, *made.clans)))
    await land(inbox, made, Delivery(subject="7000000003", body=b'{"nothing": 1}'))
    await work(inbox)
    ids = ["7000000001", "7000000003", "7000000009"]
    assert await inbox.known("opendota", ids) == {"7000000001"}
    # Steam tells of the same games by the same ids.
    assert await inbox.known("steam", ids) == {"7000000001"}
    assert await inbox.known("faceit", ids) == set()
    assert await inbox.known("opendota", []) == set()


async def test_a_subject_of_an_unknown_provider_or_none_is_left_alone(db, inbox):
    made = await cup(db, 2)
    await land(inbox, made, delivery(game(1, *made.clans)))
    await Subject.update({Subject.provider: "gone"}).where(Subject.id == 1)
    await inbox.work(1, now=clock.now())
    await inbox.work(999, now=clock.now())
    assert (await Subject.select().first())["state"] == "new"
    assert await Game.count() == 0


async def test_what_an_organiser_has_said_is_not_forgotten(db, inbox):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    played = game(1, *made.clans, anonymous=True)
    await land(inbox, made, delivery(played))
    await work(inbox)
    said = {Subject.match: match["id"], Subject.first_entrant: match["entrant_b"]}
    await Subject.update(said).where(Subject.id == 1)
    await inbox.work(1, now=clock.now())
    assert (await fresh(match))["winner"] == 1
    # A correction is of the same match and the same side, and so is a refusal.
    await land(inbox, made, delivery(played, radiant_win=False))
    await work(inbox)
    assert (await fresh(match))["winner"] == 0
    await land(inbox, made, Delivery(subject=str(played.match_id), body=b"{}", part="x"))
    await work(inbox)
    row = await subject()
    assert (row["match"], row["first_entrant"]) == (match["id"], match["entrant_b"])


# -- claims ----------------------------------------------------------------------


async def name(db, made, who, match, number=1):
    """A captain hands a game in; the claim's id."""
    async with db.transaction() as tx:
        await captains.hand_in_game(
            tx, who, match["id"], str(7_000_000_000 + number), now=clock.now()
        )
    row = await Claim.select().where(Claim.match == match["id"]).order_by(Claim.id).first()
    await OutboxEntry.delete(force=True)
    return row["id"]


async def state_of(claim):
    return (await Claim.select().where(Claim.id == claim).first())["state"]


async def test_a_named_game_counts_and_its_captains_hear_of_it(db, inbox):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    claim = await name(db, made, one.captain, match)
    played = delivery(game(1, one, two))
    await land(inbox, made, played, claim=claim)
    await work(inbox)
    assert await state_of(claim) == "taken"
    kinds = [row["kind"] for row in await OutboxEntry.select()]
    assert "matches" in kinds
    # Named again: nothing is new, but it is answered.
    await Claim.update({Claim.state: "looking"}).where(Claim.id == claim)
    assert not await land(inbox, made, played, claim=claim)
    await work(inbox)
    assert await state_of(claim) == "taken"


async def test_a_named_game_that_does_not_fit_is_refused_with_its_reason(db, inbox):
    made = await cup(db, 4)
    one, two, *_ = made.clans
    match = await made.match("U1.1")
    claim = await name(db, made, one.captain, match)
    await land(inbox, made, delivery(game(1, one, two)), claim=claim)
    await work(inbox)
    row = await Claim.select().first()
    assert row["state"] == "refused"
    assert "no match to play" in row["reason"]
    # The page of its match says so.
    told = await OutboxEntry.select().where(OutboxEntry.kind == "matches")
    assert [msgspec.json.decode(each["payload"])["matches"] for each in told] == [[match["id"]]]
    assert (await subject())["state"] == "waiting"


async def test_a_claim_for_what_nobody_can_read_goes_on_looking(db, inbox):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    claim = await name(db, made, made.clans[0].captain, match)
    await land(inbox, made, Delivery(subject="7000000001", body=b"{}"), claim=claim)
    await work(inbox)
    assert await state_of(claim) == "looking"


async def test_a_captain_takes_no_game_away_from_another_match(db, inbox):
    made = await cup(db, 2, format="round_robin", legs="2")
    one, two = made.clans
    first, second = await made.matches()
    played = game(1, one, two)
    claim = await name(db, made, one.captain, first)
    await land(inbox, made, delivery(played), claim=claim)
    await work(inbox)
    again = await name(db, made, two.captain, second)
    await land(inbox, made, delivery(played), claim=again)
    told = await OutboxEntry.select().where(OutboxEntry.kind == "matches")
    assert [msgspec.json.decode(each["payload"])["matches"] for each in told] == [[second["id"]]]
    await work(inbox)
    assert (await state_of(claim), await state_of(again)) == ("taken", "refused")
    row = await subject()
    assert (row["match"], row["claim"], row["state"]) == (first["id"], claim, "recorded")
    assert (await fresh(second))["state"] == "ready"
    # And corrections still reach the match it counts in.
    await land(inbox, made, delivery(played, radiant_win=False))
    await work(inbox)
    assert (await fresh(first))["winner"] == 1 - first_winner(first, one)


def first_winner(match, one):
    """The side of the match on which clan one plays (its entrants registered in order)."""
    return 0 if match["entrant_a"] < match["entrant_b"] else 1


async def test_a_captain_takes_no_game_away_from_another_tournament(db, inbox):
    made = await cup(db, 2)
    other = await another_cup(db, made)
    one, two = made.clans
    played = game(1, one, two)
    await land(inbox, made, delivery(played))
    await work(inbox)
    counted = await Game.select()
    claim = await name(db, other, two.captain, await other.match("U1.1"))
    await land(inbox, other, delivery(played), claim=claim)
    await work(inbox)
    row = await subject()
    assert (row["tournament"], row["claim"], row["state"]) == (made.id, None, "recorded")
    assert await state_of(claim) == "refused"
    assert await Game.select() == counted
    assert (await other.match("U1.1"))["state"] == "ready"
    await land(inbox, made, delivery(played, radiant_win=False))
    await work(inbox)
    assert (await made.match("U1.1"))["winner"] == 1


async def test_what_the_organiser_has_ruled_out_no_captain_brings_back(db, inbox):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    played = game(1, one, two)
    await land(inbox, made, delivery(played))
    await work(inbox)
    await rule(db, made, match, "reopen", reason="A stranger played.")
    for who in (one, two, one):
        claim = await name(db, made, who.captain, match)
        await land(inbox, made, delivery(played), claim=claim)
        await work(inbox)
        assert (await fresh(match))["state"] == "ready"
        row = await Claim.select().where(Claim.id == claim).first()
        assert (row["state"], row["reason"]) == ("refused", "The organiser ruled: {reason}")
        assert "A stranger played." in row["reason_params"]
    # Nor does a correction, or whoever else tells of the same game.
    await land(inbox, made, delivery(played, radiant_win=False))
    await work(inbox)
    await take(db, made, report(1, one, two, source="steam"))
    assert (await fresh(match))["state"] == "ready"
    assert await Game.count().where(Game.voided_at.is_null()) == 0
    # The organiser sees it, and may.
    notice = await Notice.select().where(Notice.source == "opendota").first()
    assert notice["match"] == match["id"]
    async with db.transaction() as tx:
        await attach_by_hand(
            tx, made.organiser, notice["id"], match["id"], match["entrant_a"], now=clock.now()
        )
    await work(inbox)
    assert (await fresh(match))["state"] == "decided"
    assert await open_notices(made) == []
    # And take it back once more.
    await rule(db, made, match, "reopen")
    await land(inbox, made, delivery(played), claim=claim)
    await work(inbox)
    await inbox.replay("opendota", now=clock.now())
    assert (await fresh(match))["state"] == "ready"


async def test_what_fell_with_another_ruling_may_be_named_again(db, inbox):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    for number, pair in ((1, (one, four)), (2, (two, three)), (3, (one, two))):
        await land(inbox, made, delivery(game(number, *pair)))
    await work(inbox)
    final, semi = await made.match("U2.1"), await made.match("U1.1")
    await rule(db, made, semi, "reopen", seen="U2.1")
    await rule(db, made, semi, score=(1, 0))
    assert (await fresh(final))["state"] == "ready"
    claim = await name(db, made, one.captain, final, 3)
    await land(inbox, made, delivery(game(3, one, two)), claim=claim)
    await work(inbox)
    assert (await fresh(final))["state"] == "decided"
    assert await state_of(claim) == "taken"


async def test_one_game_by_two_providers_counts_in_one_match(db, inbox):
    made = await cup(db, 2, format="round_robin", legs="2")
    one, two = made.clans
    first, second = await made.matches()
    claim = await name(db, made, one.captain, first)
    await land(inbox, made, delivery(game(1, one, two)), claim=claim)
    await work(inbox)
    told = (await Game.select().first())["match"]
    await take(db, made, report(1, one, two, source="steam"))
    assert {row["match"] for row in await Game.select()} == {told}
    assert await Game.count() == 2


async def test_what_arrived_while_a_clan_was_out_counts_when_it_comes_back(db, inbox):
    made = await cup(db, 4)
    one, _, _, four = made.clans
    match = await made.match("U1.1")
    await leave(db, made, match["entrant_a"])
    await land(inbox, made, delivery(game(1, one, four)))
    await work(inbox)
    assert (await fresh(match))["outcome"] == "forfeit"
    await come_back(db, made, match["entrant_a"])
    now_is = await fresh(match)
    assert (now_is["state"], now_is["winner"], now_is["source"]) == ("decided", 0, "opendota")
    assert (await made.match("U2.1"))["entrant_a"] == match["entrant_a"]
    assert await Notice.count().where(Notice.settled_at.is_null()) == 0
