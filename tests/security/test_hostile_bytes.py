"""Bytes and numbers no database row can hold are answered, never a 500."""

import base64
import json

import pytest
import redis.asyncio

from app.kernel.live import feed
from app.kernel.live.hub import Hub
from tests.factories import clan, cup, person
from tournaments.rulings import LONGEST_REASON

HUGE = 99_999_999_999


async def test_numbers_and_letters_outside_of_any_column(site):
    made = await cup(site.db, 2)
    organiser = await site.signed_in(made.organiser)
    paths = [
        f"/matches/{HUGE}",
        f"/matches/{HUGE}/rule",
        f"/live/matches/{HUGE}",
        f"/live/tournaments/{HUGE}",
        "/clans/%00",
        "/tournaments/%00",
        "/join/%00",
        "/clans/%ff%fe",
        f"/tournaments/{made.slug}?round={HUGE}&part={HUGE}",
        "/clans?q=%00%ff&page=99999",
    ]
    for path in paths:
        assert (await organiser.get(path)).status_code in (200, 404), path
    for path in (f"/matches/{HUGE}/report", f"/notices/{HUGE}/settle"):
        assert (await organiser.post(path, score_a="1", score_b="0")).status_code == 404


async def test_nul_in_every_field(site):
    made = await cup(site.db, 2)
    organiser = await site.signed_in(made.organiser)
    match = (await made.match("U1.1"))["id"]
    ruled = await organiser.post(
        f"/matches/{match}/rule", kind="walkover_a", reason="no\0body", seen="\0"
    )
    assert ruled.status_code == 303
    stranger = site.stranger()
    fields = {
        "email": "a\0@example.com",
        "nickname": "nul\0",
        "password": "seven wild horses",
        "language": "en",
    }
    assert (await stranger.post("/sign-up", **fields)).status_code in (303, 422)


async def test_a_reason_keeps_its_limits(site):
    made = await cup(site.db, 2)
    organiser = await site.signed_in(made.organiser)
    match = (await made.match("U1.1"))["id"]
    for reason in ("", "x" * (LONGEST_REASON + 1), "\u202eevil"):
        answer = await organiser.post(f"/matches/{match}/rule", kind="walkover_a", reason=reason)
        assert answer.status_code == 422
        assert 'id="reason-error"' in answer.text


@pytest.mark.parametrize(
    "flash",
    [["{x.__class__}", {}], ["{x}", {"x": 1}], ["Saved.", {}], "nonsense", [1, 2, 3], [["a"], {}]],
)
async def test_a_forged_flash_says_nothing(site, flash):
    visitor = site.stranger()
    raw = base64.urlsafe_b64encode(json.dumps(flash).encode()).decode()
    visitor.http.cookies.set("flash", raw)
    answer = await visitor.get("/")
    assert answer.status_code == 200
    assert ("Saved." in answer.text) == (flash == ["Saved.", {}])


async def test_scripts_in_texts_stay_text_on_pages_and_in_pushes(site):
    hostile = "<script>alert(1)</script>\r<img src=x onerror=alert(1)>"
    made = await clan(1)
    captain = await site.signed_in(made.captain)
    await captain.post(
        "/clans/clan-1/edit", name="Clan 1", tag="C1", game="dota2", languages="kk", about=hostile
    )
    text = (await site.stranger().get("/clans/clan-1")).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert await person("witness")


async def test_a_line_break_in_a_push_cannot_begin_another_field(site, redis_url):
    sent = []

    class Client:
        connection_pool = redis.asyncio.ConnectionPool()

        async def eval(self, script, keys, epoch, number, new_epoch, channel, *messages):
            sent.extend(messages)

    await feed.send(Client(), feed.LiveMessage("home", {"en": "a\r\nevent: resync\rb\u2028c\nd"}))
    hub = Hub()
    import msgspec

    message = msgspec.msgpack.decode(sent[0], type=feed.LiveMessage)
    hub.begin("e", 1)
    hub.publish("home", 2, message.html)
    stream = hub.stream("home:en", "e-1")
    await anext(stream)
    data = (await anext(stream)).decode()
    await stream.aclose()
    assert data.count("\n") == 3
    assert "\r" not in data
