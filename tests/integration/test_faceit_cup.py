"""FACEIT's results arrive: polled, told by webhook, late, twice, and in any order."""

import asyncio
from datetime import timedelta
from itertools import permutations

import msgspec
import pytest

from app.kernel import clock
from integrations.base import Delivery
from integrations.inbox import Inbox
from integrations.standins import faceit
from integrations.standins.faceit import Match as Played
from integrations.standins.faceit import Team, Webhook, match_id, uuid
from integrations.tables import Following, InboxDelivery, Subject
from tests.factories import another_cup, cup
from tests.site import WEBHOOK_SECRET, served, until
from tournaments.checking import differences
from tournaments.tables import Claim, Entrant, Game, Match, Notice, ToldSeries, Tournament

pytestmark = pytest.mark.slow_on_postgres

CUP, HUB = uuid("cup"), uuid("hub")
MIRAGE, NUKE, DUST = ("de_mirage", 13, 7), ("de_nuke", 9, 13), ("de_dust2", 16, 14)


@pytest.fixture
async def site(settings):
    async with served(settings) as running:
        yield running
        assert await differences() == []


async def faceit_cup(db, clans, **changes):
    plain = {"game": "cs2", "faceit": f"championship:{CUP}"}
    return await cup(db, clans, **(plain | changes))


def team(clan, **fields):
    return Team(name=f"team_{clan.number}", steam_ids=clan.steam_ids, **fields)


def played(name, one, two, **fields):
    plain = {
        "match_id": match_id(name),
        "competition": CUP,
        "first": team(one),
        "second": team(two) if two else None,
        "winner": 0,
        "finished_at": clock.now() + timedelta(hours=3),
        "maps": (MIRAGE,),
    }
    return Played(**(plain | fields))


async def decided(made, key):
    async def is_decided():
        row = await made.match(key)
        return row if row["state"] == "decided" else None

    return await until(is_decided)


async def subject_is(state, name="1"):
    async def found():
        return await Subject.exists().where(
            (Subject.external_id == match_id(name)) & (Subject.state == state)
        )

    return await until(found)


async def maps_are_there(count):
    async def found():
        return await Game.count() == count

    return await until(found)


# -- polled --------------------------------------------------------------------


async def test_a_championship_plays_itself(site):
    made = await faceit_cup(site.db, 4)
    one, two, three, four = made.clans
    site.faceit.publish(played("1", four, one, rounds_as_score=True))
    site.faceit.publish(played("2", two, three, maps=(NUKE,), winner=1))
    first = await decided(made, "U1.1")
    assert (first["winner"], first["score_a"], first["score_b"]) == (1, 0, 1)
    assert (first["source"], first["flag"]) == ("faceit", "")
    second = await decided(made, "U1.2")
    site.faceit.publish(played("3", four, three))
    final = await decided(made, "U2.1")
    assert final["winner"] == 0
    assert {second["entrant_b"], first["entrant_b"]} == {final["entrant_a"], final["entrant_b"]}
    # The last match's maps come when the tournament is finished.
    await maps_are_there(3)
    page = (await site.stranger().get(f"/matches/{first['id']}")).text
    for text in (
        "de_mirage",
        "13",
        "FACEIT",
        f"https://www.faceit.com/en/cs2/room/{match_id('1')}",
    ):
        assert text in page
    assert "does not count" not in page
    assert one.steam_ids[0] not in page
    assert site.faceit.refused == 0


async def test_maps_come_late_and_the_result_does_not_wait(site):
    made = await faceit_cup(site.db, 2, best_of="3", final_best_of="3")
    one, two = made.clans
    site.faceit.publish(played("1", one, two, best_of=3, maps=(MIRAGE, NUKE, DUST), late_stats=3))
    row = await decided(made, "U1.1")
    assert (row["score_a"], row["score_b"], row["flag"]) == (2, 1, "")
    await maps_are_there(3)
    games = await Game.select().order_by(Game.number)
    assert [(each["label"], each["score_a"], each["score_b"]) for each in games] == [
        MIRAGE,
        NUKE,
        DUST,
    ]
    assert all(each["told_whole"] for each in games)
    row = await made.match("U1.1")
    assert (row["score_a"], row["score_b"], row["flag"]) == (2, 1, "")


async def test_a_correction_without_a_webhook_counts(site):
    made = await faceit_cup(site.db, 4)
    one, *_, two = made.clans
    site.faceit.publish(played("1", one, two))
    assert (await decided(made, "U1.1"))["winner"] == 0
    site.faceit.publish(played("1", one, two, winner=1, maps=(NUKE,)))

    async def corrected():
        row = await made.match("U1.1")
        return row["winner"] == 1 and (row["score_a"], row["score_b"]) == (0, 1)

    await until(corrected)
    assert await ToldSeries.count() == 1


async def test_byes_forfeits_and_matches_under_way(site):
    made = await faceit_cup(site.db, 4)
    one, two, three, four = made.clans
    site.faceit.publish(played("1", one, None, maps=()))
    site.faceit.publish(played("2", two, three, status="ONGOING"))
    site.faceit.publish(played("3", four, one, forfeit=True, maps=()))
    row = await decided(made, "U1.1")
    assert (row["outcome"], row["winner"], row["score_a"]) == ("walkover", 1, None)
    await subject_is("ignored")
    assert (await made.match("U1.2"))["state"] == "ready"
    assert await Notice.count() == 0
    assert await Subject.count() == 2


async def test_a_cancelled_match_asks_for_the_organiser_until_it_is_played(site):
    made = await faceit_cup(site.db, 2)
    one, two = made.clans
    site.faceit.publish(played("1", one, two, status="CANCELLED"))
    await subject_is("recorded")
    row = await made.match("U1.1")
    assert (row["state"], row["flag"]) == ("ready", "disputed")
    site.faceit.publish(played("2", two, one))
    row = await decided(made, "U1.1")
    assert (row["winner"], row["flag"]) == (1, "")
    assert await Notice.count().where(Notice.settled_at.is_null()) == 0


async def test_another_length_than_agreed_is_refused_with_its_reason(site):
    made = await faceit_cup(site.db, 2)
    one, two = made.clans
    site.faceit.publish(played("1", one, two, best_of=3, maps=(MIRAGE, DUST)))
    await subject_is("refused")
    organiser = await site.signed_in(made.organiser)
    reason = "FACEIT played a best of 3, and this match is a best of 1."
    assert reason in (await organiser.get(f"/tournaments/{made.slug}/manage")).text
    # Said once, and not again for each of its maps.
    assert await Notice.count() == 1
    assert (await made.match("U1.1"))["state"] == "ready"
    site.faceit.publish(played("2", one, two))
    assert (await decided(made, "U1.1"))["winner"] == 0


async def test_a_hub_is_shared_with_strangers_who_are_nobodys_business(site):
    made = await faceit_cup(site.db, 2, faceit=f"hub:{HUB}")
    one, two = made.clans
    there = {"competition": HUB, "kind": "hub"}
    mixes = [Team(name=n, steam_ids=(f"7656119811111111{n}",) * 5, premade=False) for n in "12"]
    site.faceit.publish(played("1", one, two, **(there | {"first": mixes[0], "second": mixes[1]})))
    old = clock.now() - timedelta(days=1)
    site.faceit.publish(played("2", one, two, finished_at=old, **there))
    await subject_is("refused")
    site.faceit.publish(played("3", two, one, first=team(two, premade=False), **there))
    assert (await decided(made, "U1.1"))["winner"] == 1
    assert await Notice.count() == 0
    assert await Subject.count() == 2


async def test_a_registered_team_is_known_though_its_players_are_not(site):
    made = await faceit_cup(site.db, 2)
    one, two = made.clans
    unknown = Team(name="x", steam_ids=tuple(f"7656119822222222{n}" for n in range(5)))
    site.faceit.publish(played("1", one, two, first=unknown))
    await subject_is("refused")
    organiser = await site.signed_in(made.organiser)
    entrant = await Entrant.select(Entrant.id).where(Entrant.name == "Clan 1").first()
    url = f"/tournaments/{made.slug}/entrants/{entrant['id']}/team"
    field = f"team_{entrant['id']}"
    wrong = await organiser.post(url, **{field: "Clan 1"})
    assert wrong.status_code == 422
    assert f'id="{field}-error"' in wrong.text
    assert "Clan 1" in wrong.text
    done = await organiser.post(url, **{field: f"https://www.faceit.com/en/teams/{unknown.id}"})
    assert done.status_code == 303
    assert unknown.id in (await organiser.get(f"/tournaments/{made.slug}/manage")).text
    row = await decided(made, "U1.1")
    assert row["winner"] == (0 if row["entrant_a"] == entrant["id"] else 1)
    assert await Notice.count() == 0


async def test_one_team_is_one_clans(site):
    made = await faceit_cup(site.db, 2)
    organiser = await site.signed_in(made.organiser)
    ids = [row["id"] for row in await Entrant.select(Entrant.id).order_by(Entrant.id)]
    for id_, code in ((ids[0], 303), (ids[1], 422), (ids[0], 303), (999_999, 404)):
        url = f"/tournaments/{made.slug}/entrants/{id_}/team"
        answer = await organiser.post(url, **{f"team_{id_}": uuid("team")})
        assert answer.status_code == code
    await organiser.post(f"/tournaments/{made.slug}/entrants/{ids[0]}/team")
    assert await Entrant.count().where(Entrant.team_id.is_not_null()) == 0


# -- handed in -----------------------------------------------------------------


async def test_a_captain_hands_in_a_room(site):
    made = await faceit_cup(site.db, 2, faceit="")
    one, two = made.clans
    captain = await site.signed_in(one.captain)
    match = (await made.match("U1.1"))["id"]
    page = (await captain.get(f"/matches/{match}")).text
    assert "FACEIT room" in page
    wrong = await captain.post(f"/matches/{match}/game", game_id="7490235544")
    assert wrong.status_code == 422
    assert "A room&#39;s address is like" in wrong.text
    site.faceit.publish(played("1", two, one, status="ONGOING"))
    url = f"https://www.faceit.com/ru/cs2/room/{match_id('1')}/scoreboard"
    assert (await captain.post(f"/matches/{match}/game", game_id=url)).status_code == 303
    await asyncio.sleep(0.3)
    site.faceit.publish(played("1", two, one, late_stats=2))
    row = await decided(made, "U1.1")
    # FACEIT only recognised the players: a second voice makes it final.
    assert (row["winner"], row["flag"]) == (1, "single")
    assert (await Claim.select(Claim.state).first())["state"] == "taken"
    await maps_are_there(1)
    assert (await Claim.select(Claim.state).first())["state"] == "taken"


# -- by webhook ----------------------------------------------------------------


@pytest.fixture
async def patient(settings):
    """A house that polls a league once an hour: what comes sooner was told."""
    async with served(msgspec.structs.replace(settings, poll_seconds=3600)) as running:
        yield running
        assert await differences() == []


def hook(site, name="1", **fields):
    plain = {
        "url": f"{site.base_url}/webhooks/faceit",
        "secret": WEBHOOK_SECRET,
        "match_id": match_id(name),
    }
    return Webhook(**(plain | fields))


async def followed(site, **changes):
    """A cup whose competition has been asked once, and was empty."""
    made = await faceit_cup(site.db, 2, **changes)

    async def asked():
        return await Following.exists().where(Following.last_at.is_not_null())

    await until(asked)
    return made


async def test_a_finished_match_arrives_by_webhook_within_seconds(patient):
    made = await followed(patient)
    one, two = made.clans
    match = played("1", two, one)
    patient.faceit.publish(match)
    assert await faceit.send(hook(patient), match) == [200]
    assert (await decided(made, "U1.1"))["winner"] == 1
    await maps_are_there(1)
    assert WEBHOOK_SECRET not in str(await InboxDelivery.select())


async def test_a_webhook_may_come_before_the_match_can_be_read(patient):
    made = await followed(patient)
    one, two = made.clans
    match = played("1", one, two)
    patient.faceit.publish(msgspec.structs.replace(match, status="ONGOING"))
    await faceit.send(hook(patient), match)

    async def put_off():
        row = await Following.select().where(Following.kind == "game").first()
        return row and row["tries"]

    await until(put_off)
    assert (await made.match("U1.1"))["state"] == "ready"
    patient.faceit.publish(match)
    await faceit.send(hook(patient, event="match_demo_ready"), match)
    assert (await decided(made, "U1.1"))["winner"] == 0


async def test_duplicates_retries_and_reordered_events_change_nothing(patient):
    made = await followed(patient)
    one, two = made.clans
    match = played("1", one, two)
    patient.faceit.publish(match)
    events = ["match_demo_ready", "match_status_finished", "match_status_ready"]
    for event in events:
        assert await faceit.send(hook(patient, event=event, times=3), match) == [200] * 3
    await decided(made, "U1.1")
    await maps_are_there(1)
    told = await InboxDelivery.select().where(InboxDelivery.part.not_in(["details", "stats"]))
    assert len(told) == len(events)
    assert await ToldSeries.count() == 1
    assert await Following.count().where(Following.kind == "game") == 1
    before = patient.faceit.calls.total()
    repeat = faceit.envelope("match_status_finished", match, event_id=told[0]["part"], retry=5)
    header = {"x-baige-secret": WEBHOOK_SECRET}
    answer = await patient.stranger().http.post("/webhooks/faceit", json=repeat, headers=header)
    assert answer.status_code == 200
    await asyncio.sleep(1.5)
    assert patient.faceit.calls.total() == before
    assert await InboxDelivery.count() == len(events) + 2


async def test_a_correction_told_by_webhook_counts(patient):
    made = await followed(patient)
    one, two = made.clans
    match = played("1", one, two)
    patient.faceit.publish(match)
    await faceit.send(hook(patient), match)
    assert (await decided(made, "U1.1"))["winner"] == 0
    await maps_are_there(1)
    changed = msgspec.structs.replace(match, winner=1)
    patient.faceit.publish(changed)
    await faceit.send(hook(patient), changed)

    async def corrected():
        return (await made.match("U1.1"))["winner"] == 1

    await until(corrected)
    assert await ToldSeries.count() == 1


async def test_a_wrong_secret_is_refused_and_nothing_is_kept(patient):
    made = await faceit_cup(patient.db, 2)
    match = played("1", *made.clans)
    body = faceit.envelope("match_status_finished", match)
    http = patient.stranger().http
    for secret in ("", "wrong", WEBHOOK_SECRET + "x", WEBHOOK_SECRET[:-1], "ы"):
        header = {"x-baige-secret": secret.encode()}
        answer = await http.post("/webhooks/faceit", json=body, headers=header)
        assert answer.status_code == 403
    assert (await http.post("/webhooks/faceit", json=body)).status_code == 403
    assert await InboxDelivery.count() == 0
    assert await Following.count().where(Following.kind == "game") == 0


async def test_without_a_secret_of_ours_everybody_is_refused(patient):
    house = patient.site.house
    object.__setattr__(
        house, "settings", msgspec.structs.replace(house.settings, faceit_webhook_secret="")
    )
    for given in ({}, {"x-baige-secret": ""}, {"x-baige-secret": WEBHOOK_SECRET}):
        stranger = patient.stranger().http
        assert (await stranger.post("/webhooks/faceit", json={}, headers=given)).status_code == 403


async def test_what_is_nobodys_here_is_answered_and_forgotten(patient):
    made = await faceit_cup(patient.db, 2)
    match = played("1", *made.clans)
    elsewhere = msgspec.structs.replace(match, competition=uuid("another"))
    bodies = [
        faceit.envelope("championship_finished", match),
        faceit.envelope("hub_user_joined", match),
        faceit.envelope("match_status_finished", elsewhere),
        {"event": "match_status_finished"},
        {"event": "match_status_finished", "payload": {"id": "../../x", "entity": {"id": CUP}}},
        {},
    ]
    header = {"x-baige-secret": WEBHOOK_SECRET}
    for body in bodies:
        answer = await patient.stranger().http.post("/webhooks/faceit", json=body, headers=header)
        assert answer.status_code == 200
    assert await InboxDelivery.count() == 0
    assert await Following.count().where(Following.kind == "game") == 0


async def test_bytes_that_are_no_event_are_refused(patient):
    http = patient.stranger().http
    header = {"x-baige-secret": WEBHOOK_SECRET}
    bodies = [(b"", 400), (b"\xff\xfe", 400), (b"[]", 400), (b"[" * 50_000, 400)]
    for body, status in [*bodies, (b"x" * 70_000, 413)]:
        answer = await http.post("/webhooks/faceit", content=body, headers=header)
        assert (answer.status_code, answer.content) == (status, b"")


async def test_polls_find_what_no_webhook_told(site):
    made = await faceit_cup(site.db, 2)
    site.faceit.publish(played("1", *made.clans))
    assert (await decided(made, "U1.1"))["winner"] == 0


# -- any order -----------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_any_order_of_deliveries_ends_in_the_same_state(db):
    made = await faceit_cup(db, 2, best_of="3", final_best_of="3")
    now, ends = clock.now(), []
    # FACEIT is asked one time after the other: what it said first came first.
    orders = [each for each in permutations(range(4)) if each.index(1) < each.index(2)]
    for number, order in enumerate(orders):
        held = (
            made
            if number == 0
            else await another_cup(db, made, game="cs2", best_of="3", final_best_of="3")
        )
        one, two = made.clans
        match = played(f"m{number}", one, two, best_of=3, maps=(MIRAGE, NUKE, DUST))
        partial = msgspec.structs.replace(match, maps=(MIRAGE, NUKE))
        event = faceit.envelope("match_status_finished", match)
        parts = [
            ("details", match.as_json(), 0),
            ("stats", partial.stats(), 1),
            ("stats", match.stats(), 2),
            ("event", event, 0),
        ]
        inbox = Inbox(db)
        for index in order:
            part, body, later = parts[index]
            raw = msgspec.json.encode(body)
            delivery = Delivery(subject=match.match_id, part=part, body=raw)
            for _ in range(2):
                await inbox.land("faceit", delivery, held.id, now=now + timedelta(seconds=later))
            subject = await Subject.select().where(Subject.external_id == match.match_id).first()
            await inbox.work(subject["id"], now=now)
        row = await held.match("U1.1")
        games = await Game.select().where(Game.match == row["id"]).order_by(Game.number)
        ends.append(
            [row[name] for name in ("state", "winner", "score_a", "score_b")]
            + [(each["label"], each["winner"], each["score_a"]) for each in games]
        )
    assert ends == [ends[0]] * 12
    assert ends[0][:4] == ["decided", 0, 2, 1]
    assert len(ends[0]) == 7
    assert await differences() == []


# -- the organiser's form ------------------------------------------------------


async def test_the_organiser_names_a_championship(site):
    made = await faceit_cup(site.db, 2, start=False, faceit="")
    organiser = await site.signed_in(made.organiser)
    edit = f"/tournaments/{made.slug}/edit"
    fields = {
        "name": "Steppe Open",
        "game": "cs2",
        "size_limit": "4",
        "format": "single_elimination",
        "best_of": "1",
        "final_best_of": "1",
        "starts_at": (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "timezone": "UTC",
        "about": "",
    }
    wrong = await organiser.post(edit, **fields, faceit="Steppe Open 2026")
    assert wrong.status_code == 422
    assert 'id="faceit-error"' in wrong.text
    assert "Steppe Open 2026" in wrong.text
    url = f"https://www.faceit.com/ru/hub/{HUB}/Steppe"
    assert (await organiser.post(edit, **fields, faceit=url)).status_code == 303
    assert (await Tournament.select(Tournament.faceit).first())["faceit"] == f"hub:{HUB}"
    assert f"https://www.faceit.com/en/hub/{HUB}" in (await organiser.get(edit)).text
    assert (await organiser.post(edit, **fields, faceit="")).status_code == 303
    assert (await Tournament.select(Tournament.faceit).first())["faceit"] is None
    assert await Match.count() == 0
