"""What captains and the organiser type: scores, reports, claims, rulings."""

import asyncio
from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db.tables import AuditEntry, OutboxEntry
from app.kernel.errors import Conflict, Invalid, Message, NotFound, TooOften, UserError
from app.kernel.http.ratelimit import TOO_OFTEN
from app.kernel.operation.settings import Settings
from integrations import registry
from tests.commands import fresh, open_notices, result_of, rule, say, take, told_of
from tests.factories import cup, report
from tournaments import captains, claims
from tournaments.checking import differences
from tournaments.claims import LATE, MOST_CLAIMS
from tournaments.rulings import NeedsConsent, Ruling
from tournaments.tables import Claim, Game, Match, Report, Result, Tournament


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(db):
    registry.introduce(Settings())
    yield
    assert await differences() == []


# -- scores ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("best_of", "typed", "score"),
    [
        (1, ("1", "0"), (1, 0)),
        (3, (" 2 ", "1"), (2, 1)),
        (2, ("1", "1"), (1, 1)),
        (3, ("002", "1"), (2, 1)),
    ],
)
def test_a_score_that_ends_the_series(best_of, typed, score):
    assert captains.checked_score(best_of, typed) == score


@pytest.mark.parametrize(
    ("best_of", "typed", "head_start", "words"),
    [
        (1, ("1", "1"), 0, "best of {best_of} the winner"),
        (1, ("", "0"), 0, "best of {best_of} the winner"),
        (1, ("1", ""), 0, "best of {best_of} the winner"),
        (1, ("-1", "0"), 0, "best of {best_of} the winner"),
        (3, ("0002", "1"), 0, "best of {best_of} the winner"),
        (3, ("2", "²"), 0, "best of {best_of} the winner"),
        (2, ("2", "1"), 0, "one clan wins all"),
        (3, ("0", "2"), 1, "begins at 1:0"),
    ],
)
def test_a_score_that_does_not_says_what_would(best_of, typed, head_start, words):
    with pytest.raises(Invalid) as wrong:
        captains.checked_score(best_of, typed, head_start)
    message = wrong.value.fields["score"]
    assert words in message.text
    if best_of != 2:
        assert message.params["wins"] == best_of // 2 + 1


def test_a_draw_where_there_are_draws():
    assert captains.checked_score(1, ("0", "0"), draws=True) == (0, 0)
    with pytest.raises(Invalid):
        captains.checked_score(1, ("0", "0"))


# -- reports -----------------------------------------------------------------------


async def confirm(db, who, match, report_id):
    async with db.transaction() as tx:
        return await captains.confirm_report(tx, who, match["id"], report_id, now=clock.now())


async def test_only_the_report_that_was_seen_is_confirmed(db):
    made = await cup(db, 2)
    one, two = (each.captain for each in made.clans)
    match = await made.match("U1.1")
    with pytest.raises(Conflict):
        await confirm(db, two, match, 1)
    await say(db, one, match, 1, 0)
    first = await Report.select().first()
    await say(db, one, match, 0, 1)
    second = await Report.select().where(Report.state == "open").first()
    # One's own report is no other captain's, and an older one is not what stands.
    with pytest.raises(Conflict):
        await confirm(db, one, match, second["id"])
    with pytest.raises(Conflict):
        await confirm(db, two, match, first["id"])
    assert (await fresh(match))["state"] == "ready"
    assert await confirm(db, two, match, second["id"]) == "confirmed"
    row, result = await fresh(match), await result_of(match)
    assert (row["winner"], row["source"]) == (1, "captains")
    assert (result["authority"], result["account"]) == ("captains", None)
    assert await Report.count().where(Report.state == "open") == 2
    line = await AuditEntry.select().where(AuditEntry.action == "match.reported").first()
    assert (line["actor"], line["subject"]) == (one.account, f"match:{match['id']}")


async def test_a_draw_is_reported_where_the_format_has_draws(db):
    made = await cup(db, 2, format="round_robin")
    one, two = (each.captain for each in made.clans)
    match = (await made.matches())[0]
    await say(db, one, match, 0, 0)
    assert await say(db, two, match, 0, 0) == "confirmed"
    row = await fresh(match)
    assert (row["state"], row["winner"], row["score_a"]) == ("decided", None, 0)


@pytest.mark.parametrize("state", ["cancelled", "closed"])
async def test_nothing_is_said_of_a_tournament_that_is_not_played(db, state):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    await Tournament.update({Tournament.state: state}).where(Tournament.id == made.id)
    for command in (
        lambda: say(db, made.clans[0].captain, match, 1, 0),
        lambda: rule(db, made, match),
    ):
        with pytest.raises(Conflict):
            await command()
    await Tournament.update({Tournament.state: "running"}).where(Tournament.id == made.id)


async def test_a_match_whose_clans_are_not_known_cannot_be_decided(db):
    made = await cup(db, 4)
    final = await made.match("U2.1")
    await rule(db, made, await made.match("U1.1"))
    with pytest.raises(Conflict):
        await say(db, made.clans[0].captain, final, 1, 0)
    with pytest.raises(Conflict):
        await rule(db, made, final)
    for missing in ({"id": 999_999},):
        with pytest.raises(NotFound):
            await say(db, made.clans[0].captain, missing, 1, 0)
        with pytest.raises(NotFound):
            await rule(db, made, missing)


# -- claims ------------------------------------------------------------------------


async def hand_in(db, who, match, number, now=None):
    async with db.transaction() as tx:
        await captains.hand_in_game(
            tx, who, match["id"], str(7_000_000_000 + number), now=now or clock.now()
        )


async def test_a_game_that_is_handed_in_is_looked_for(db):
    made = await cup(db, 2)
    one, two = (each.captain for each in made.clans)
    match = await made.match("U1.1")
    await OutboxEntry.delete(force=True)
    await hand_in(db, one, match, 1)
    claim = await Claim.select().first()
    assert (claim["state"], claim["provider"], claim["account"]) == (
        "looking",
        "opendota",
        one.account,
    )
    assert (await fresh(match))["flag"] == "live"
    kinds = {row["kind"] for row in await OutboxEntry.select()}
    assert kinds == {"claim", "matches"}
    line = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert line["action"] == "match.game_handed_in"
    # The same one once more is looked for once.
    await Claim.update({Claim.state: "refused", Claim.reason: "x"}).where(Claim.id == claim["id"])
    await hand_in(db, two, match, 1)
    claim = await Claim.select().first()
    assert (await Claim.count(), claim["state"], claim["reason"]) == (1, "looking", None)
    await Claim.update({Claim.state: "taken"}).where(Claim.id == claim["id"])
    await hand_in(db, two, match, 1)
    assert (await Claim.select().first())["state"] == "taken"


async def test_a_flag_that_says_more_stays(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    await say(db, made.clans[0].captain, match, 1, 0)
    await hand_in(db, made.clans[0].captain, match, 1)
    assert (await fresh(match))["flag"] == "reported"


async def test_no_more_than_a_few_games_of_each_side_are_looked_for_in_an_hour(db, day):
    made = await cup(db, 4)
    captain, other, opponent = (made.clans[number].captain for number in (0, 1, 3))
    match = await made.match("U1.1")
    for number in range(MOST_CLAIMS):
        await hand_in(db, captain, match, number)
        day.go_on(minutes=1)
    await Claim.update({Claim.state: "refused"}).where(Claim.external_id == "7000000000")
    with pytest.raises(TooOften) as wrong:
        await hand_in(db, captain, match, 9)
    assert wrong.value.fields == {"game_id": Message(TOO_OFTEN, minutes=60 - MOST_CLAIMS)}
    # Neither the other side of the match nor another match pays for it.
    await hand_in(db, opponent, match, 8)
    await hand_in(db, other, await made.match("U1.2"), 9)
    day.go_on(minutes=60 - MOST_CLAIMS)
    await hand_in(db, captain, match, 9)
    assert await Claim.count() == MOST_CLAIMS + 3


async def test_no_game_is_looked_for_of_a_decided_match_or_where_there_is_no_source(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    await Tournament.update({Tournament.game: "chess"}).where(Tournament.id == made.id)
    with pytest.raises(UserError, match="cannot be looked up"):
        await hand_in(db, made.clans[0].captain, match, 1)
    await Tournament.update({Tournament.game: "dota2"}).where(Tournament.id == made.id)
    await rule(db, made, match)
    with pytest.raises(Conflict, match="decided"):
        await hand_in(db, made.clans[0].captain, match, 1)
    assert await Claim.count() == 0


async def test_a_claim_is_late_after_half_an_hour_and_says_so_once(db):
    made = await cup(db, 2)
    now = clock.now()
    await hand_in(db, made.clans[0].captain, await made.match("U1.1"), 1, now)
    claim = (await Claim.select().first())["id"]
    assert not await claims.still_looking(claim, now=now + LATE - timedelta(seconds=1))
    assert await claims.still_looking(claim, now=now + LATE)
    assert (await Claim.select().first())["state"] == "late"
    assert not await claims.still_looking(claim, now=now + 2 * LATE)
    assert not await claims.still_looking(999_999, now=now + LATE)


# -- rulings -----------------------------------------------------------------------


def test_a_ruling_has_a_kind_and_a_reason():
    for changes, field in (
        ({"kind": "coin"}, "kind"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"score": ("1", "1")}, "score"),
    ):
        values = {"kind": "score", "score": ("1", "0"), "reason": "why", "seen": ""} | changes
        with pytest.raises(Invalid) as wrong:
            Ruling(**values).outcome(1)
        assert list(wrong.value.fields) == [field]


@pytest.mark.parametrize(
    ("kind", "score", "winner", "outcome", "scores"),
    [
        ("score", (0, 1), 1, "played", (0, 1)),
        ("walkover_a", (0, 1), 0, "walkover", (None, None)),
        ("walkover_b", ("", ""), 1, "walkover", (None, None)),
        ("double_forfeit", ("", ""), None, "double_forfeit", (None, None)),
    ],
)
async def test_what_a_ruling_makes_of_a_match(db, kind, score, winner, outcome, scores):
    made = await cup(db, 4)
    match = await made.match("U1.1")
    await rule(db, made, match, kind, score, reason="  all  saw it ")
    row, result = await fresh(match), await result_of(match)
    assert (row["winner"], row["outcome"], row["score_a"], row["score_b"]) == (
        winner,
        outcome,
        *scores,
    )
    assert (row["source"], row["flag"], row["decided_at"] is not None) == ("referee", "", True)
    assert (result["reason"], result["account"]) == ("all saw it", made.organiser.account)
    assert await told_of(match, "ruling") == ["The organiser ruled: {reason}"]


async def test_a_match_that_is_taken_back_is_played_anew(db):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    await take(db, made, report(1, one, four))
    await take(db, made, report(2, two, three))
    await take(db, made, report(3, one, two))
    match, final = await made.match("U1.1"), await made.match("U2.1")
    await say(db, one.captain, match, 1, 0)
    with pytest.raises(NeedsConsent) as needs:
        await rule(db, made, match, "reopen")
    assert (needs.value.keys, needs.value.token) == (["U2.1"], "U2.1")
    for seen in ("U1.1", "U2.1,U1.1", "U2.1 "):
        with pytest.raises(NeedsConsent):
            await rule(db, made, match, "reopen", seen=seen)
    assert await Result.count().where(Result.voided_at.is_null()) == 3
    await OutboxEntry.delete(force=True)
    await rule(db, made, match, "reopen", seen="U2.1", reason="ping")
    for each in (match, final):
        assert (await fresh(each))["state"] in ("ready", "waiting")
        assert await result_of(each) is None
    voided = await Game.select().where(Game.voided_at.is_not_null())
    assert {row["match"] for row in voided} == {match["id"], final["id"]}
    assert await Report.count().where(Report.state == "open") == 0
    reasons = {row["voided_because"] for row in await Result.select() if row["voided_at"]}
    assert reasons == {"ping"}
    kinds = {row["kind"] for row in await OutboxEntry.select()}
    assert "matches" in kinds
    lines = [row["action"] for row in await AuditEntry.select()]
    assert "match.result_voided" in lines
    with pytest.raises(Invalid):
        await rule(db, made, match, "reopen")


@pytest.mark.parametrize("kind", ["score", "walkover_b", "double_forfeit"])
async def test_the_same_ruling_once_more_writes_nothing(db, kind):
    made = await cup(db, 4)
    match = await made.match("U1.1")

    async def written():
        counted = [await each.count() for each in (AuditEntry, OutboxEntry, Result)]
        return counted, await told_of(match, "ruling"), await fresh(match), await result_of(match)

    await rule(db, made, match, kind)
    before = await written()
    for _ in range(3):
        await rule(db, made, match, kind, reason=" said  so ")
    await asyncio.gather(*(rule(db, made, match, kind) for _ in range(5)))
    assert await written() == before
    # For another reason it is another word, and is told.
    await rule(db, made, match, kind, reason="looked again")
    assert len(await told_of(match, "ruling")) == 2
    assert (await result_of(match))["reason"] == "looked again"
    # And taken back, it is a new one.
    await rule(db, made, match, "reopen")
    await rule(db, made, match, kind, reason="looked again")
    assert (await fresh(match))["state"] == "decided"
    assert len(await told_of(match, "ruling")) == 4


async def test_a_ruling_over_a_ruling(db):
    made = await cup(db, 4)
    match = await made.match("U1.1")
    await rule(db, made, match, "score", (1, 0))
    await rule(db, made, match, "score", (0, 1), reason="looked again")
    row = await fresh(match)
    assert row["winner"] == 1
    rows = await Result.select().order_by(Result.id)
    assert [each["voided_because"] for each in rows] == ["looked again", None]
    # The same winner by another word leaves what follows alone.
    await rule(db, made, await made.match("U1.2"), "score", (1, 0))
    await rule(db, made, await made.match("U2.1"), "score", (1, 0))
    await rule(db, made, match, "walkover_b", ("", ""))
    assert (await made.match("U2.1"))["state"] == "decided"
    assert await open_notices(made) == []
    assert await Match.count().where(Match.state == "decided") == 3
