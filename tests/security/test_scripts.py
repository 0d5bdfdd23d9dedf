"""Whatever is typed, in whichever field, stays text: on forms, pages, and in pushes."""

from collections import defaultdict

import pytest

from tests.factories import another_cup, cup, cup_data, typed
from tests.security.test_access import PAGES, POSTS
from tournaments.tables import Tournament

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


@pytest.fixture
async def people(site):
    """The organiser, a captain and a stranger of a cup that is being played."""
    made = await cup(site.db, 4)
    # What has no name here is the first of its kind.
    names = defaultdict(lambda: 1) | {
        "clan": "clan-1",
        "cup": made.slug,
        "match": (await made.match("U1.1"))["id"],
        "entrant": (await made.match("U1.1"))["entrant_a"],
        "player": made.clans[0].players[1],
        "notice": 1,
        "token": "none",
        "language": "en",
        "game": "dota2",
    }
    organiser = await site.signed_in(made.organiser)
    captain = await site.signed_in(made.clans[0].captain)
    return made, names, [organiser, captain, site.stranger()]


async def test_every_form_gives_back_text(people):
    made, names, visitors = people
    steam = {f"steam_{player}": HOSTILE for player in made.clans[0].players}
    fields = dict.fromkeys(FIELDS, HOSTILE) | steam | {"players": made.clans[0].players}
    for path in POSTS:
        if path != "/sign-out":
            for visitor in visitors:
                answer = await visitor.post(path.format_map(names), **fields)
                assert answer.status_code < 500, path
                assert is_quiet(answer.text), path


async def test_what_is_kept_is_shown_as_text(site, people):
    made, names, visitors = people
    organiser, captain, _ = visitors
    another = await another_cup(site.db, made)
    await Tournament.update({Tournament.state: "closed"}).where(Tournament.id == another.id)
    match = names["match"]
    kept = [
        (
            captain,
            "/clans/clan-1/edit",
            {"name": "Clan One", "tag": "ONE", "game": "dota2", "languages": "kk"},
        ),
        (organiser, f"/tournaments/{another.slug}/edit", typed(cup_data(size_limit="4"))),
        (organiser, f"/matches/{match}/rule", {"kind": "walkover_a"}),
    ]
    for visitor, path, fields in kept:
        answer = await visitor.post(path, **(fields | {"about": HOSTILE, "reason": HOSTILE}))
        assert answer.status_code == 303, path
    pages = [*PAGES, f"/tournaments/{another.slug}", f"/tournaments/{another.slug}/edit"]
    shown = 0
    for visitor in visitors:
        for page in pages:
            text = (await visitor.get(page.format_map(names))).text
            assert is_quiet(text), page
            shown += text.count("&lt;img id=pwned")
    # The three texts are there to be read, so the search above was not for nothing.
    assert shown >= 3


@pytest.mark.parametrize(
    "address", ["/clans?q={}", "/sign-in?next=/{}", "/sign-up?next=/{}", "/tournaments?state={}"]
)
async def test_what_an_address_says_is_text_too(site, address):
    assert is_quiet((await site.stranger().get(address.format(HOSTILE))).text)
