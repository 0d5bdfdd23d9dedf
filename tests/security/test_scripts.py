"""Whatever is typed, in whichever field, stays text: on forms, pages, and in pushes."""

import pytest

from tests.factories import cup_data, typed
from tests.security.test_access import forms_of, pages_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TAG = "<img id=pwned src=x onerror=alert(1)>"
HOSTILE = f"{TAG}\"'></textarea><script>alert(1)</script>{{{{7*7}}}}{{x.__class__}}%(x)s"
FIELDS = [
    "email",
    "nickname",
    "password",
    "old_password",
    "new_password",
    "language",
    "next",
    "name",
    "tag",
    "game",
    "languages",
    "about",
    "role",
    "players",
    "clan",
    "entrant",
    "score_a",
    "score_b",
    "game_id",
    "kind",
    "reason",
    "seen",
    "back",
    "move",
    "size_limit",
    "format",
    "best_of",
    "final_best_of",
    "starts_at",
    "timezone",
    "league_id",
    "tie_1",
    "report",
    "stage",
]


def is_quiet(text: str) -> bool:
    return "<img id=pwned" not in text and "<script>alert" not in text


VISITORS = ("organiser", "captain", "stranger")


async def test_every_form_gives_back_text(world):
    players = world.clans[1].players
    steam = {f"steam_{player}": HOSTILE for player in players}
    fields = dict.fromkeys(FIELDS, HOSTILE) | steam | {"players": players}
    for path in {each.path: None for each in forms_of(world) if each.route != "/sign-out"}:
        for who in VISITORS:
            answer = await world.visitors[who].post(path, **fields)
            assert answer.status_code < 500, path
            assert is_quiet(answer.text), path


async def test_what_is_kept_is_shown_as_text(world):
    clan = {"name": "Clan One", "tag": "ONE", "game": "dota2", "languages": "kk"}
    kept = [
        ("captain", "/clans/clan-1/edit", clan),
        (
            "organiser",
            f"/tournaments/{world.slug('closed')}/edit",
            typed(cup_data(size_limit="4")),
        ),
        ("organiser", f"/matches/{world['running U1.1']}/rule", {"kind": "walkover_a"}),
    ]
    for who, path, fields in kept:
        answer = await world.visitors[who].post(
            path, **(fields | {"about": HOSTILE, "reason": HOSTILE})
        )
        assert answer.status_code == 303, path
    shown = 0
    for who in VISITORS:
        for path in {each.path: None for each in pages_of(world)}:
            text = (await world.visitors[who].get(path)).text
            assert is_quiet(text), path
            shown += text.count("&lt;img id=pwned")
    # The three texts are there to be read, so the search above was not for nothing.
    assert shown >= 3


@pytest.mark.parametrize(
    "address", ["/clans?q={}", "/sign-in?next=/{}", "/sign-up?next=/{}", "/tournaments?state={}"]
)
async def test_what_an_address_says_is_text_too(site, address):
    assert is_quiet((await site.stranger().get(address.format(HOSTILE))).text)
