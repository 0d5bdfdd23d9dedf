"""The operator sees how every source is doing, hears of a refusal, and asks again."""

from app.accounts.tables import Account
from tests.factories import cup, game, person
from tests.site import until
from tournaments.tables import Match


async def operator(site):
    viewer = await person("operator")
    await Account.update({Account.operator: True}).where(Account.id == viewer.account)
    return await site.signed_in(viewer)


async def test_a_refusal_stops_the_provider_alerts_and_ends_when_asked_again(site):
    made = await cup(site.db, 2, league_id="77")
    who = await operator(site)
    one, two = made.clans
    site.world.publish(game(1, one, two, league_id=77))
    site.world.fault("unauthorized")

    async def stopped():
        text = (await who.get("/integrations")).text
        return "Stopped" in text and text

    assert "OpenDota refuses us (401)" in await until(stopped)
    # Every page an operator opens says so; nobody else's does.
    assert "OpenDota is stopped" in (await who.get("/desk")).text
    assert "is stopped" not in (await site.stranger().get("/")).text
    calls = site.world.calls.total()
    site.world.heal()
    await who.post("/integrations/opendota/resume")
    assert calls <= 2

    async def decided():
        return await Match.exists().where(Match.state == "decided")

    await until(decided, seconds=40)
    page = (await who.get("/integrations")).text
    assert "OpenDota is stopped" not in page
    assert "Left this minute" in page
    assert "Last success" in page


async def test_only_known_providers_are_resumed(site):
    who = await operator(site)
    assert (await who.post("/integrations/nobody/resume")).status_code == 404
