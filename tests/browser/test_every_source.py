"""A spectator sees a result arrive from each source, and a contradiction become a dispute."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from app.accounts.sessions import open_session
from app.kernel import clock
from integrations.standins.faceit import Match as Played
from integrations.standins.faceit import Team, Webhook, match_id, send, uuid
from integrations.standins.game_server import GameServer
from integrations.standins.game_server_events import Outcome
from integrations.standins.steam_world import KEY
from integrations.standins.together import WEBHOOK_SECRET
from tests.factories import cup
from tests.factories import game as dota_game

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
CUP = uuid("browser cup")


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, steam_key=KEY)


async def from_opendota(site, made, _match):
    one, two = made.clans
    site.world.publish(dota_game(1, one, two, league_id=77))


async def from_steam(site, made, match):
    site.world.fault("error")
    site.stand_ins.steam.look_up_seconds = 0
    await from_opendota(site, made, match)


async def from_faceit(site, made, _match):
    sides = [Team(name=f"Clan {each.number}", steam_ids=each.steam_ids) for each in made.clans]
    played = Played(
        match_id=match_id("1"),
        competition=CUP,
        first=sides[0],
        second=sides[1],
        winner=0,
        finished_at=clock.now() + timedelta(hours=1),
        maps=(("de_nuke", 13, 7),),
    )
    site.faceit.publish(played)
    url = f"{site.base_url}/webhooks/faceit"
    await send(Webhook(url=url, secret=WEBHOOK_SECRET, match_id=played.match_id), played)


async def from_a_server(site, made, match):
    line = await made.line(site.base_url, match["id"])
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        server = GameServer(http)
        assert await server.type(line)
        await server.play(Outcome(maps=((13, 7),)))


@pytest.mark.parametrize(
    ("happen", "says", "fields"),
    [
        (from_opendota, "OpenDota", {"league_id": "77"}),
        (from_steam, "Steam", {"league_id": "77"}),
        (from_faceit, "FACEIT", {"game": "cs2", "faceit": CUP}),
        (from_a_server, "MatchZy", {"game": "cs2"}),
    ],
)
async def test_a_result_arrives_by_itself_and_says_from_where(site, somebody, happen, says, fields):
    made = await cup(site.db, 2, **fields)
    match = await made.match("U1.1")
    captain = made.clans[1].captain
    async with somebody(site.base_url) as spectator, somebody(site.base_url) as loser:
        await spectator.go(f"/matches/{match['id']}")
        await spectator.page.wait_for_function("document.getElementById('live')._htmx?.sse")
        await happen(site, made, match)
        await spectator.page.locator("#m-head .badge.final").wait_for(timeout=20_000)
        # Steam may have told of OpenDota's game as well, and first: then two sources agree.
        await spectator.page.locator("#m-body").get_by_text(says).first.wait_for(timeout=10_000)
        shown = await spectator.text()
        assert "Final: from the league" in shown or "Final: two sources agree" in shown
        # The captain who lost says otherwise: a dispute, at once and for everybody.
        token = await open_session(captain.account, now=clock.now())
        await loser.context.add_cookies([{"name": "session", "value": token, "url": site.base_url}])
        await loser.go(f"/matches/{match['id']}")
        await loser.fill(score_a="0", score_b="1")
        await loser.press("Report the score")
        await spectator.page.locator("#m-head .badge.contested").wait_for(timeout=10_000)
        disputed = await spectator.text()
    assert "Disputed: not everybody says the same" in disputed
    assert "says otherwise" in disputed
    async with somebody(site.base_url) as organiser:
        token = await open_session(made.organiser.account, now=clock.now())
        await organiser.context.add_cookies(
            [{"name": "session", "value": token, "url": site.base_url}]
        )
        await organiser.go(f"/tournaments/{made.slug}/manage")
        assert f"{says} says 1:0, but not everybody does." in await organiser.text()
