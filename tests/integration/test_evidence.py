"""To which match a game or series goes, and what is refused, on both databases."""

from datetime import timedelta

import msgspec
import pytest

from app.kernel import clock
from app.kernel.db.tables import OutboxEntry
from app.kernel.operation.settings import Settings
from integrations import registry
from tests.commands import fresh, open_notices, rule, say, take, told_of
from tests.factories import another_cup, cup, held, person, report
from tournaments.attaching import EARLY, ByHand, Refused
from tournaments.checking import differences
from tournaments.evidence import _of_its_clans, games_of
from tournaments.recording import AlreadyRecorded, Recorded
from tournaments.reports import LiveReport, ReportedSide, SeriesReport
from tournaments.tables import (
    Claim,
    Entrant,
    Event,
    Game,
    LiveGame,
    Match,
    Notice,
    ToldSeries,
    Tournament,
)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def sources_are_known():
    registry.introduce(Settings())


@pytest.fixture(autouse=True)
async def stored_state_equals_replay(db):
    yield
    assert await differences() == []


def series(one, two, **fields):
    values = {
        "source": "faceit",
        "external_id": "1-x",
        "game": "dota2",
        "sides": (ReportedSide(steam_ids=one.steam_ids), ReportedSide(steam_ids=two.steam_ids)),
        "winner": 0,
    }
    return SeriesReport(**(values | fields))


def live(one, two, **fields):
    values = {
        "source": "matchzy",
        "external_id": "7",
        "sides": (ReportedSide(steam_ids=one.steam_ids), ReportedSide(steam_ids=two.steam_ids)),
        "score": (5, 3),
        "label": "de_nuke",
        "started_at": clock.now(),
    }
    return LiveReport(**(values | fields))


async def be(made, **columns):
    await Tournament.update(
        {getattr(Tournament, name): value for name, value in columns.items()}
    ).where(Tournament.id == made.id)


# -- when ----------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "open", "closed", "cancelled"])
async def test_before_the_start_and_after_the_end_nothing_counts(db, state):
    made = await cup(db, 2)
    await be(made, state=state)
    refused = await take(db, made, report(1, *made.clans))
    assert refused == Refused(refused.reason, early=True)
    assert "not started" in refused.reason.text
    assert await Game.count() == 0
    await be(made, state="running")


async def test_a_tournament_that_is_gone_takes_nothing(db):
    made = await cup(db, 2)
    gone = type(made)(999_999, "", made.organiser, made.clans)
    assert await take(db, gone, report(1, *made.clans)) is None


@pytest.mark.parametrize(("before", "counts"), [(0, True), (1, False)])
async def test_a_game_may_begin_half_an_hour_before_its_match_is_known(db, before, counts):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    moment = match["ready_at"] - EARLY - timedelta(seconds=before)
    done = await take(db, made, report(1, *made.clans, started_at=moment))
    assert isinstance(done, Recorded) == counts
    if not counts:
        assert done.match == match["id"]
        assert not done.early
        assert "began before" in done.reason.text


async def test_of_a_pairs_matches_the_last_that_could_be_played_then(db):
    made = await cup(db, 2, format="round_robin", legs="2")
    one, two = made.clans
    first, second = await made.matches()
    # Both can be played from the start; the later one was known an hour later.
    await Match.update({Match.ready_at: second["ready_at"] + 2 * HOUR}).where(
        Match.id == second["id"]
    )
    early = await take(db, made, report(1, one, two, started_at=clock.now() + HOUR))
    late = await take(db, made, report(2, two, one, started_at=clock.now() + 3 * HOUR))
    assert (early.match, late.match) == (first["id"], second["id"])


# -- whose ---------------------------------------------------------------------


async def test_the_sides_are_turned_to_the_match(db):
    made = await cup(db, 2)
    one, two = made.clans
    sides = (
        ReportedSide(steam_ids=two.steam_ids, score=11),
        ReportedSide(steam_ids=one.steam_ids, score=29),
    )
    await take(db, made, report(1, one, two, sides=sides, winner=1))
    row, game = await made.match("U1.1"), await Game.select().first()
    assert (row["winner"], row["score_a"], row["score_b"]) == (0, 1, 0)
    assert (game["winner"], game["score_a"], game["score_b"]) == (0, 29, 11)
    assert (game["matched_by"], game["matched"], game["of_players"]) == ("steam", 10, 10)
    assert (game["space"], game["trusted"], game["drawn"]) == ("dota2", False, False)


async def test_people_of_another_tournament_are_strangers_here(db):
    made = await cup(db, 2)
    other = await held(db, await person("rival", organiser=True), [], start=False)
    await be(other, state="running")
    refused = await take(db, other, report(1, *made.clans))
    assert refused.strangers
    half = await take(db, made, report(1, made.clans[0], made.clans[0]))
    assert isinstance(half, Refused)
    assert not half.strangers
    assert await Game.count() == 0


async def test_where_others_play_too_their_games_are_nobodys_business(db):
    made = await cup(db, 2)
    other = await held(db, await person("rival", organiser=True), [], start=False)
    for faceit, notices in (("hub:abc", 0), ("championship:abc", 1)):
        await be(other, state="running", faceit=faceit)
        await take(db, other, report(1, *made.clans, competition="abc"))
        assert len(await open_notices(other)) == notices
    # Somebody of ours with strangers is for the organiser to see, also in a hub.
    await be(made, faceit="hub:abc")
    stranger = (ReportedSide(steam_ids=made.clans[0].steam_ids), ReportedSide(steam_ids=("1",)))
    await take(db, made, report(2, *made.clans, sides=stranger, competition="abc"))
    assert len(await open_notices(made)) == 1


async def test_two_clans_that_do_not_meet_now(db):
    made = await cup(db, 4)
    one, two, *_ = made.clans
    refused = await take(db, made, report(1, one, two))
    assert (refused.early, refused.match) == (True, None)
    assert "no match to play against each other" in refused.reason.text


async def test_a_captains_game_is_looked_for_in_its_match_only(db):
    made = await cup(db, 2, format="round_robin", legs="2")
    one, two = made.clans
    first, second = await made.matches()
    claims = []
    for match in (first, second):
        claim = await Claim.insert(
            Claim(
                match=match["id"],
                provider="opendota",
                external_id="1",
                state="looking",
                created_at=clock.now(),
            )
        ).returning(Claim.id)
        claims.append(claim[0]["id"])
    played = report(1, one, two)
    done = await take(db, made, played, claim=claims[0])
    assert done == Recorded(first["id"], decided=True)
    refused = await take(db, made, report(2, one, two), claim=999_999)
    assert isinstance(refused, Refused)
    # It counts once, not in a second match.
    twice = await take(db, made, played, claim=claims[1])
    assert twice == Refused(twice.reason, second["id"])
    assert "counts in another match" in twice.reason.text
    # A game that was taken back counts where a captain says that it was played.
    await rule(db, made, first, "reopen")
    assert isinstance(await take(db, made, played), AlreadyRecorded)
    assert (await fresh(first))["state"] == "ready"
    assert isinstance(await take(db, made, played, claim=claims[1]), Recorded)
    assert (await Game.select().first())["match"] == second["id"]
    assert (await fresh(second))["state"] == "decided"


# -- a server that was set up for a match -----------------------------------------


def on_server(one, two, **fields):
    sides = (ReportedSide(entrant=one, score=13), ReportedSide(entrant=two, score=7))
    values = {"sides": sides, "source": "matchzy", "humans": None, "trusted": True}
    return values | fields


async def test_a_server_says_which_match_it_is(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    a, b = match["entrant_a"], match["entrant_b"]
    done = await take(db, made, report(1, *made.clans, **on_server(b, a)), match=match["id"])
    assert done == Recorded(match["id"], decided=True)
    row, game = await fresh(match), await Game.select().first()
    assert (row["winner"], row["flag"], game["matched_by"]) == (1, "", "server")
    assert (game["score_a"], game["score_b"]) == (7, 13)
    assert (game["matched"], game["of_players"]) == (0, 0)


async def test_a_server_that_was_set_up_for_others_is_refused(db):
    made = await cup(db, 4)
    other = await another_cup(db, made)
    match, elsewhere = await made.match("U1.1"), await other.match("U1.1")
    a, b = match["entrant_a"], match["entrant_b"]
    third = (await made.match("U1.2"))["entrant_a"]
    for number, (first, second, where) in enumerate(
        ((a, third, match), (third, b, match), (a, None, match), (None, b, match), (a, a, match))
    ):
        game = report(number, *made.clans[:2], **on_server(first, second))
        refused = await take(db, made, game, match=where["id"])
        assert refused == Refused(refused.reason, where["id"])
        assert "match of other clans" in refused.reason.text
    # A match of another tournament is none here.
    game = report(9, *made.clans[:2], **on_server(elsewhere["entrant_a"], elsewhere["entrant_b"]))
    assert isinstance(await take(db, made, game, match=elsewhere["id"]), Refused)
    assert await Game.count() == 0


# -- by hand ---------------------------------------------------------------------


async def test_an_organiser_says_whose_game_it_was(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    anonymous = (ReportedSide(score=40), ReportedSide(score=10))
    odd = report(1, *made.clans, sides=anonymous, humans=2, duration=10)
    for first, winner in ((match["entrant_b"], 1), (match["entrant_a"], 0)):
        done = await take(db, made, odd, by_hand=ByHand(match["id"], first))
        assert isinstance(done, Recorded)
        assert (await fresh(match))["winner"] == winner
        game = await Game.select().first()
        assert (game["matched_by"], game["matched"], game["of_players"]) == ("hand", 0, 0)
    assert "The organiser says that {provider}'s game {game} is this one." in await told_of(match)


async def test_nothing_is_attached_by_hand_to_others_or_elsewhere(db):
    made = await cup(db, 4)
    other = await another_cup(db, made)
    match, foreign = await made.match("U1.1"), await other.match("U1.1")
    third = (await made.match("U1.2"))["entrant_a"]
    for said in (
        ByHand(match["id"], third),
        ByHand(foreign["id"], foreign["entrant_a"]),
        ByHand(999_999, match["entrant_a"]),
    ):
        refused = await take(db, made, report(1, *made.clans[:2]), by_hand=said)
        assert "not there any more" in refused.reason.text
    waiting = await made.match("U2.1")
    await rule(db, made, match)
    waiting = await fresh(waiting)
    refused = await take(
        db, made, report(1, *made.clans[:2]), by_hand=ByHand(waiting["id"], waiting["entrant_a"])
    )
    assert (refused.early, "cannot be played yet" in refused.reason.text) == (True, True)
    assert await Game.count() == 0


async def test_by_hand_a_series_of_another_length_is_taken(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    told = series(*made.clans, best_of=3, score=None)
    refused = await take(db, made, series=told)
    assert (refused.match, "best of" in refused.reason.text) == (match["id"], True)
    done = await take(db, made, series=told, by_hand=ByHand(match["id"], match["entrant_a"]))
    assert isinstance(done, Recorded)


# -- put down once, corrected in place ----------------------------------------------


async def test_what_is_told_again_changes_nothing_and_what_is_corrected_changes_that(db):
    made = await cup(db, 2, league_id="77")
    one, two = made.clans
    begin = clock.now()
    first = report(1, one, two, competition="77", started_at=begin)
    assert await take(db, made, first) == Recorded(1, decided=True)
    assert (await Game.select().first())["trusted"]
    assert await take(db, made, first) == AlreadyRecorded(1)
    for changes, column, value in (
        ({"duration": 2_500}, "duration", 2_500),
        ({"label": "map"}, "label", "map"),
        ({"number": 2}, "number", 2),
        ({"started_at": begin + HOUR}, "started_at", begin + HOUR),
        ({"winner": 1}, "winner", 1),
        ({"winner": None}, "drawn", True),
    ):
        corrected = msgspec.structs.replace(first, **changes)
        assert isinstance(await take(db, made, corrected), Recorded)
        assert (await Game.select().first())[column] == value
    assert await Game.count() == 1
    # Only who won is worth a line: turned round, turned back with the next change, drawn.
    match = await made.match("U1.1")
    lines = await told_of(match, "provider")
    assert lines.count("{provider} has corrected game {game}.") == 2


async def test_another_game_or_another_source_is_another_row(db):
    made = await cup(db, 2, best_of="3", final_best_of="3")
    one, two = made.clans
    await take(db, made, report(1, one, two))
    await take(db, made, report(1, one, two, source="steam"))
    await take(db, made, report(2, one, two, source="steam", started_at=clock.now() + HOUR))
    assert await Game.count() == 3
    row = await made.match("U1.1")
    assert (row["score_a"], row["state"]) == (2, "decided")


async def test_a_series_counts_in_one_match_and_only_its_own_source_knows_its_id(db):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    assert isinstance(await take(db, made, series=series(one, four)), Recorded)
    # The same one, now with the players of another match.
    moved = await take(db, made, series=series(two, three))
    assert isinstance(moved, Refused)
    assert moved.reason.text == "It counts in another match already."
    other = series(two, three, source="matchzy")
    assert isinstance(await take(db, made, series=other), Recorded)


async def test_what_was_taken_back_is_no_evidence(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    await take(db, made, report(1, *made.clans))
    assert len(await games_of(match)) == 1
    await rule(db, made, match, "reopen")
    assert await games_of(match) == []


@pytest.mark.parametrize(("label", "name"), [("de_nuke", "de_nuke"), ("", "7000000001")])
async def test_a_map_is_called_by_its_name_where_it_has_one(db, label, name):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    await take(db, made, report(1, *made.clans, source="faceit", told_whole=True, label=label))
    line = await Event.select().where((Event.match == match["id"]) & (Event.kind == "provider"))
    assert f'"game":"{name}"' in line[0]["params"].replace(" ", "")


async def test_a_series_told_whole(db):
    made = await cup(db, 2, best_of="3", final_best_of="3")
    one, two = made.clans
    told = series(two, one, score=(2, 1), best_of=3, competition="x", trusted=False)
    maps = [
        msgspec.structs.replace(
            report(n, *pair, source="faceit", told_whole=True, series="1-x"), number=n
        )
        for n, pair in enumerate(((two, one), (one, two), (two, one)))
    ]
    assert isinstance(await take(db, made, *maps, series=told), Recorded)
    row, kept = await made.match("U1.1"), await ToldSeries.select().first()
    assert (row["winner"], row["score_a"], row["score_b"], row["flag"]) == (1, 1, 2, "single")
    assert (kept["winner"], kept["score_a"], kept["score_b"], kept["trusted"]) == (1, 1, 2, False)
    assert (kept["matched_by"], kept["matched"], kept["of_players"]) == ("steam", 10, 10)
    assert all(each["told_whole"] for each in await Game.select())
    assert await take(db, made, series=told) == AlreadyRecorded(row["id"])
    # Corrected: the other way round.
    await take(db, made, series=series(two, one, score=(0, 2), winner=1, best_of=3))
    row = await made.match("U1.1")
    assert (row["winner"], row["score_a"], row["score_b"]) == (0, 2, 0)
    assert await ToldSeries.count() == 1
    lines = await told_of(row, "provider")
    assert lines.count("{provider} says {a}:{b}: {matched} of {players} players matched.") == 2


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"kind": "cancelled", "winner": None}, "{provider} has cancelled the match."),
        ({"kind": "walkover"}, "{provider} gives a walkover: one side did not play."),
        ({}, "{provider} knows the winner: {matched} of {players} players matched."),
    ],
)
async def test_a_series_is_told_in_its_own_words(db, fields, line):
    made = await cup(db, 2, best_of="3", final_best_of="3")
    await take(db, made, series=series(*made.clans, **fields))
    match = await made.match("U1.1")
    assert await told_of(match, "provider") == [line]
    assert (match["state"] == "decided") == (fields.get("kind") != "cancelled")


async def test_a_series_of_the_tournaments_own_competition_is_trusted(db):
    made = await cup(db, 2)
    await be(made, faceit="championship:abc")
    await take(db, made, series=series(*made.clans, competition="abc"))
    assert (await ToldSeries.select().first())["trusted"]
    assert (await made.match("U1.1"))["flag"] == ""


async def test_a_series_that_is_refused_takes_its_games_with_it(db):
    made = await cup(db, 2)
    one, two = made.clans
    told = series(one, two, best_of=3)
    refused = await take(db, made, report(1, one, two, told_whole=True), series=told)
    assert isinstance(refused, Refused)
    assert await Game.count() == 0
    assert len(await open_notices(made)) == 1


async def test_a_series_the_organiser_has_taken_back_no_captain_brings_back(db):
    made = await cup(db, 2)
    match = await made.match("U1.1")
    told = series(*made.clans, score=(1, 0))
    await take(db, made, series=told)
    await rule(db, made, match, "reopen")
    assert await take(db, made, series=told) == AlreadyRecorded(match["id"])
    claim = await Claim.insert(
        Claim(
            match=match["id"],
            provider="faceit",
            external_id="1",
            state="looking",
            created_at=clock.now(),
        )
    ).returning(Claim.id)
    refused = await take(db, made, series=told, claim=claim[0]["id"])
    assert isinstance(refused, Refused)
    assert refused.reason.text == "The organiser ruled: {reason}"
    assert (await fresh(match))["state"] == "ready"
    said = ByHand(match["id"], match["entrant_a"], just_now=True)
    done = await take(db, made, series=told, by_hand=said)
    assert done == Recorded(match["id"], decided=True)


async def test_a_series_that_fell_with_another_counts_again_when_a_captain_names_it(db):
    made = await cup(db, 4)
    one, two, three, four = made.clans
    await take(db, made, report(1, one, four), report(2, two, three))
    semi, final = await made.match("U1.1"), await made.match("U2.1")
    told = series(one, two, score=(1, 0))
    await take(db, made, series=told)
    await rule(db, made, semi, "reopen", seen="U2.1")
    await rule(db, made, semi)
    claim = await Claim.insert(
        Claim(
            match=final["id"],
            provider="faceit",
            external_id="1",
            state="looking",
            created_at=clock.now(),
        )
    ).returning(Claim.id)
    done = await take(db, made, series=told, claim=claim[0]["id"])
    assert done == Recorded(final["id"], decided=True)


# -- refusals ----------------------------------------------------------------------


async def test_the_organiser_sees_the_latest_reason_once_and_none_when_it_counts(db):
    made = await cup(db, 2)
    one, two = made.clans
    await OutboxEntry.delete(force=True)
    short = report(1, one, two, duration=10)
    await take(db, made, short)
    await take(db, made, short)
    assert len(await open_notices(made)) == 1
    notice = await Notice.select().first()
    assert (notice["source"], notice["external_id"]) == ("opendota", "7000000001")
    await take(db, made, report(1, one, two, humans=2))
    [text] = await open_notices(made)
    assert "were people" in text
    kinds = [row["kind"] for row in await OutboxEntry.select()]
    assert kinds == ["tournament"] * 3
    await take(db, made, report(2, one, two, humans=2))
    assert len(await open_notices(made)) == 2
    await take(db, made, report(1, one, two))
    assert len(await open_notices(made)) == 1


async def test_what_an_organiser_has_seen_stays_seen(db):
    made = await cup(db, 2)
    one, two = made.clans
    await take(db, made, report(1, one, two, duration=10))
    await Notice.update({Notice.settled_at: clock.now()}).where(Notice.tournament == made.id)
    await take(db, made, report(1, one, two, duration=10))
    assert await open_notices(made) == []
    assert await Notice.count() == 1


async def test_of_several_games_the_refusal_is_given_and_the_others_taken(db):
    made = await cup(db, 2)
    one, two = made.clans
    refused = await take(db, made, report(1, one, two, duration=10), report(2, one, two))
    assert isinstance(refused, Refused)
    assert (await made.match("U1.1"))["state"] == "decided"
    done = await take(db, made, report(2, one, two), report(3, one, two, source="steam"))
    assert isinstance(done, Recorded)
    assert await take(db, made) is None


# -- beyond the end of a match -------------------------------------------------------


async def test_games_beyond_a_match_are_those_of_the_pairs_next_one(db):
    made = await cup(db, 2, format="round_robin", legs="3")
    one, two = made.clans
    first, second, third = await made.matches()
    begin = clock.now()
    later = {second["id"]: begin + 9 * HOUR, third["id"]: begin + 8 * HOUR}
    for match, moment in later.items():
        await Match.update({Match.ready_at: moment}).where(Match.id == match)
    first_game, *others = [
        report(n, *pair, started_at=begin + n * HOUR)
        for n, pair in enumerate(((one, two), (two, one), (two, one)))
    ]
    for game in (first_game, *others):
        await take(db, made, game)
    # All were put down in the first match; the others could not be played then.
    assert {row["match"] for row in await Game.select()} == {first["id"]}
    # Now it is known that they could: the last one an hour later than the second.
    for match, hours in ((third, 0), (second, 2)):
        moment = begin + hours * HOUR
        await Match.update({Match.ready_at: moment}).where(Match.id == match["id"])
    await take(db, made, msgspec.structs.replace(first_game, duration=2_401))
    moved = await Game.select().order_by(Game.started_at)
    assert [row["match"] for row in moved] == [first["id"], third["id"], second["id"]]
    by_entrant = {row["id"]: row["clan"] for row in await Entrant.select()}
    for match in (second, third):
        # Turned to its sides: in one of them the other clan is first.
        now_is = await fresh(match)
        assert by_entrant[now_is["entrant_a" if now_is["winner"] == 0 else "entrant_b"]] == two.id


async def test_a_game_stays_in_its_match_when_the_pair_meets_again(db):
    made = await cup(db, 2, format="round_robin", legs="2")
    one, two = made.clans
    first, second = await made.matches()
    begin = clock.now()
    await Match.update({Match.ready_at: begin + 9 * HOUR}).where(Match.id == second["id"])
    game = report(1, one, two, started_at=begin)
    await take(db, made, game)
    before = await fresh(first)
    await Match.update({Match.ready_at: begin}).where(Match.id == second["id"])
    # Told again with a detail more: it could be the second match by its time.
    done = await take(db, made, msgspec.structs.replace(game, label="map"))
    assert done.match == first["id"]
    assert (await fresh(first))["winner"] == before["winner"]
    assert (await fresh(second))["state"] == "ready"
    kept = await Game.select().first()
    assert (kept["match"], kept["label"]) == (first["id"], "map")


# -- other clans ---------------------------------------------------------------------


async def test_what_was_known_of_the_former_pair_says_nothing_of_the_next(db):
    made = await cup(db, 4, best_of="1", final_best_of="3")
    one, two, three, four = made.clans
    for number, pair in enumerate(((one, four), (two, three), (one, two))):
        await take(db, made, report(number, *pair))
    semi, final = await made.match("U1.1"), await made.match("U2.1")
    assert (final["score_a"], final["flag"]) == (1, "live")
    await say(db, one.captain, final, 2, 0)
    await say(db, two.captain, final, 0, 2)
    assert len(await open_notices(made)) == 1
    await take(db, made, live=live(one, two))
    # The other clan of the semi-final goes on; nobody of the old final does any more.
    await rule(db, made, semi, score=(0, 1))
    assert await open_notices(made) == []
    assert await LiveGame.count() == 0
    row = await fresh(final)
    assert (row["score_a"], row["flag"], row["state"]) == (None, "", "ready")
    assert await say(db, four.captain, final, 0, 2) == "reported"
    assert await say(db, two.captain, final, 0, 2) == "confirmed"
    await rule(db, made, final, "reopen")
    await take(db, made, report(4, four, two))
    row = await fresh(final)
    assert (row["score_a"], row["score_b"], row["state"]) == (1, 0, "ready")


async def test_when_the_former_pair_comes_back_so_does_what_was_known(db):
    made = await cup(db, 4, best_of="1", final_best_of="3")
    one, two, three, four = made.clans
    for number, pair in enumerate(((one, four), (two, three), (one, two))):
        await take(db, made, report(number, *pair))
    semi, final = await made.match("U1.1"), await made.match("U2.1")
    await rule(db, made, semi, score=(0, 1))
    await rule(db, made, semi, score=(1, 0))
    await take(db, made, report(4, one, two, started_at=clock.now() + HOUR))
    row = await fresh(final)
    assert (row["score_a"], row["score_b"], row["state"]) == (2, 0, "decided")


async def test_what_is_kept_is_turned_when_the_sides_are():
    match = {"entrant_a": 1, "entrant_b": 2}
    rows = [
        {"id": 1, "entrant_a": 1, "entrant_b": 2, "winner": 0, "score_a": 13, "score_b": 7},
        {"id": 2, "entrant_a": 2, "entrant_b": 1, "winner": 0, "score_a": 13, "score_b": 7},
        {"id": 3, "entrant_a": 2, "entrant_b": 1, "winner": None, "score_a": 1, "score_b": None},
        {"id": 4, "entrant_a": 2, "entrant_b": 1, "side": 1, "score_a": 2, "score_b": 0},
        {"id": 5, "entrant_a": 1, "entrant_b": 3, "winner": 0, "score_a": 13, "score_b": 7},
        {"id": 6, "entrant_a": None, "entrant_b": None, "winner": 0, "score_a": 1, "score_b": 0},
    ]
    found = {row["id"]: row for row in _of_its_clans(match, rows)}
    assert set(found) == {1, 2, 3, 4}
    assert found[1] == rows[0]
    assert (found[2]["winner"], found[2]["score_a"], found[2]["score_b"]) == (1, 7, 13)
    assert (found[3]["winner"], found[3]["score_a"], found[3]["score_b"]) == (None, None, 1)
    assert (found[4]["side"], found[4]["score_a"], found[4]["score_b"]) == (0, 0, 2)


# -- live ----------------------------------------------------------------------------


async def test_a_live_score_is_shown_turned_and_gone_with_the_result(db):
    made = await cup(db, 2)
    one, two = made.clans
    match = await made.match("U1.1")
    begin = clock.now()
    told = live(two, one, started_at=begin)
    assert await take(db, made, live=told) == Recorded(match["id"], decided=False)
    row = await LiveGame.select().first()
    assert (row["score_a"], row["score_b"], row["label"]) == (3, 5, "de_nuke")
    assert (await fresh(match))["flag"] == "live"
    assert await take(db, made, live=told) == AlreadyRecorded(match["id"])
    # An older game of a server that was given up is old news.
    old = live(two, one, started_at=begin - HOUR, score=(9, 9))
    assert await take(db, made, live=old) == AlreadyRecorded(match["id"])
    new = live(two, one, started_at=begin, score=(6, 3))
    assert isinstance(await take(db, made, live=new), Recorded)
    assert await LiveGame.count() == 1
    await take(db, made, report(1, one, two))
    assert await LiveGame.count() == 0
    late = live(two, one, started_at=begin + HOUR)
    assert await take(db, made, live=late) == AlreadyRecorded(match["id"])
    # Nobody is told of a live score that has no match.
    await take(db, made, live=live(one, one))
    assert await open_notices(made) == []


async def test_between_two_maps_no_score_is_shown(db):
    made = await cup(db, 2, best_of="3", final_best_of="3")
    match = await made.match("U1.1")
    a, b = match["entrant_a"], match["entrant_b"]
    begin = clock.now()
    sides = (ReportedSide(entrant=a), ReportedSide(entrant=b))
    score = LiveReport(
        source="matchzy", external_id="7", sides=sides, score=(12, 7), started_at=begin
    )
    await take(db, made, live=score, match=match["id"])
    assert await LiveGame.count() == 1
    over = report(1, *made.clans, **on_server(a, b, started_at=begin))
    await take(db, made, over, match=match["id"])
    assert await LiveGame.count() == 0
    row = await fresh(match)
    assert (row["state"], row["score_a"], row["flag"]) == ("ready", 1, "live")
