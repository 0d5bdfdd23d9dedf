"""The line for a game server is its organiser's alone, and shown once."""

import pytest

from tests.factories import cup, person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_server_test_is_its_organisers_alone(site):
    made = await cup(site.db, 2, game="cs2")
    other = await site.signed_in(await person("other", organiser=True))
    mine = await site.signed_in(made.organiser)
    captain = await site.signed_in(made.clans[0].captain)
    test, test_secret = await made.link()
    match = (await made.match("U1.1"))["id"]
    link, secret = await made.link(match)
    secrets = [test_secret, secret]
    page = f"/tournaments/{made.slug}/test-server"
    for who, codes in (
        (site.stranger(), (303, 303, 303)),
        (captain, (403, 403, 403)),
        (other, (403, 403, 403)),
    ):
        assert (await who.get(page)).status_code == codes[0]
        assert (await who.get(f"/live/server-tests/{test['id']}")).status_code == codes[1]
        for address in (page, f"/matches/{match}/server-line", f"/server-links/{link['id']}/renew"):
            assert (await who.post(address)).status_code == codes[2]
            assert "once" not in who.http.cookies
        shown = (await who.get(f"/matches/{match}")).text
        assert not [each for each in (*secrets, "matchzy_loadmatch_url") if each in shown]
    for address, shown_at in (
        (page, page),
        (f"/matches/{match}/server-line", f"/matches/{match}"),
        (f"/server-links/{link['id']}/renew", f"/matches/{match}"),
    ):
        assert "matchzy_loadmatch_url" not in (await mine.get(shown_at)).text
        assert (await mine.post(address)).headers["location"].startswith(shown_at)
        # Another page does not use it up, and a second look finds nothing.
        assert "matchzy_loadmatch_url" not in (await mine.get("/desk")).text
        assert "matchzy_loadmatch_url" in (await mine.get(shown_at)).text
        text = (await mine.get(shown_at)).text
        assert "matchzy_loadmatch_url" not in text
        assert "and shown only then" in text
    # A match's own link has no test page to stream.
    assert (await mine.get(f"/live/server-tests/{link['id']}")).status_code == 404
