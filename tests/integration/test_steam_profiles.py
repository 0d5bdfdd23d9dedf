"""What Steam says of an account: fetched as its owner asks, kept as a picture of our own."""

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import httpx
import msgspec
import pytest
from PIL import Image as Picture

from app.accounts.steam_profile import forget_unused_pictures
from app.accounts.tables import Account, Player, SteamProfile
from app.kernel import clock
from app.kernel.db.tables import Image, OutboxEntry
from integrations.base import Broken, Connection
from integrations.standins.serving import serve
from integrations.standins.steam import KEY, Profile, World, application
from integrations.steam.client import Steam
from integrations.steam.profiles import MOST_TRIES, Profiles, may_fetch
from tests.factories import cup, person
from tests.site import until
from tests.unit.kernel.test_media import png_bomb

pytestmark = pytest.mark.slow_on_postgres

ME, YOU = "76561198300000001", "76561198300000002"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
async def steam():
    world = World()
    running = await serve(application(world))
    world.base_url = running.base_url
    yield world
    await running.stop()


@pytest.fixture
def settings(settings, steam):
    return msgspec.structs.replace(settings, steam_url=steam.base_url, steam_key=KEY)


async def linked(nickname="aibek", steam_id=ME):
    viewer = await person(nickname)
    await Account.update({Account.steam_id: steam_id}).where(Account.id == viewer.account)
    return viewer


async def profile_of(viewer):
    return await SteamProfile.select().where(SteamProfile.account == viewer.account).first()


async def fetched(viewer, after=None):
    async def there():
        row = await profile_of(viewer)
        new = row and row["fetched_at"] and (after is None or row["fetched_at"] > after)
        return row if new else None

    return await until(there)


async def link_event(db, viewer):
    """What the sign-in says when Steam has vouched for somebody."""
    async with db.transaction() as tx:
        await tx.later("steam_linked", now=clock.now(), account=viewer.account)


# -- through the whole house -------------------------------------------------


async def test_linking_fetches_the_profile_and_its_owner_alone_sees_it(site, steam):
    steam.meet(Profile(steam_id=ME, name="Айбек", vac_bans=1, days_since_ban=340))
    viewer = await linked()
    await link_event(site.db, viewer)
    row = await fetched(viewer)
    assert (row["name"], row["vac_bans"], row["days_since_ban"]) == ("Айбек", 1, 340)
    assert (row["error"], row["tries"]) == (None, 0)

    me = await site.signed_in(viewer)
    page = (await me.get("/account")).text
    assert "Айбек" in page
    assert "1 VAC ban (the latest 340 days ago)" in page
    assert f"/media/{row['avatar']}.webp" in page
    # Off unless the person says so.
    assert (await Player.select(Player.avatar).first())["avatar"] is None
    other = await site.signed_in(await person("stranger"))
    assert "Айбек" not in (await other.get("/account")).text


async def test_the_picture_is_served_for_ever_and_by_its_name_alone(site, steam):
    steam.meet(Profile(steam_id=ME))
    viewer = await linked()
    await link_event(site.db, viewer)
    digest = (await fetched(viewer))["avatar"]
    stranger = site.stranger()
    answer = await stranger.get(f"/media/{digest}.webp")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Picture.open(BytesIO(answer.content)).size == (128, 128)
    for name in (f"{digest}.png", digest, "0" * 64 + ".webp", f"{digest.upper()}.webp", "x.webp"):
        assert (await stranger.get(f"/media/{name}")).status_code == 404


async def test_a_refresh_is_fetched_anew_once_a_minute(site, steam):
    steam.meet(Profile(steam_id=ME, name="before"))
    viewer = await linked()
    me = await site.signed_in(viewer)
    assert (await me.post("/account/steam/refresh")).status_code == 303
    first = await fetched(viewer)
    steam.meet(Profile(steam_id=ME, name="after"))
    refused = await me.post("/account/steam/refresh")
    assert refused.status_code == 429
    assert "less than a minute ago" in refused.text
    assert (await profile_of(viewer))["name"] == "before"
    calls = steam.calls["GetPlayerSummaries"]
    await SteamProfile.update({SteamProfile.asked_at: clock.now() - timedelta(minutes=2)}).where(
        SteamProfile.account == viewer.account
    )
    await me.post("/account/steam/refresh")
    assert (await fetched(viewer, first["fetched_at"]))["name"] == "after"
    assert steam.calls["GetPlayerSummaries"] == calls + 1


async def test_without_a_linked_account_nothing_is_asked(site, steam):
    me = await site.signed_in(await person("nobody"))
    assert (await me.post("/account/steam/refresh")).status_code == 404
    assert (await me.post("/account/steam/picture", shown="1")).status_code == 422
    assert (await me.post("/account/steam/picture")).status_code == 303
    assert "What Steam says" not in (await me.get("/account")).text
    assert await OutboxEntry.count().where(OutboxEntry.kind == "steam_linked") == 0
    assert steam.calls.total() == 0


async def test_others_see_the_picture_only_when_its_owner_says_so(site, steam):
    made = await cup(site.db, 2)
    captain = made.clans[0].captain
    await Account.update({Account.steam_id: ME}).where(Account.id == captain.account)
    steam.meet(Profile(steam_id=ME))
    await link_event(site.db, captain)
    digest = (await fetched(captain))["avatar"]
    stranger, me = site.stranger(), await site.signed_in(captain)
    pages = ("/clans/clan-1", f"/matches/{(await made.match('U1.1'))['id']}")

    async def seen():
        return [digest in (await stranger.get(path)).text for path in pages]

    assert await seen() == [False, False]
    await me.post("/account/steam/picture", shown="1")
    assert "checked" in (await me.get("/account")).text.partition('name="shown"')[2][:40]
    await until(lambda: _is(seen, [True, True]))
    await me.post("/account/steam/picture")
    # Kept pages too: who hides it is hidden at once.
    await until(lambda: _is(seen, [False, False]))


async def _is(what, wanted):
    return await what() == wanted


async def test_a_picture_that_is_shown_follows_the_one_at_steam(site, steam):
    steam.meet(Profile(steam_id=ME))
    viewer = await linked()
    await link_event(site.db, viewer)
    first = await fetched(viewer)
    me = await site.signed_in(viewer)
    await me.post("/account/steam/picture", shown="1")
    steam.pictures[ME] = _png((9, 9, 9))
    await link_event(site.db, viewer)
    second = await fetched(viewer, first["fetched_at"])
    assert second["avatar"] != first["avatar"]
    shown = await Player.select(Player.avatar).where(Player.id == viewer.player).first()
    assert shown["avatar"] == second["avatar"]


async def test_organisers_see_bans_of_their_own_players_and_nobody_else_does(site, steam):
    made = await cup(site.db, 2)
    player = made.clans[1].captain
    await Account.update({Account.steam_id: ME}).where(Account.id == player.account)
    steam.meet(Profile(steam_id=ME, game_bans=2, days_since_ban=12))
    await link_event(site.db, player)
    await fetched(player)
    organiser = await site.signed_in(made.organiser)
    page = (await organiser.get(f"/tournaments/{made.slug}/manage")).text
    assert "2 game bans (the latest 12 days ago)" in page
    assert ME not in page
    for path in (f"/tournaments/{made.slug}", "/clans/clan-2", "/matches/1"):
        assert "game bans" not in (await site.stranger().get(path)).text


# -- the fetching itself -----------------------------------------------------


@pytest.fixture
async def fetching(db, settings, steam, tmp_path):
    import redis.asyncio

    from app.kernel.operation.valkey import Valkey

    server = Valkey(tmp_path / "own")
    await server.start()
    client = redis.asyncio.Redis.from_url(server.url)
    async with httpx.AsyncClient(trust_env=False) as http:
        poller = Steam(Connection(http, client, settings, clock.now))

        def make(**others):
            return Profiles(db, http, settings, {"steam": poller, **others})

        make.redis = client
        yield make
    await client.aclose()
    server.stop()


async def ask(profiles, viewer):
    """As the outbox and the job do."""
    wanted = []

    async def enqueue(account):
        wanted.append(account)

    await profiles.asked([{"account": viewer.account}] * 2, enqueue, now=clock.now())
    for account in wanted:
        await profiles.fetch(account, now=clock.now())
    return await profile_of(viewer)


async def test_a_private_profile_and_one_without_a_picture(fetching, steam):
    steam.meet(Profile(steam_id=ME, name="hidden\u202e one\n", private=True))
    row = await ask(fetching(), await linked())
    assert (row["name"], row["error"]) == ("hidden one", None)
    assert row["avatar"]
    assert row["days_since_ban"] is None


async def test_who_is_unknown_to_steam(fetching):
    row = await ask(fetching(), await linked())
    assert "does not know" in row["error"]
    assert row["fetched_at"] is None


@pytest.mark.parametrize(
    "body",
    [
        png_bomb(),
        SVG,
        b"GIF89a/*" + SVG,
        b"<!doctype html>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"\0" * 2_200_000,
    ],
)
async def test_what_is_no_picture_is_not_kept_and_the_rest_is(fetching, steam, body):
    steam.meet(Profile(steam_id=ME, name="Айбек", vac_bans=1))
    steam.pictures[ME] = body
    row = await ask(fetching(), await linked())
    assert (row["name"], row["vac_bans"], row["avatar"]) == ("Айбек", 1, None)
    assert "picture" in row["error"]
    assert await Image.count() == 0


async def test_a_picture_with_something_behind_it_leaves_that_behind(fetching, steam):
    steam.meet(Profile(steam_id=ME))
    steam.pictures[ME] = _png((1, 2, 3)) + b"PK\x03\x04<script>planted</script>"
    assert (await ask(fetching(), await linked()))["avatar"]
    assert b"planted" not in (await Image.select().first())["body"]


@pytest.mark.parametrize("kind", ["redirect", "error", "cut", "slow"])
async def test_a_picture_that_does_not_come(fetching, steam, kind):
    steam.meet(Profile(steam_id=ME))
    steam.slow_seconds = 12
    steam.fault(kind, "/avatars")
    if kind == "slow":
        from app.kernel.http import outbound

        monkey = pytest.MonkeyPatch()
        monkey.setattr(outbound, "TIMEOUT", httpx.Timeout(0.3))
    row = await ask(fetching(), await linked())
    if kind == "slow":
        monkey.undo()
    assert (row["name"], row["avatar"]) == ("somebody", None)
    assert row["error"]
    # A redirect is not followed anywhere.
    assert steam.calls["avatars"] == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a.png",
        "http://avatars.steamstatic.com/a.png",
        "https://avatars.steamstatic.com.evil.example/a.png",
        "https://avatars.steamstatic.com:8443/a.png",
        "https://user:pw@avatars.steamstatic.com/a.png",
        "https://evil.example#avatars.steamstatic.com/",
        "http://127.0.0.1:1/a.png",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://avatars.steamstatic.com:99999/",
        "//avatars.steamstatic.com/a.png",
        "",
    ],
)
async def test_a_picture_elsewhere_is_never_asked_for(address):
    assert not may_fetch(address, "https://api.steampowered.com")


def test_pictures_of_valves_hosts_are_asked_for():
    for host in ("avatars.steamstatic.com", "steamcdn-a.akamaihd.net"):
        assert may_fetch(f"https://{host}/x_full.jpg", "https://api.steampowered.com")
    assert may_fetch("http://127.0.0.1:5/a.png", "http://127.0.0.1:5")
    assert not may_fetch("http://127.0.0.1:6/a.png", "http://127.0.0.1:5")


async def test_a_foreign_host_is_refused_and_not_called(fetching, steam):
    other = World()
    elsewhere = await serve(application(other))
    steam.meet(Profile(steam_id=ME, picture=f"{elsewhere.base_url}/avatars/{ME}.png"))
    row = await ask(fetching(), await linked())
    await elsewhere.stop()
    assert (row["avatar"], bool(row["error"])) == (None, True)
    assert other.calls.total() == 0


async def test_failures_are_tried_again_ever_more_rarely_and_at_most_eight_times(fetching, steam):
    steam.meet(Profile(steam_id=ME))
    viewer, profiles = await linked(), fetching()
    steam.fault("null")
    row = await ask(profiles, viewer)
    assert (row["tries"], bool(row["error"])) == (1, True)
    assert await profiles.due(now=row["tried_at"] + timedelta(minutes=59)) == []
    now, tries = row["tried_at"], []
    for hour in range(1, 200):
        at = now + timedelta(hours=hour)
        for account in await profiles.due(now=at):
            # The breaker has opened meanwhile; here nobody waits for it to close.
            await fetching.redis.flushdb()
            await profiles.fetch(account, now=at)
            tries.append(hour)
    assert tries[:4] == [1, 3, 7, 15]
    assert len(tries) == MOST_TRIES - 1
    steam.heal()
    await fetching.redis.flushdb()
    await ask(profiles, viewer)
    row = await profile_of(viewer)
    assert (row["tries"], row["error"], row["name"]) == (0, None, "somebody")
    assert await profiles.due(now=now + timedelta(days=30)) == []


async def test_a_rest_that_steam_is_given_is_no_try(fetching, steam):
    steam.meet(Profile(steam_id=ME))
    viewer, profiles = await linked(), fetching()
    steam.fault("limit")
    row = await ask(profiles, viewer)
    assert (row["tries"], bool(row["error"])) == (0, True)
    calls = steam.calls.total()
    row = await ask(profiles, viewer)
    assert (row["tries"], steam.calls.total()) == (0, calls)
    assert await profiles.due(now=clock.now() + timedelta(hours=1)) == [viewer.account]


async def test_a_job_that_was_lost_is_made_up_for(fetching, steam):
    steam.meet(Profile(steam_id=ME))
    viewer, profiles = await linked(), fetching()

    async def lose(_):
        pass

    await profiles.asked([{"account": viewer.account}], lose, now=clock.now())
    assert await profiles.due(now=clock.now()) == [viewer.account]


async def test_who_unlinks_while_steam_is_asked_leaves_nothing(fetching, steam, monkeypatch):
    steam.meet(Profile(steam_id=ME))
    viewer, profiles = await linked(), fetching()
    copy = Profiles._copy

    async def unlink_meanwhile(self, url, *, now):
        await Account.update({Account.steam_id: YOU}).where(Account.id == viewer.account)
        return await copy(self, url, now=now)

    monkeypatch.setattr(Profiles, "_copy", unlink_meanwhile)
    row = await ask(profiles, viewer)
    assert (row["name"], row["fetched_at"]) == ("", None)


async def test_pictures_nobody_has_any_more_are_forgotten(fetching, steam):
    steam.meet(Profile(steam_id=ME))
    steam.meet(Profile(steam_id=YOU))
    viewer, other, profiles = await linked(), await linked("dana", YOU), fetching()
    row = await ask(profiles, viewer)
    kept = (await ask(profiles, other))["avatar"]
    later = clock.now() + timedelta(hours=1)
    await forget_unused_pictures(now=later)
    assert await Image.count() == 2
    await SteamProfile.delete().where(SteamProfile.id == row["id"])
    await forget_unused_pictures(now=clock.now())
    assert await Image.count() == 2
    await forget_unused_pictures(now=later)
    assert [each["digest"] for each in await Image.select(Image.digest)] == [kept]


class Faceit:
    def __init__(self, found=None, error=None):
        self.found, self.error, self.asked_for = found, error, []

    async def player_by_steam_id(self, steam_id):
        self.asked_for.append(steam_id)
        if self.error:
            raise self.error
        return self.found


async def test_the_faceit_player_with_the_same_steam_id_is_noted(fetching, steam):
    steam.meet(Profile(steam_id=ME))
    viewer = await linked()
    known = Faceit(SimpleNamespace(player_id="aaaa-bbbb", nickname="aibek_kz"))
    row = await ask(fetching(faceit=known), viewer)
    assert (row["faceit_id"], row["faceit_name"]) == ("aaaa-bbbb", "aibek_kz")
    assert known.asked_for == [ME]
    # FACEIT away: what it said stays, and Steam's word is taken.
    row = await ask(fetching(faceit=Faceit(error=Broken("500"))), viewer)
    assert (row["faceit_name"], row["error"]) == ("aibek_kz", None)
    assert (await ask(fetching(faceit=Faceit()), viewer))["faceit_name"] is None


async def test_without_a_key_nobody_is_asked(db, settings, steam):
    async with httpx.AsyncClient() as http:
        profiles = Profiles(db, http, settings, {})
        viewer = await linked()
        assert await ask(profiles, viewer) is None
        assert await profiles.due(now=clock.now()) == []


def _png(colour):
    made = BytesIO()
    Picture.new("RGB", (64, 64), colour).save(made, "PNG")
    return made.getvalue()
